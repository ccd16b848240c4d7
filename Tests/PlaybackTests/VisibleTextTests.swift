import Events
import Foundation
import SystemCalls
import Testing

@Suite("Hostile texts")
struct VisibleTextTests {
  @Test(
    "controls, bidi controls and bytes that are not UTF-8 are shown as \\u{…}",
    arguments: [
      ("plain ü 漢", "plain ü 漢"), ("\u{1b}[2J", "\\u{1b}[2J"), ("a\nb\u{7f}", "a\\u{a}b\\u{7f}"),
      ("\u{9b}31m", "\\u{9b}31m"), ("\u{202e}evil\u{2066}", "\\u{202e}evil\\u{2066}"), ("\u{200f}", "\\u{200f}"),
    ])
  func shown(text: String, expected: String) { #expect(visible(Array(text.utf8)) == expected) }

  @Test("no byte is lost")
  func bytes() {
    #expect(visible([0x61, 0xff, 0xe6, 0xbc, 0x62]) == "a\\u{ff}\\u{e6}\\u{bc}b")
    #expect(visible([0xc0, 0x80]) == "\\u{c0}\\u{80}")
  }

  @Test("JSON with them escaped is the same JSON, and has none of them left")
  func json() throws {
    let value = ["a\u{9b}31m \u{202e}b\u{e0041}\u{2028}": "\u{1b}]0;\u{7}\u{7f}\u{feff}ü 漢 \u{1f600}"]
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    let encoded = Array(try encoder.encode(value))
    var output = ByteBuilder(capacity: 16)
    output.append(visibleJSON: encoded)
    let text = String(decoding: output.bytes, as: UTF8.self)
    #expect(try JSONDecoder().decode([String: String].self, from: Data(output.array)) == value)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    #expect(text.contains("\\u009b31m \\u202eb\\udb40\\udc41\\u2028"))
  }

  @Test("sentences keep their line ends and nothing else that acts")
  func lines() {
    var output = ByteBuilder(capacity: 16)
    output.append(visibleLines: Array("a\u{9b}2J\nb\t\u{1b}\n".utf8))
    #expect(String(decoding: output.bytes, as: UTF8.self) == "a\\u{9b}2J\nb\t\\u{1b}\n")
  }

  private func visible(_ text: [UInt8]) -> String {
    var output = ByteBuilder(capacity: 16)
    output.append(visible: text)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}
