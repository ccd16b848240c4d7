/// How much may be logged: a leaky bucket for the bytes of messages, as `limit.rate`, `limit.burst` and `limit.action` have
/// it. It has no clock; times are passed in.
///
/// The bucket holds `rate + burst` bytes and loses `rate` bytes a second. A message is logged when it fits into what is free.
package struct RateLimit {
  /// What to do with a message now.
  package enum Decision: Equatable {
    /// Log it; it has been counted.
    case pass
    /// Leave it out. Its id is used up, so that the recording shows the gap.
    case drop
    /// Ask again at that time, on the clock of `now`; nothing has been counted.
    case wait(untilNanoseconds: UInt64)
  }

  private let action: LimitAction
  /// Bytes a second, and so billionth parts of bytes a nanosecond.
  private let rate: UInt64
  // In billionth parts of bytes, so that nothing is rounded: 2 × 2³¹ × 10⁹ is within 63 bits.
  private let capacity: UInt64
  private var level: UInt64 = 0
  /// When ``level`` was true.
  private var nanoseconds: UInt64 = 0

  package init(_ limit: Settings.Limit) {
    self.init(rate: limit.rate, burst: limit.burst, action: limit.action)
  }

  /// - Parameters:
  ///   - rate: Bytes a second, 0 to ``Settings/numberMax``.
  ///   - burst: Bytes, the same.
  package init(rate: Int, burst: Int, action: LimitAction) {
    self.action = action
    self.rate = Self.bounded(rate)
    capacity = Self.billionths(rate) + Self.billionths(burst)
  }

  /// Decides on the next message.
  ///
  /// One that is larger than the whole bucket would never fit. To `delay` it is to wait until the bucket is empty and then
  /// to overfill it; to `drop` it is to drop it always.
  ///
  /// - Parameters:
  ///   - byteCount: The message's, with its LF.
  ///   - now: Nanoseconds of a clock that does not go back; one that does is taken to stand still.
  package mutating func decide(byteCount: Int, now: UInt64) -> Decision {
    if action == .pass { return .pass }
    drain(until: now)
    let size = Self.billionths(byteCount)
    if level + size <= capacity || (action == .delay && level == 0) {
      level += size
      return .pass
    }
    return action == .drop ? .drop : wait(toLose: size > capacity ? level : level + size - capacity)
  }

  /// - Parameter excess: What must leave the bucket first. With a rate of 0, which no configuration can have here, it never
  ///   does.
  private func wait(toLose excess: UInt64) -> Decision {
    if rate == 0 { return .wait(untilNanoseconds: .max) }
    let (end, overflow) = nanoseconds.addingReportingOverflow((excess + rate - 1) / rate)
    return .wait(untilNanoseconds: overflow ? .max : end)
  }

  private mutating func drain(until now: UInt64) {
    guard now > nanoseconds else { return }
    let (lost, overflow) = rate.multipliedReportingOverflow(by: now - nanoseconds)
    level = overflow || lost >= level ? 0 : level - lost
    nanoseconds = now
  }

  private static func bounded(_ byteCount: Int) -> UInt64 { UInt64(min(max(byteCount, 0), Settings.numberMax)) }

  private static func billionths(_ byteCount: Int) -> UInt64 { bounded(byteCount) * 1_000_000_000 }
}
