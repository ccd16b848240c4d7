package import Events

/// A recording as lists show it. Strings are the host's words: show them with control characters made visible.
package struct RecordingSummary: Codable, Equatable, Sendable {
  /// First 16 characters of base32(SHA-256(host, 0, rec)), lower case.
  package var id: String
  package var rec: String
  package var host: String
  package var user: String
  /// RFC 3339, UTC, milliseconds.
  package var start: String
  /// The host's clock at the last event held; RFC 3339. Clocks are set: it is not the start and the duration.
  package var end: String
  /// To the last event; of a live one to now, or as long as its host was heard of.
  package var durationMilliseconds: UInt64
  package var state: RecordingState
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
  /// Of a live one whose host says nothing: since when; RFC 3339. Its duration is as of then.
  package var silent: String?
  /// How far the host's clock was ahead of the centre's when the last messages were sent; nil where the host did not say.
  package var clockMilliseconds: Int64?

  private enum CodingKeys: String, CodingKey {
    case id, rec, host, user, start, end
    case durationMilliseconds = "duration_ms"
    case state, bytes, messages, trust, term, tty, cmd, why, exit, signal, columns, rows, gaps
    case hasInput = "has_input"
    case silent
    case clockMilliseconds = "clock_ms"
  }

  /// What clocks differ by without anybody minding.
  package static let clockToleranceMilliseconds: Int64 = 2000

  package init(
    id: String, rec: String, host: String, user: String, start: String, end: String, durationMilliseconds: UInt64,
    state: RecordingState, bytes: UInt64, messages: UInt64, trust: String, term: String, tty: String, cmd: String,
    why: String?,
    exit: Int?, signal: Int?, columns: UInt16, rows: UInt16, gaps: Int, hasInput: Bool, silent: String? = nil,
    clockMilliseconds: Int64? = nil
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
    self.silent = silent
    self.clockMilliseconds = clockMilliseconds
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
  /// When its last ledger entry came; nil before the first.
  package var seen: String?
  package var live: Int
  /// How far its clock was ahead of the centre's then.
  package var clockMilliseconds: Int64?

  private enum CodingKeys: String, CodingKey {
    case name, state, enrolled, seen, live
    case clockMilliseconds = "clock_ms"
  }

  package init(
    name: String, state: String, enrolled: String, seen: String?, live: Int, clockMilliseconds: Int64? = nil
  ) {
    self.name = name
    self.state = state
    self.enrolled = enrolled
    self.seen = seen
    self.live = live
    self.clockMilliseconds = clockMilliseconds
  }
}
