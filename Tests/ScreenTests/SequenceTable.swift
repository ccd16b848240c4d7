import Events
import Foundation
import Screen
import TestSupport
import Testing

/// A single thing that a terminal is told, and what it shows then: a paragraph of Sequences/table.txt, which says how it is
/// written.
struct SequenceCase: CustomStringConvertible {
  let name: String
  let columns: UInt16
  let rows: UInt16
  let input: [UInt8]
  let expected: [String]

  var description: String { name }

  static let folder = Surroundings.checkout.appending(path: "Tests/ScreenTests")

  static let all: [SequenceCase] = {
    let file = folder.appending(path: "Sequences/table.txt")
    // Without the table there is nothing to test, and the count of cases says so.
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "\n\n").compactMap { SequenceCase(paragraph: $0) }
  }()

  private init?(paragraph: String) {
    let lines = paragraph.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 2, lines[0].hasPrefix("# ") else { return nil }
    let words = lines[1].split(separator: " ", maxSplits: 1).map(String.init)
    let numbers = words[0].split(separator: "x").compactMap { UInt16($0) }
    guard words.count == 2, numbers.count == 2 else { return nil }
    name = String(lines[0].dropFirst(2))
    (columns, rows) = (numbers[0], numbers[1])
    input = Self.bytes(words[1])
    expected = lines.dropFirst(2).filter { $0.hasPrefix("|") }.map { String($0.dropFirst()) }
  }

  private static func bytes(_ escaped: String) -> [UInt8] {
    let plain: [Character: UInt8] = [
      "e": 27, "r": 13, "n": 10, "t": 9, "b": 8, "a": 7, "0": 0, "\\": 0x5c,
    ]
    var bytes: [UInt8] = []
    var rest = Substring(escaped)
    while let character = rest.popFirst() {
      guard character == "\\", let kind = rest.popFirst() else {
        bytes += Array(String(character).utf8)
        continue
      }
      if kind == "x" || kind == "u" {
        let count = kind == "x" ? 2 : 4
        let number = UInt32(rest.prefix(count), radix: 16) ?? 0
        rest = rest.dropFirst(count)
        bytes += kind == "x" ? [UInt8(number)] : Array(String(Unicode.Scalar(number).map(Character.init) ?? "?").utf8)
      } else {
        bytes.append(plain[kind] ?? 0x3f)
      }
    }
    return bytes
  }
}

/// A screen as text, with a mark before the cursor's cell.
struct Picture: Equatable, CustomStringConvertible {
  var rows: [String]

  init(rows: [String]) { self.rows = rows }

  init(_ terminal: Terminal) {
    rows = terminal.pictureRows
  }

  var description: String { "\n" + rows.map { "|\($0)" }.joined(separator: "\n") }
}

extension Terminal {
  /// The rows with the mark ‸, without blanks at their ends and blank rows at the end.
  var pictureRows: [String] {
    var rows = lines
    let row = cursor.row
    var before = ""
    var after = ""
    for column in 0..<Int(window.columns) {
      if column < cursor.column { before += cell(column, row).text } else { after += cell(column, row).text }
    }
    while after.hasSuffix(" ") { after.removeLast() }
    rows[row] = before + "‸" + after
    while let last = rows.last, last.isEmpty { rows.removeLast() }
    return rows
  }
}
