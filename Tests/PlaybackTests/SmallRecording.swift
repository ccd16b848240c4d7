import Events
import Foundation
import Playback
import Readers
import Screen
import TestSupport

/// A recording in a file, made up for a test: messages of random output.
final class SmallRecording {
  let scratch: ScratchDirectory
  var path: [UInt8] { Array(scratch.file("log").utf8) }

  /// - Parameter messages: Each a time in milliseconds, and output as ASCII.
  init(_ messages: [(milliseconds: Int, output: String)], window: String = "=80x24") throws {
    scratch = try ScratchDirectory()
    var lines = ""
    for (place, message) in messages.enumerated() {
      // Each message restates the window.
      let timing = window + (message.output.isEmpty ? "" : ">\(message.output.unicodeScalars.count)")
      lines += """
        {"ver":"2.3","host":"h","rec":"r","user":"u","term":"xterm","session":1,"id":\(place + 1),\
        "pos":\(message.milliseconds),"time":\(1_700_000_000 + message.milliseconds / 1000).000,\
        "timing":"\(timing)","in_txt":"","in_bin":[],"out_txt":\(Self.quoted(message.output)),"out_bin":[]}

        """
    }
    try Data(lines.utf8).write(to: URL(filePath: scratch.file("log")))
  }

  /// What a stream comes to when it is cut so.
  init(_ stream: CutStream, _ cut: CutStream.Cut) throws {
    scratch = try ScratchDirectory()
    try Data(stream.lines(cut).joined()).write(to: URL(filePath: scratch.file("log")))
  }

  private static func quoted(_ text: String) -> String {
    var builder = ByteBuilder(capacity: text.utf8.count + 2)
    builder.append(jsonString: Array(text.utf8))
    return String(decoding: builder.bytes, as: UTF8.self)
  }

  func reader() throws(ReadError) -> RecordingReader {
    RecordingReader(try FileSource([path], follows: false), match: nil, isLax: false, follows: false)
  }

  /// Keeps the recording's file for as long as it lives.
  func timeline(keyframeSpacing: UInt64? = nil) throws(ReadError) -> Timeline {
    Timeline(
      try reader(), second: { [self] () throws(ReadError) in try reader() }, keyframeSpacing: keyframeSpacing)
  }

  /// Text, colours, cursor addresses, scrolling, erasing, margins and the alternate screen.
  static func random(_ numbers: inout SeededNumbers, messageCount: Int) -> [(milliseconds: Int, output: String)] {
    var time = 0
    return (0..<messageCount).map { _ in
      time += numbers.below(400)
      let pieces = (0..<40).map { _ -> String in
        switch numbers.below(9) {
        case 0: "\u{1b}[\(30 + numbers.below(18));\(numbers.below(10))m"
        case 1: "\u{1b}[\(1 + numbers.below(24));\(1 + numbers.below(80))H"
        case 2: "\r\n"
        case 3: "\u{1b}[\(numbers.below(3))\(numbers.below(2) == 0 ? "J" : "K")"
        case 4: "\u{1b}[\(1 + numbers.below(10));\(12 + numbers.below(12))r"
        case 5: numbers.below(10) == 0 ? "\u{1b}[?1049\(numbers.below(2) == 0 ? "h" : "l")" : "\u{1b}7abc\u{1b}8"
        case 6: "漢字é"
        case 7: "\u{1b}[\(1 + numbers.below(3))\(["L", "M", "@", "P", "S", "T"][numbers.below(6)])"
        default: String(repeating: "word \(numbers.below(1000)) ", count: 1 + numbers.below(20))
        }
      }
      return (time, pieces.joined())
    }
  }
}

/// Lines as they are reported, each with its LF.
final class ReportedLines: LineObserver {
  private(set) var text = ""

  func settled(line: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64) {
    text += String(decoding: line, as: UTF8.self) + "\n"
  }

  func received(osc: [UInt8], isCut: Bool) {}
}

/// All that a screen shows, as text for comparison.
func picture(of emulator: borrowing Emulator) -> [String] {
  var rows: [String] = []
  for row in 0..<Int(emulator.window.rows) {
    var text = ""
    for column in 0..<Int(emulator.window.columns) {
      let cell = emulator.cell(column: column, row: row)
      text += cell.text + (cell.style == Style() ? "" : "{\(cell.style)}")
    }
    rows.append(text)
  }
  let cursor = emulator.cursor
  return rows + ["\(cursor.column) \(cursor.row) \(cursor.isVisible) \(emulator.isReversed)"]
}
