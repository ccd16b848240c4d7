import SystemCalls

/// Notices that the host's clock was set. Events are timed by a clock that nobody sets; people read the other.
struct WallClock {
  /// Less than that is a clock being kept right.
  private static let toleranceMilliseconds: Int64 = 1000

  /// The wall clock less elapsed time, when it was last looked at.
  private var difference: Int64

  init() { difference = Self.difference }

  /// What the clock shows, milliseconds since the Epoch, when it was set since the last time; else nil.
  mutating func newTime() -> UInt64? {
    let now = Self.difference
    guard (now &- difference).magnitude > UInt64(Self.toleranceMilliseconds) else { return nil }
    difference = now
    return Clock.wallMilliseconds
  }

  private static var difference: Int64 {
    Int64(truncatingIfNeeded: Clock.wallMilliseconds &- Clock.elapsedNanoseconds / 1_000_000)
  }
}
