import API
import Events
import FoundationEssentials
import Options
import Playback
import Screen
import SystemCalls

/// `text` with everything that could act on a terminal shown as `\u{…}`: a host's words never steer one (THREATS 20).
func visible(_ text: String) -> String {
  var bytes = ByteBuilder(capacity: 64)
  bytes.append(visible: Array(text.utf8))
  return String(decoding: bytes.array, as: UTF8.self)
}

/// Columns two blanks apart, as wide as their widest word.
func aligned(_ rows: [[String]]) -> String { aligned(rows, columnWidths(rows)) }

/// How wide each column's widest word is.
func columnWidths(_ rows: [[String]]) -> [Int] {
  guard let first = rows.first else { return [] }
  return first.indices.map { column in rows.map { columnCount(of: Array($0[column].utf8)) }.max() ?? 0 }
}

/// Columns two blanks apart. A word that is wider than its column moves what comes behind it.
func aligned(_ rows: [[String]], _ widths: [Int]) -> String {
  rows.map { row in
    let cells = zip(row, widths).map {
      $0 + String(repeating: " ", count: max(0, $1 - columnCount(of: Array($0.utf8))))
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }.joined()
}

/// A time of the API as the viewer's zone has it, with its offset.
func shownTime(_ text: String, isUTC: Bool) -> String {
  guard let milliseconds = milliseconds(timestamp: text), !isUTC else { return text }
  var shown = ByteBuilder(capacity: 32)
  shown.append(wallClock: UInt64(clamping: milliseconds), isUTC: false)
  return String(decoding: shown.array, as: UTF8.self)
}

/// A time that a person wrote for `option`, as the API has it: the centre's zone may be another.
///
/// - Parameter isEnd: A day is meant to its end.
func givenTime(_ text: String, _ option: String, isEnd: Bool = false, isUTC: Bool) throws -> String {
  do throws(WrittenTime.Problem) {
    let time = try WrittenTime(
      Array(text.utf8), now: Int64(clamping: Clock.wallMilliseconds), zone: isUTC ? .utc : .here,
      meaning: isEnd ? .dayIsOver : .dayBegins)
    return timestamp(milliseconds: time.milliseconds)
  } catch {
    let why = String(decoding: error.text, as: UTF8.self)
    throw CommandFailure(.usage, "\(option) \(visible(text)): \(why)\nhint: \(WrittenTime.accepted)")
  }
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

/// JSON for scripts, and for a terminal, with an LF at its end.
func encoded(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return visibleJSON([UInt8](try encoder.encode(value))) + [UInt8(ascii: "\n")]
}

/// `json` with everything that could act on a terminal as `\uXXXX`.
func visibleJSON(_ json: [UInt8]) -> [UInt8] {
  var bytes = ByteBuilder(capacity: 64)
  bytes.append(visibleJSON: json)
  return bytes.array
}

/// `text` so that it can stand in a query or a path: all but letters, digits, `-`, `_`, `.` as `%XX`.
func percentEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var encoded: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      encoded.append(byte)
    default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}
