import API
import Archive
import Events
import Foundation
import Identity
import Intake

/// Messages of a recording as an agent would send them, one after the other.
struct MadeRecording {
  enum Event {
    case output(String)
    case input(String)
    case window(Int, Int)
  }

  let host: String
  let rec: String
  /// All that were made, without LF.
  private(set) var lines: [[UInt8]] = []
  private(set) var hashes: [String] = []
  private(set) var isEnded = false
  /// As `timing` has it. Each message of events restates it, once there is one.
  private var window = ""
  private var offset = 0
  private var lastMilliseconds: UInt64 = 0
  private var sentCount = 0

  init(host: String = "h1", rec: String = "r-1") {
    self.host = host
    self.rec = rec
  }

  var id: RecordingID { RecordingID(host: Array(host.utf8), rec: Array(rec.utf8)) }
  var messageCount: Int { lines.count }

  /// The next message, with its LF. `text` needs no escaping.
  mutating func next(_ text: String) -> [UInt8] {
    append(
      #""timing":">\#(text.count)","in_txt":"","in_bin":[],"out_txt":"\#(text)","out_bin":[]"#,
      at: lastMilliseconds + 1)
  }

  mutating func end() -> [UInt8] {
    isEnded = true
    return append(
      #""timing":"","in_txt":"","in_bin":[],"out_txt":"","out_bin":[],"kind":"end""#, at: lastMilliseconds,
      trailer: #","exit":0,"why":"exit","in_bytes":0,"out_bytes":0"#)
  }

  mutating func gap(why: String, byteCount: Int) {
    _ = append(
      #""timing":"","in_txt":"","in_bin":[],"out_txt":"","out_bin":[],"kind":"gap""#, at: lastMilliseconds,
      trailer: #","lost":{"from":0,"to":0,"bytes":\#(byteCount),"why":"\#(why)"}"#)
  }

  private mutating func append(_ data: String, at milliseconds: UInt64, trailer: String = "") -> [UInt8] {
    let number = lines.count + 1
    lastMilliseconds = max(lastMilliseconds, milliseconds)
    offset += 10 + data.utf8.count
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    let line = Array(
      (#"{"ver":"2.4","host":"\#(host)","rec":"\#(rec)","user":"ada","term":"xterm","session":1,"id":\#(number),"#
        + #""pos":\#(milliseconds),"time":\#(1_700_000_000 + milliseconds / 1000).\#(fraction),"# + data
        + #","prev":"\#(hashes.last ?? "")","off":\#(offset)"# + trailer + "}").utf8)
    lines.append(line)
    hashes.append(line.withUnsafeBufferPointer { linkHash(of: $0) })
    return line + [UInt8(ascii: "\n")]
  }

  // MARK: - Events

  /// Adds a message of events, each with its time in milliseconds from the start; none: an `end`.
  mutating func add(_ events: [(UInt64, Event)]) throws {
    guard let start = events.first?.0 else {
      _ = end()
      return
    }
    var (timing, output, input) = (window, "", "")
    var time = start
    for (at, event) in events {
      if at > time { timing += "+\(at - time)" }
      time = at
      switch event {
      case .output(let text):
        timing += ">\(text.unicodeScalars.count)"
        output += text
      case .input(let text):
        timing += "<\(text.unicodeScalars.count)"
        input += text
      case .window(let columns, let rows):
        window = "=\(columns)x\(rows)"
        timing += window
      }
    }
    _ = append(
      #""timing":"\#(timing)","in_txt":\#(try json(input)),"in_bin":[],"out_txt":\#(try json(output)),"out_bin":[]"#,
      at: start)
    lastMilliseconds = time
  }

  private func json(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
  }

  /// Hands the archive what was made since the last time.
  ///
  /// - Parameters:
  ///   - now: When it comes, milliseconds since the Epoch.
  ///   - sentMilliseconds: The host's clock then.
  mutating func send(to archive: Archive, now: Int64 = 7, sentMilliseconds: UInt64? = nil) async throws {
    let bytes = lines[sentCount...].flatMap { $0 + [UInt8(ascii: "\n")] }
    let batch = try Batch.read(bytes, isCompressed: false, host: host, sentMilliseconds: sentMilliseconds)
    let answers = try await archive.append(batch.submissions, now: now)
    guard answers.map(\.status) == [.held] else { throw CocoaError(.userCancelled) }
    sentCount = lines.count
  }
}
