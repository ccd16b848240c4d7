/// What a recording is, in one word: the same in lists, pages, players, answers and incidents. It is decided here only.
///
/// The words are those of docs/glossary.md. How much is missing, and why, the recording's gaps say; how it ended, its end.
package enum RecordingState: CaseIterable, Sendable {
  /// More may come.
  case live
  /// It came to its end, and nothing is missing.
  case complete
  /// It came to its end, and something is missing.
  case incomplete
  /// Its recorder was killed.
  case killed
  /// Its recorder did not get to the end: it stopped answering, the host went down, or there was no place to record to.
  case interrupted
  /// Nothing says how it ended.
  case abandoned
  /// Bytes that were kept of it are not those that were written.
  case damaged
  /// The same, where the recorded person could do it; or the agent saw it done.
  case tampered

  package var name: StaticString {
    switch self {
    case .live: "live"
    case .complete: "complete"
    case .incomplete: "incomplete"
    case .killed: "killed"
    case .interrupted: "interrupted"
    case .abandoned: "abandoned"
    case .damaged: "damaged"
    case .tampered: "tampered"
    }
  }

  /// What is known of a recording, wherever it lies.
  package struct Facts: Equatable, Sendable {
    /// More may come.
    package var isLive = false
    /// It was made beyond the reach of the recorded person.
    package var isTrusted = false
    /// It has gaps, or messages are missing.
    package var hasGaps = false
    /// One of its gaps is damage.
    package var isDamaged = false
    /// It has an `end`.
    package var hasEnd = false
    /// What its `end` says; nil without one, or for a reason that a later version added.
    package var why: SessionEnd.Why?

    package init() {}
  }

  /// What is worst about a recording is its word; of one that goes on, that it does.
  package init(_ facts: Facts) {
    if facts.isLive {
      self = .live
    } else if facts.why == .tampered || facts.isDamaged && !facts.isTrusted {
      self = .tampered
    } else if facts.isDamaged {
      self = .damaged
    } else if !facts.hasEnd {
      self = .abandoned
    } else {
      switch facts.why {
      case .killed: self = .killed
      case .stalled, .hostDown, .failed: self = .interrupted
      case .exit, .hangup, .ended, .tampered, nil: self = facts.hasGaps ? .incomplete : .complete
      }
    }
  }

  /// Whether the word says that something of the recording is missing or not to be relied on.
  package var isDoubtful: Bool {
    switch self {
    case .incomplete, .damaged, .tampered: true
    case .live, .complete, .killed, .interrupted, .abandoned: false
    }
  }
}

extension Loss {
  /// The `why` of a hole in a spool file.
  package static let damage: StaticString = "damaged"

  /// Bytes that were written are not there, or are others.
  package var isDamage: Bool { why == bytes(Self.damage) }
}
