import Events
import Foundation
import Playback
import Screen
import Testing

/// A line of Vectors/filter.txt.
struct FilterCase: Sendable, CustomTestStringConvertible {
  let verdict: String
  let input: [UInt8]
  let name: String

  var testDescription: String { "\(verdict) \(name)" }

  /// What comes out; nil where the line only says that nothing does.
  var expected: [UInt8] {
    switch verdict {
    case "pass": input
    case "drop": []
    default: unescaped(String(verdict.dropFirst(3)).replacing("RESET", with: Self.reset))
    }
  }

  static let reset =
    #"\e[?6l\e7\e[r\e8\e[?7h\e[?5l\e[?25h\e[0 q\e[4l\e(B\e)B\x0f\e[m"#

  static let all: [FilterCase] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/filter.txt")
    guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      let columns = $0.split(separator: "\t").map(String.init)
      return FilterCase(verdict: columns[0], input: unescaped(columns[1]), name: columns[2])
    }
  }()
}

/// `\e`, `\n`, `\x1b`, `\u{9b}`, `\u0301` and `\\` as the bytes they stand for.
func unescaped(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  var rest = Substring(text)
  while let first = rest.first {
    if let match = rest.prefixMatch(of: /\\x([0-9a-f]{2})/) {
      bytes.append(UInt8(match.1, radix: 16) ?? 0)
      rest = rest[match.range.upperBound...]
    } else if let match = rest.prefixMatch(of: /\\u(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))/) {
      let scalar = (match.1 ?? match.2).flatMap { UInt32($0, radix: 16) }.flatMap { Unicode.Scalar($0) }
      bytes += scalar.map { Array(String($0).utf8) } ?? []
      rest = rest[match.range.upperBound...]
    } else if first == "\\", let letter = rest.dropFirst().first {
      let letters: [Character: UInt8] = ["e": 0x1b, "n": 10, "r": 13, "t": 9, "b": 8, "\\": 0x5c]
      bytes.append(letters[letter] ?? 0)
      rest = rest.dropFirst(2)
    } else {
      bytes += Array(String(first).utf8)
      rest = rest.dropFirst()
    }
  }
  return bytes
}

@Suite("terminal filter")
struct TerminalFilterTests {
  private func filtered(_ parts: [ArraySlice<UInt8>]) -> [UInt8] {
    var filter = TerminalFilter()
    var output = ByteBuilder(capacity: 64)
    for part in parts { part.withUnsafeBufferPointer { filter.pass($0, into: &output) } }
    return output.array
  }

  @Test("THREATS 20: the corpus has two hundred sequences, of both kinds")
  func corpus() {
    #expect(FilterCase.all.count >= 200)
    #expect(FilterCase.all.filter { $0.verdict == "pass" }.count >= 60)
    #expect(FilterCase.all.filter { $0.verdict == "drop" }.count >= 100)
  }

  @Test("THREATS 20: each sequence passes or is dropped, whole and split at every byte", arguments: FilterCase.all)
  func sequences(_ filterCase: FilterCase) {
    // Text on both sides, so that a sequence that swallows what follows, or lets go of it, is noticed.
    let input = Array("A".utf8) + filterCase.input + Array("B".utf8)
    let expected = Array("A".utf8) + filterCase.expected + Array("B".utf8)
    #expect(filtered([input[...]]) == expected)
    for cut in 1..<input.count { #expect(filtered([input[..<cut], input[cut...]]) == expected) }
    #expect(filtered(input.indices.map { input[$0...$0] }) == expected)
  }

  @Test("what is dropped is counted by its kind, and never quoted")
  func counts() {
    var filter = TerminalFilter()
    var output = ByteBuilder(capacity: 64)
    for text in ["\u{1b}]0;secret\u{7}", "\u{1b}]0;other\u{7}", "\u{1b}[6n", "\u{1b}[?1000;1006h", "\u{5}"] {
      Array(text.utf8).withUnsafeBufferPointer { filter.pass($0, into: &output) }
    }
    #expect(output.array == [])
    #expect(filter.dropped.total == 6)
    let kinds = filter.dropped.kinds.map { "\($0.count) \($0.name)" }
    #expect(kinds == ["2 OSC 0", "1 CSI ? 1000 h", "1 CSI ? 1006 h", "1 CSI n", "1 ENQ"])
  }

  @Test("kinds beyond the bound are counted together")
  func manyKinds() {
    var filter = TerminalFilter()
    var output = ByteBuilder(capacity: 64)
    for number in 0..<1000 {
      Array("\u{1b}]\(number);x\u{7}".utf8).withUnsafeBufferPointer { filter.pass($0, into: &output) }
    }
    #expect(filter.dropped.kinds.count == DroppedSequences.kindsMax + 1)
    #expect(filter.dropped.kinds.map(\.count).reduce(0, +) == 1000)
  }

  @Test("the end leaves the alternate screen if the recording is on it, and makes modes ordinary")
  func end() {
    for (text, leaves) in [("\u{1b}[?1049h", true), ("\u{1b}[?1049h\u{1b}[?1049l", false), ("", false)] {
      var filter = TerminalFilter()
      var output = ByteBuilder(capacity: 64)
      Array(text.utf8).withUnsafeBufferPointer { filter.pass($0, into: &output) }
      output.clear()
      filter.finish(into: &output)
      let end = (leaves ? unescaped(#"\e[?1049l"#) : []) + unescaped(FilterCase.reset)
      #expect(output.array == end)
    }
  }
}
