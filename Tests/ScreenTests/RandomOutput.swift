import TestSupport

/// Output that a hostile or broken program might write: mostly well-formed sequences with numbers near the edges, text of
/// all widths, and sometimes noise.
struct RandomOutput {
  private var numbers: SeededNumbers

  init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }

  mutating func bytes(pieces: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<pieces { bytes += piece() }
    return bytes
  }

  private mutating func piece() -> [UInt8] {
    switch below(16) {
    case 0...3: return Array(text().utf8)
    case 4: return [Self.controls[below(Self.controls.count)]]
    case 5: return [0x1b] + Array(Self.escapes[below(Self.escapes.count)].utf8)
    case 6, 7: return Array("\u{1b}[\(style())m".utf8)
    case 8: return Array("\u{1b}[?\(Self.modes[below(Self.modes.count)])\(below(2) == 0 ? "h" : "l")".utf8)
    case 9: return (0..<below(8)).map { _ in UInt8(below(256)) }
    case 10: return Array("\u{1b}]\(below(3));\(text())\(below(2) == 0 ? "\u{7}" : "\u{1b}\\")".utf8)
    default: return Array("\u{1b}[\(parameters())\(Self.finals[below(Self.finals.count)])".utf8)
    }
  }

  private mutating func text() -> String {
    (0..<1 + below(12)).map { _ in Self.texts[below(Self.texts.count)] }.joined()
  }

  private mutating func parameters() -> String {
    (0..<below(4)).map { _ in below(6) == 0 ? "" : String(Self.parameters[below(Self.parameters.count)]) }
      .joined(separator: ";")
  }

  private mutating func style() -> String {
    switch below(8) {
    case 0: ""
    case 1: "38;5;\(below(256))"
    case 2: "48;2;\(below(256));\(below(256));\(below(256))"
    case 3: "4:\(below(7))"
    case 4: "58:2::\(below(256)):\(below(256)):\(below(256))"
    default: "\(below(110));\(below(110))"
    }
  }

  private static let texts = [
    "a", "bc", "hello", "q", "x", "~", "_", "#", " ", "é", "界", "語", "e\u{301}", "\u{302}", "👍", "\u{200d}", "→", "가",
    "\u{fe0f}", "0123456789",
  ]
  private static let controls: [UInt8] = [8, 9, 10, 11, 12, 13, 14, 15, 0, 7, 24, 26, 0x7f]
  private static let escapes = [
    "7", "8", "D", "E", "M", "H", "N", "O", "c", "=", ">", "n", "o", "(0", "(B", "(A", ")0", ")B", "*0", "+A", "#8",
    "\\", "[?J", "[?1J", "[?K", "[?1K", "[?2K",
  ]
  private static let modes = [
    1, 3, 5, 6, 6, 7, 7, 12, 25, 40, 45, 47, 66, 69, 69, 1000, 1004, 1006, 1047, 1048, 1049, 1049, 2004, 2026, 9999,
  ]
  private static let finals = [
    "A", "B", "C", "D", "E", "F", "G", "H", "H", "H", "I", "J", "K", "L", "M", "P", "S", "T", "X", "Z", "@", "`", "a",
    "b",
    "b", "d", "e", "f", "g", "4h", "4l", "20h", "20l", "r", "r", "s", "s", "u", "!p", " q", " @", " A", "'}", "'~",
    "\"q", "\"q", "22;0t", "23;0t", "c", "6n",
  ]
  private static let parameters = [0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 9, 10, 11, 20, 79, 80, 999, 65535, 70000]
}
