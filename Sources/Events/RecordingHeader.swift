/// The last time that RFC 3339 can write, 9999-12-31T23:59:59.999Z, in milliseconds since the Epoch. What is read as a
/// time and lies behind it is none: so sums of times never overflow, whoever wrote them.
package let wallMillisecondsMax: UInt64 = 253_402_300_799_999

/// What is the same in every message of a recording.
package struct RecordingHeader: Sendable {
  /// Fully qualified name of the recorded host, or empty.
  package var host: [UInt8]
  /// Boot id, process and its start time: unique on the host (docs/format.md).
  package var recording: [UInt8]
  package var user: [UInt8]
  /// The terminal type, `TERM`.
  package var terminal: [UInt8]
  /// Audit session id, /proc/self/sessionid; 4294967295 when there is none.
  package var session: UInt32
  /// Wall clock at elapsed time 0, milliseconds since the Epoch.
  package var startMilliseconds: UInt64

  /// No header field is longer than this, so that one of them can never stop a recording.
  package static let fieldByteCountMax = 1024
  /// `TERM` is shorter still: terminfo names have at most 64 bytes or so, and an overlong one made tlog lose everything.
  package static let terminalByteCountMax = 128

  /// Fields that are too long are cut, and end in `…` to show it.
  package init(
    host: [UInt8], recording: [UInt8], user: [UInt8], terminal: [UInt8], session: UInt32, startMilliseconds: UInt64
  ) {
    self.host = bounded(host, to: Self.fieldByteCountMax)
    self.recording = bounded(recording, to: Self.fieldByteCountMax)
    self.user = bounded(user, to: Self.fieldByteCountMax)
    self.terminal = bounded(terminal, to: Self.terminalByteCountMax)
    self.session = session
    self.startMilliseconds = startMilliseconds
  }
}

/// `text`, or as much of it as leaves room for a `…` within `limit` bytes; never half a character.
package func bounded(_ text: [UInt8], to limit: Int) -> [UInt8] {
  guard text.count > limit else { return text }
  var end = limit - 3
  while end > 0, text[end] & 0xc0 == 0x80 { end -= 1 }
  return [UInt8](text[..<end]) + [0xe2, 0x80, 0xa6]
}
