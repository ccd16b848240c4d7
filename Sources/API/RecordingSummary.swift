/// A recording as lists show it. Strings are the host's words: show them with control characters made visible.
package struct RecordingSummary: Codable, Equatable, Sendable {
  package enum State: String, Codable, Sendable, CaseIterable {
    /// More may come.
    case live
    /// It has an `end` message.
    case complete
    /// Nobody knows how it ended.
    case abandoned
  }

  /// First 16 characters of base32(SHA-256(host, 0, rec)), lower case.
  package var id: String
  package var rec: String
  package var host: String
  package var user: String
  /// RFC 3339, UTC, milliseconds.
  package var start: String
  /// Of the last event held; RFC 3339.
  package var end: String
  package var durationMilliseconds: UInt64
  package var state: State
  /// Of its lines, each with its LF.
  package var bytes: UInt64
  /// Number of its last message.
  package var messages: UInt64
  package var trust: String
  package var term: String
  package var tty: String
  package var cmd: String
  /// How it ended: `why` of its end message; nil without one.
  package var why: String?
  package var exit: Int?
  package var signal: Int?
  /// The terminal's size at the start; 0 when it was not recorded.
  package var columns: UInt16
  package var rows: UInt16
  /// How often something is missing.
  package var gaps: Int
  /// Whether what was typed is in it.
  package var hasInput: Bool

  private enum CodingKeys: String, CodingKey {
    case id, rec, host, user, start, end
    case durationMilliseconds = "duration_ms"
    case state, bytes, messages, trust, term, tty, cmd, why, exit, signal, columns, rows, gaps
    case hasInput = "has_input"
  }

  package init(
    id: String, rec: String, host: String, user: String, start: String, end: String, durationMilliseconds: UInt64,
    state: State, bytes: UInt64, messages: UInt64, trust: String, term: String, tty: String, cmd: String, why: String?,
    exit: Int?, signal: Int?, columns: UInt16, rows: UInt16, gaps: Int, hasInput: Bool
  ) {
    self.id = id
    self.rec = rec
    self.host = host
    self.user = user
    self.start = start
    self.end = end
    self.durationMilliseconds = durationMilliseconds
    self.state = state
    self.bytes = bytes
    self.messages = messages
    self.trust = trust
    self.term = term
    self.tty = tty
    self.cmd = cmd
    self.why = why
    self.exit = exit
    self.signal = signal
    self.columns = columns
    self.rows = rows
    self.gaps = gaps
    self.hasInput = hasInput
  }
}

/// One page of `GET /v1/recordings`.
package struct RecordingPage: Codable, Sendable {
  package var recordings: [RecordingSummary]
  /// What to give as `after` for the next page; nil at the end.
  package var next: String?

  /// DESIGN §10.
  package static let countMax = 500

  package init(recordings: [RecordingSummary], next: String?) {
    self.recordings = recordings
    self.next = next
  }
}

/// A host as `GET /v1/hosts` gives it.
package struct HostSummary: Codable, Sendable {
  package var name: String
  /// `enrolled` or `revoked`.
  package var state: String
  package var enrolled: String
  /// When its last batch came; nil before the first.
  package var seen: String?
  package var live: Int

  package init(name: String, state: String, enrolled: String, seen: String?, live: Int) {
    self.name = name
    self.state = state
    self.enrolled = enrolled
    self.seen = seen
    self.live = live
  }
}
