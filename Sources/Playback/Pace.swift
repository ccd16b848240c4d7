/// How the time of a recording runs beside the clock.
package struct Pace: Sendable {
  /// What keys can set.
  package static let speedMin = 1.0 / 16
  package static let speedMax = 16.0
  /// How much of a delay is caught up with after something held the player up.
  private static let lateNanosecondsMax: UInt64 = 100_000_000

  package private(set) var speed: Double
  /// How long to wait at most where nothing was recorded; nil: as long as it was.
  package private(set) var idleLimitMilliseconds: Double?
  package private(set) var isRunning: Bool
  /// Milliseconds of the recording at ``anchor``.
  private var position = 0.0
  /// Nanoseconds of the clock.
  private var anchor: UInt64
  /// Milliseconds of the recording at the last event.
  private var last = 0.0

  package init(speed: Double, idleLimitMilliseconds: Double?, isRunning: Bool, now: UInt64) {
    self.speed = speed
    self.idleLimitMilliseconds = idleLimitMilliseconds
    self.isRunning = isRunning
    anchor = now
  }

  /// Where in the recording it is now, in milliseconds, if no event is late.
  package func position(at now: UInt64) -> Double {
    guard isRunning, now > anchor else { return position }
    return position + Double(now - anchor) / 1_000_000 * speed
  }

  /// When an event that comes next is due, in nanoseconds of the clock; nil: not by itself.
  package func due(_ milliseconds: UInt64) -> UInt64? {
    guard isRunning else { return nil }
    var wait = Double(milliseconds) - position
    if let limit = idleLimitMilliseconds { wait = min(wait, limit - (position - last)) }
    guard wait > 0 else { return anchor }
    guard speed > 0 else { return nil }
    let nanoseconds = wait / speed * 1_000_000
    // Some centuries: what no clock reaches.
    return nanoseconds < 9e18 ? anchor + UInt64(nanoseconds) : nil
  }

  /// An event that was due then has been shown.
  package mutating func reached(_ milliseconds: UInt64, due: UInt64, now: UInt64) {
    position = Double(milliseconds)
    last = position
    anchor = max(due, now - min(now, Self.lateNanosecondsMax))
  }

  /// The head went somewhere.
  package mutating func jump(to milliseconds: UInt64, now: UInt64) {
    position = Double(milliseconds)
    last = position
    anchor = now
  }

  package mutating func setRunning(_ runs: Bool, now: UInt64) {
    position = position(at: now)
    anchor = now
    isRunning = runs
  }

  /// - Parameter factor: nil for the speed it was recorded at.
  package mutating func changeSpeed(by factor: Double?, now: UInt64) {
    position = position(at: now)
    anchor = now
    speed = factor.map { min(max(speed * $0, Self.speedMin), Self.speedMax) } ?? 1
  }

  package mutating func setIdleLimit(milliseconds: Double?, now: UInt64) {
    position = position(at: now)
    anchor = now
    idleLimitMilliseconds = milliseconds
  }
}
