import API
import Events
import Foundation
import Playback
import Screen

/// `text` with everything that could act on a terminal shown as `\u{…}`: a host's words never steer one (THREATS 20).
func visible(_ text: String) -> String {
  var bytes = ByteBuilder(capacity: 64)
  bytes.append(visible: Array(text.utf8))
  return String(decoding: bytes.array, as: UTF8.self)
}

/// Columns two blanks apart, as wide as their widest word.
func aligned(_ rows: [[String]]) -> String {
  guard let first = rows.first else { return "" }
  let widths = first.indices.map { column in rows.map { columnCount(of: Array($0[column].utf8)) }.max() ?? 0 }
  return rows.map { row in
    let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - columnCount(of: Array($0.utf8))) }
    return cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces) + "\n"
  }.joined()
}

/// A time of the API as the viewer's zone has it, with its offset.
func shownTime(_ text: String, isUTC: Bool) -> String {
  guard let milliseconds = milliseconds(timestamp: text), !isUTC else { return text }
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.dateFormat = "yyyy-MM-dd HH:mm:ssxxx"
  return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
}

/// `1:02:03`, or `2:03`, as everywhere.
func shownDuration(_ milliseconds: UInt64) -> String {
  var text = ByteBuilder(capacity: 16)
  text.append(duration: milliseconds)
  return String(decoding: text.array, as: UTF8.self)
}

/// What is to be said of a host's clock: nothing, where it is as far as the centre's.
func shownSkew(_ milliseconds: Int64) -> String {
  if milliseconds.magnitude <= UInt64(RecordingSummary.clockToleranceMilliseconds) { return "" }
  let duration = shownDuration(milliseconds.magnitude)
  return milliseconds > 0 ? "\(duration) ahead of the centre's" : "\(duration) behind the centre's"
}

/// JSON for scripts, with an LF at its end.
func encoded(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return [UInt8](try encoder.encode(value)) + [UInt8(ascii: "\n")]
}

/// `text` so that it can stand in a query or a path: all but letters, digits, `-`, `_`, `.` as `%XX`.
func percentEncoded(_ text: String) -> String {
  let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
  return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
}
