import Events
import Playback
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

  private func visible(_ text: [UInt8]) -> String {
    var output = ByteBuilder(capacity: 16)
    output.append(visible: text)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}
