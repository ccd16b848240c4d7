import Capture
import TestSupport
import Testing

private let second: UInt64 = 1_000_000_000

private func limit(_ rate: Int, _ burst: Int, _ action: LimitAction) -> RateLimit {
  RateLimit(rate: rate, burst: burst, action: action)
}

@Suite struct `The rate limit` {
  @Test func `passes everything when it is to pass`() {
    var limit = limit(1, 0, .pass)
    for _ in 0..<100 { #expect(limit.decide(byteCount: 1 << 20, now: 0) == .pass) }
  }

  @Test func `takes rate and burst at once, and not a byte more`() {
    var limit = limit(100, 50, .drop)
    #expect(limit.decide(byteCount: 150, now: 5) == .pass)
    #expect(limit.decide(byteCount: 1, now: 5) == .drop)
  }

  @Test func `loses its rate each second, to the nanosecond`() {
    var limit = limit(100, 0, .drop)
    #expect(limit.decide(byteCount: 100, now: 0) == .pass)
    // One byte of a hundred a second leaves in 10 ms.
    #expect(limit.decide(byteCount: 1, now: 9_999_999) == .drop)
    #expect(limit.decide(byteCount: 1, now: 10_000_000) == .pass)
    #expect(limit.decide(byteCount: 1, now: 10_000_000) == .drop)
  }

  @Test func `forgets nothing of a byte, however often it is asked`() {
    var asked = limit(3, 0, .drop)
    #expect(asked.decide(byteCount: 3, now: 0) == .pass)
    for now in UInt64(1)..<1000 { #expect(asked.decide(byteCount: 3, now: now * second / 1000) == .drop) }
    #expect(asked.decide(byteCount: 3, now: second) == .pass)
  }

  @Test func `says the first nanosecond at which the message fits`() {
    var limit = limit(7, 4, .delay)
    #expect(limit.decide(byteCount: 11, now: 0) == .pass)
    // 5 bytes at 7 a second: 714 285 714.28… ns.
    #expect(limit.decide(byteCount: 5, now: 100) == .wait(untilNanoseconds: 714_285_715))
    #expect(limit.decide(byteCount: 5, now: 714_285_714) == .wait(untilNanoseconds: 714_285_715))
    #expect(limit.decide(byteCount: 5, now: 714_285_715) == .pass)
  }

  @Test func `counts nothing for a message that is to wait`() {
    var limit = limit(10, 0, .delay)
    #expect(limit.decide(byteCount: 10, now: 0) == .pass)
    for _ in 0..<5 { #expect(limit.decide(byteCount: 10, now: 0) == .wait(untilNanoseconds: second)) }
    #expect(limit.decide(byteCount: 10, now: second) == .pass)
  }

  @Test func `lets a message larger than the bucket wait until that is empty, and the next until there is room again`()
  {
    var limit = limit(10, 10, .delay)
    #expect(limit.decide(byteCount: 5, now: 0) == .pass)
    #expect(limit.decide(byteCount: 100, now: 0) == .wait(untilNanoseconds: second / 2))
    #expect(limit.decide(byteCount: 100, now: second / 2) == .pass)
    // 100 are in, 20 fit: 81 must leave for one more.
    #expect(limit.decide(byteCount: 1, now: second / 2) == .wait(untilNanoseconds: second / 2 + 81 * second / 10))
  }

  @Test func `drops a message larger than the bucket`() {
    var limit = limit(10, 10, .drop)
    #expect(limit.decide(byteCount: 21, now: 0) == .drop)
    #expect(limit.decide(byteCount: 21, now: 1000 * second) == .drop)
    #expect(limit.decide(byteCount: 20, now: 1000 * second) == .pass)
  }

  @Test func `at a rate of nothing passes the burst and then nothing`() {
    var limit = limit(0, 10, .drop)
    #expect(limit.decide(byteCount: 10, now: 0) == .pass)
    #expect(limit.decide(byteCount: 1, now: .max) == .drop)
  }

  @Test func `takes a clock that goes back to stand still`() {
    var limit = limit(10, 0, .drop)
    #expect(limit.decide(byteCount: 10, now: 5 * second) == .pass)
    #expect(limit.decide(byteCount: 10, now: second) == .drop)
    #expect(limit.decide(byteCount: 10, now: 6 * second - 1) == .drop)
    #expect(limit.decide(byteCount: 10, now: 6 * second) == .pass)
  }

  @Test func `survives the largest numbers`() {
    var limit = limit(.max, .max, .delay)
    #expect(limit.decide(byteCount: .max, now: 0) == .pass)
    // Each is taken for 2³¹ - 1, so two fill the bucket.
    for _ in 1...2 { #expect(limit.decide(byteCount: .max, now: .max) == .pass) }
    #expect(limit.decide(byteCount: 1, now: .max) == .wait(untilNanoseconds: .max))
  }

  @Test func `never lets more through in any stretch of time than the bucket and the stretch's rate`() {
    var numbers = SeededNumbers()
    for _ in 0..<20 {
      let rate = 1 + numbers.below(5000)
      let burst = numbers.below(5000)
      var limit = limit(rate, burst, .delay)
      var now: UInt64 = 0
      var passed: [(time: UInt64, byteCount: Int)] = []
      while passed.count < 60 {
        now += UInt64(numbers.below(300_000_000))
        let byteCount = 1 + numbers.below(rate + burst)
        while case .wait(let until) = limit.decide(byteCount: byteCount, now: now) {
          #expect(until > now, "seed \(numbers.seed)")
          now = until
        }
        passed.append((now, byteCount))
      }
      for start in passed.indices {
        var sum = 0
        for end in passed[start...] {
          sum += end.byteCount
          let drained = Double(rate) * Double(end.time - passed[start].time) / 1e9
          #expect(Double(sum) <= Double(rate + burst) + drained + 0.001, "seed \(numbers.seed)")
        }
      }
    }
  }
}
