import Playback
import Testing

private let second: UInt64 = 1_000_000_000

@Suite("Pace, on a clock that the test turns")
struct PaceTests {
  private func pace(_ speed: Double = 1, limit: Double? = nil) -> Pace {
    Pace(speed: speed, idleLimitMilliseconds: limit, isRunning: true, now: 10 * second)
  }

  @Test("an event is due as long after the start as it was recorded, divided by the speed")
  func speed() {
    #expect(pace().due(3000) == 13 * second)
    #expect(pace(2).due(3000) == 11 * second + second / 2)
    #expect(pace(0.5).due(3000) == 16 * second)
    #expect(pace(0).due(3000) == nil)
  }

  @Test("nothing is due while paused, and time goes on from where it stopped")
  func pause() {
    var pace = pace()
    pace.setRunning(false, now: 11 * second)
    #expect(pace.due(3000) == nil)
    #expect(pace.position(at: 50 * second) == 1000)
    pace.setRunning(true, now: 100 * second)
    #expect(pace.due(3000) == 102 * second)
  }

  @Test("a change of speed counts from then on, and stays between 1/16 and 16")
  func change() {
    var pace = pace()
    pace.changeSpeed(by: 2, now: 11 * second)
    #expect(pace.due(3000) == 12 * second)
    for _ in 0..<9 { pace.changeSpeed(by: 2, now: 11 * second) }
    #expect(pace.speed == 16)
    for _ in 0..<20 { pace.changeSpeed(by: 0.5, now: 11 * second) }
    #expect(pace.speed == 1.0 / 16)
    pace.changeSpeed(by: nil, now: 11 * second)
    #expect(pace.speed == 1)
  }

  @Test("idle time is waited for up to its limit, counted from the last event")
  func idle() {
    var pace = pace(1, limit: 2000)
    #expect(pace.due(1000) == 11 * second)
    #expect(pace.due(60_000) == 12 * second)
    pace.reached(60_000, due: 12 * second, now: 12 * second)
    #expect(pace.due(60_500) == 12 * second + second / 2)
    pace.setIdleLimit(milliseconds: nil, now: 12 * second)
    #expect(pace.due(70_000) == 22 * second)
  }

  @Test("delays do not add up, unless the player was held up")
  func late() {
    var pace = pace()
    pace.reached(1000, due: 11 * second, now: 11 * second + 5_000_000)
    #expect(pace.due(2000) == 12 * second)
    pace.reached(2000, due: 12 * second, now: 40 * second)
    #expect(pace.due(3000) == 41 * second - 100_000_000)
  }
}
