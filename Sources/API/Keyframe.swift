package import FoundationEssentials

/// What a keyframe is asked for: the last one that is not behind a place.
package enum KeyframePlace: Sendable {
  /// Of recorded time.
  case milliseconds(UInt64)
  /// Behind so many events.
  case event(UInt64)
}

/// A screen, and what comes after it (`GET /v1/recordings/ID/keyframe`).
package struct KeyframeAnswer: Codable, Equatable, Sendable {
  /// Number of the message before which it was taken.
  package var seq: UInt64
  /// Of the last event before it.
  package var milliseconds: UInt64
  /// Events before it.
  package var events: UInt64
  /// Bytes of output before it.
  package var output: UInt64
  package var columns: UInt16
  package var rows: UInt16
  /// Terminal output that brings a new screen of that size into this state; base64 in JSON. Not for a terminal as it is.
  package var dump: Data

  private enum CodingKeys: String, CodingKey {
    case seq, events, output, columns, rows, dump
    case milliseconds = "ms"
  }

  package init(
    seq: UInt64, milliseconds: UInt64, events: UInt64, output: UInt64, columns: UInt16, rows: UInt16, dump: Data
  ) {
    self.seq = seq
    self.milliseconds = milliseconds
    self.events = events
    self.output = output
    self.columns = columns
    self.rows = rows
    self.dump = dump
  }
}
