import API
package import Archive
import Events
import Foundation
import GRDB
import Identity
import Screen

extension Projector {
  /// Lines above the screen that are given at most: more is what seeking is for.
  private static let scrollbackLineCountMax = 2000
  /// Keyframes to go back over for them: about 1 MiB of output.
  private static let scrollbackKeyframeCount = 4

  /// The answer to `GET /v1/recordings/ID/scrollback`: the screen at a time, and the lines that had left it at its top.
  package func scrollback(of row: RecordingRow, at milliseconds: UInt64) async throws -> ScrollbackAnswer {
    guard let id = RecordingID(row.summary.id) else { throw ArchiveError.damaged }
    try await indexer.indexRoughly(row)
    let keyframe = try await archive.keyframe(of: row, at: milliseconds, back: Self.scrollbackKeyframeCount)
    return try await pool.using { [archive] in
      let pass = ScrollbackPass(from: keyframe, to: milliseconds, lines: Self.scrollbackLineCountMax)
      var seq = keyframe.seq
      while !pass.isOver {
        let lines: [StoredLine]
        do {
          lines = try await archive.lines(of: id, from: seq)
        } catch let error where !(error is CancellationError) {
          // A damaged frame: what is behind it is shown all the same.
          guard let next = try await archive.firstSeq(after: seq, in: row) else { break }
          seq = next
          continue
        }
        guard let last = lines.last else { break }
        for line in lines where !pass.isOver { pass.take(line) }
        seq = last.seq + 1
        await Task.yield()
      }
      return pass.answer
    }
  }
}

/// Reads on from a keyframe up to a time, and keeps what leaves the screen.
private final class ScrollbackPass {
  private var emulator: Emulator
  private var messages: MessageReader
  private let end: UInt64
  private(set) var isOver = false

  init(from keyframe: Keyframe, to milliseconds: UInt64, lines count: Int) {
    emulator = Emulator(window: keyframe.window)
    messages = keyframe.makeReader()
    end = milliseconds
    keyframe.dump.withUnsafeBufferPointer { emulator.feed($0, at: keyframe.milliseconds) }
    // What scrolled while the keyframe was drawn was never seen.
    emulator.keepScrollback(lines: count)
  }

  func take(_ line: StoredLine) {
    // The reader's pointers are used inside this closure only.
    line.bytes.withUnsafeBufferPointer { bytes in
      // What cannot be read has left no lines; whoever watches is told of it.
      guard (try? messages.read(bytes)) != nil else { return }
      while !isOver, let event = try? messages.next() { take(event) }
    }
  }

  private func take(_ event: MessageEvent) {
    guard event.milliseconds <= end else {
      isOver = true
      return
    }
    switch event.content {
    case .data(.input, _, _): break
    case .data(_, _, let bytes): emulator.feed(bytes, at: event.milliseconds)
    case .window(let window): emulator.resize(to: window)
    }
  }

  var answer: ScrollbackAnswer {
    ScrollbackAnswer(
      lines: emulator.scrollbackLines.map { ScrollbackAnswer.Line($0) },
      screen: emulator.screenLines.map { ScrollbackAnswer.Line($0) }, isFullScreen: emulator.isAlternateScreen)
  }
}

/// As `GET /v1/recordings/ID/scrollback` gives it.
package struct ScrollbackAnswer: Encodable, Sendable {
  /// A line is its runs: neighbouring characters that look alike.
  struct Line: Encodable, Sendable {
    private let runs: [Run]

    init(_ line: StyledLine) { runs = line.runs.map { Run($0) } }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(runs)
    }
  }

  private struct Run: Encodable {
    let text: String
    /// A number of the terminal's 256 colours, or `#rrggbb`; nil is the terminal's own.
    var fg: String?
    var bg: String?
    var attributes: [String]?

    init(_ run: StyledLine.Run) {
      text = String(decoding: run.text, as: UTF8.self)
      fg = Self.word(run.style.foreground)
      bg = Self.word(run.style.background)
      var names = Self.names.filter { run.style.attributes.contains($0.attribute) }.map(\.name)
      if run.style.underline != .none { names.append("underline") }
      attributes = names.isEmpty ? nil : names
    }

    private static let names: [(attribute: Style.Attributes, name: String)] = [
      (.bold, "bold"), (.faint, "faint"), (.italic, "italic"), (.inverse, "inverse"), (.invisible, "invisible"),
      (.strikethrough, "strikethrough"),
    ]

    private static func word(_ color: Style.Color) -> String? {
      switch color {
      case .standard: nil
      case .indexed(let index): String(index)
      case .rgb(let red, let green, let blue):
        "#" + [red, green, blue].map { String(UInt16($0) | 0x100, radix: 16).suffix(2) }.joined()
      }
    }
  }

  let lines: [Line]
  let screen: [Line]
  let isFullScreen: Bool

  private enum CodingKeys: String, CodingKey {
    case lines, screen
    case isFullScreen = "full_screen"
  }
}
