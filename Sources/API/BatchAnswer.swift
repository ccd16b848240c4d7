/// What the centre says about a batch of messages: one answer a recording, in the order in which they came in the batch.
package struct BatchAnswer: Codable, Equatable, Sendable {
  package var answers: [RecordingAnswer]

  package init(answers: [RecordingAnswer]) { self.answers = answers }
}

/// What became of the messages of one recording in a batch.
package struct RecordingAnswer: Codable, Equatable, Sendable {
  package enum Status: String, Codable, Sendable {
    /// All of them are on disk; `head` is the newest.
    case held
    /// None of the new ones was taken: the next must follow `head`, and be cut again from its `off`.
    case conflict
    /// None was taken, and sending them again will not help; `why` says what rule they break.
    case refused
  }

  /// The recording's name on its host, `rec` in its messages.
  package var rec: String
  package var status: Status
  package var head: Head
  package var why: String?
  /// Of one that is refused: after so many seconds the same lines may be taken; nil when they never will.
  package var retryAfterSeconds: Int?

  private enum CodingKeys: String, CodingKey {
    case rec, status, head, why
    case retryAfterSeconds = "retry_after"
  }

  package init(rec: String, status: Status, head: Head, why: String? = nil, retryAfterSeconds: Int? = nil) {
    self.rec = rec
    self.status = status
    self.head = head
    self.why = why
    self.retryAfterSeconds = retryAfterSeconds
  }
}

/// How far a recording is held at the centre.
package struct Head: Codable, Equatable, Sendable {
  /// Number of its last message; 0 when there is none.
  package var seq: UInt64
  /// base64url of SHA-256 over that message's line, without its LF; empty when there is none.
  package var hash: String
  /// `off` of that message: bytes of the spool file that the centre holds.
  package var off: UInt64

  package static let none = Head(seq: 0, hash: "", off: 0)

  package init(seq: UInt64, hash: String, off: UInt64) {
    self.seq = seq
    self.hash = hash
    self.off = off
  }
}

/// Why a request was not done.
package struct Problem: Codable, Error, Equatable, Sendable {
  /// A word for programs, see docs/protocol.md.
  package var error: String
  /// A sentence for people. Nothing that was recorded is in it.
  package var why: String
  /// Line of the batch, from 1, that breaks the rule.
  package var line: Int?

  package init(error: String, why: String, line: Int? = nil) {
    self.error = error
    self.why = why
    self.line = line
  }
}
