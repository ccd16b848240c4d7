import Events
import TestSupport

/// A recording that no recorder made: written message by message, so that times and texts are known.
final class MadeLog: Sendable {
  let scratch: ScratchDirectory
  var path: String { scratch.file("log") }

  /// Who and what the messages say was recorded.
  struct Header: Sendable {
    var recording = "r"
    var user = "u"
    var host = "h"
    var terminal = "xterm"
    var window = "80x24"
  }

  /// What one message holds.
  struct Part: Sendable {
    var milliseconds: Int
    var output = ""
    var input = ""
  }

  /// - Parameter outputs: One message each; the first has the window before it.
  convenience init(_ outputs: [(milliseconds: Int, output: String)], header: Header = Header()) throws {
    try self.init(parts: outputs.map { Part(milliseconds: $0.milliseconds, output: $0.output) }, header: header)
  }

  init(parts: [Part], header: Header = Header()) throws {
    scratch = try ScratchDirectory()
    try scratch.write("log", parts.indices.map { Self.line($0, parts[$0], header) }.joined())
  }

  private static func line(_ place: Int, _ part: Part, _ header: Header) -> String {
    let window = place == 0 ? "=\(header.window)" : ""
    let input = part.input.isEmpty ? "" : "<\(part.input.unicodeScalars.count)"
    let output = part.output.isEmpty ? "" : ">\(part.output.unicodeScalars.count)"
    // The wall clock begins at 2023-11-14 22:13:20 UTC.
    let second = 1_700_000_000 + part.milliseconds / 1000
    return """
      {"ver":"2.3","host":\(quoted(header.host)),"rec":\(quoted(header.recording)),"user":\(quoted(header.user)),\
      "term":\(quoted(header.terminal)),"session":1,"id":\(place + 1),"pos":\(part.milliseconds),"time":\(second).000,\
      "timing":"\(window)\(input)\(output)","in_txt":\(quoted(part.input)),"in_bin":[],\
      "out_txt":\(quoted(part.output)),"out_bin":[]}

      """
  }

  private static func quoted(_ text: String) -> String {
    var builder = ByteBuilder(capacity: text.utf8.count + 2)
    builder.append(jsonString: Array(text.utf8))
    return String(decoding: builder.bytes, as: UTF8.self)
  }
}
