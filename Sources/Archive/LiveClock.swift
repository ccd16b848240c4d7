/// How long a live recording has been going on, as far as a centre can know.
///
/// Nothing comes of a session in which nothing happens. What counts then is that its host is heard of: its ledger comes
/// every minute, and names the recordings that have ended.
struct LiveClock: Equatable, Sendable {
  /// A ledger entry, and half of the next one's time, for a host that is busy or far away.
  static let patienceMilliseconds: Int64 = 90_000

  /// To the last event held.
  var heldMilliseconds: Int64
  /// From that event to when it was sent, by the host's clock.
  var lagMilliseconds: Int64
  /// When it came, as all times here: milliseconds since the Epoch, by the centre's clock.
  var received: Int64
  /// When the host was last heard of; nil when it never was.
  var hostSeen: Int64?

  /// - Returns: Milliseconds since the start; and since when the host is silent, nil while it is not.
  func reading(at now: Int64) -> (milliseconds: Int64, silentSince: Int64?) {
    let heard = max(received, hostSeen ?? received)
    let isSilent = now.subtracting(heard) > Self.patienceMilliseconds
    let passed = max(0, (isSilent ? heard : now).subtracting(received))
    return (heldMilliseconds.adding(lagMilliseconds).adding(passed), isSilent ? heard : nil)
  }
}

extension Int64 {
  /// The sum, or the number nearest to it: what hosts say may be anything.
  package func adding(_ other: Int64) -> Int64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the number nearest to it.
  package func subtracting(_ other: Int64) -> Int64 {
    let (difference, isOver) = subtractingReportingOverflow(other)
    return isOver ? (other < 0 ? .max : .min) : difference
  }
}
