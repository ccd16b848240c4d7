package import API

/// What to do with the messages of a submission, given how far the recording is held (THREATS 15).
///
/// A decision only: no database, no clock. The rule: a message is taken when it has the number after the head's and its
/// `prev` is the head's hash; one that is held already must be identical; anything else is a conflict, and then nothing
/// is taken, so that a sender learns one head and cuts again from there.
package enum AppendDecision: Equatable, Sendable {
  /// Lines from this index on are new and follow; it may be their count, when all are held.
  case take(from: Int)
  case conflict
  case refused(Refusal)

  package enum Refusal: String, Sendable {
    case ended = "the recording has ended"
    case offset = "off goes backwards"
    case live = "the host has too many live recordings"

    /// nil where trying again does not help.
    package var retryAfterSeconds: Int? { self == .live ? 60 : nil }
  }

  /// - Parameters:
  ///   - isHeld: Whether the line at this index, which the head has passed, is the one that is kept.
  package init(
    head: Head, isEnded: Bool, lines: [Submission.Line], isHeld: (Int) throws -> Bool
  ) rethrows {
    var place = 0
    while place < lines.count, lines[place].seq <= head.seq {
      guard try isHeld(place) else {
        self = .conflict
        return
      }
      place += 1
    }
    let first = place
    var newest = head
    var hasEnded = isEnded
    var isLate = false
    while place < lines.count {
      let line = lines[place]
      guard line.seq == newest.seq + 1, line.previous == newest.hash else {
        self = .conflict
        return
      }
      guard line.off >= newest.off else {
        self = .refused(.offset)
        return
      }
      isLate = isLate || hasEnded
      hasEnded = hasEnded || line.isEnd
      newest = Head(seq: line.seq, hash: line.hash, off: line.off)
      place += 1
    }
    self = isLate ? .refused(.ended) : .take(from: first)
  }
}
