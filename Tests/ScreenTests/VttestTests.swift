import Foundation
import TestSupport
import Testing

/// The first two menus of vttest, captured by Captures/make: what each screen says should be seen was compared with what is
/// seen, by eye, when the expected screens beside the captures were written.
@Suite struct VttestTests {
  private static let prompt = Array("Push <RETURN>".utf8)

  /// The screens at each prompt, with a line before each.
  private func screens(_ name: String, inPiecesOf size: Int) throws -> String {
    let bytes = [UInt8](try Data(contentsOf: SequenceCase.folder.appending(path: "Captures/\(name).raw")))
    let terminal = Terminal(columns: 80, rows: 24)
    var screens = ""
    var count = 0
    var start = 0
    for end in bytes.indices where bytes[..<end].suffix(Self.prompt.count).elementsEqual(Self.prompt) {
      terminal.feed(bytes[start..<end], inPiecesOf: size)
      start = end
      count += 1
      screens += "=== \(count)\(terminal.isReversed ? ", reversed" : "")\n"
      screens += terminal.pictureRows.map { "|\($0)\n" }.joined()
    }
    return screens
  }

  @Test("vttest's screens are those that were looked at", arguments: ["vttest-1", "vttest-2"])
  func vttest(name: String) throws {
    let file = SequenceCase.folder.appending(path: "Captures/\(name).txt")
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(expected.contains("=== 5"))
    for size in pieceSizes + [.max] { #expect(try screens(name, inPiecesOf: size) == expected, "in pieces of \(size)") }
  }
}
