import Events

/// A line of text with how each part of it looks.
package struct StyledLine: Equatable, Sendable {
  /// Neighbouring characters of one style.
  package struct Run: Equatable, Sendable {
    /// UTF-8, never empty.
    package var text: [UInt8]
    package var style: Style
  }

  package var runs: [Run] = []
}

/// The last lines that left the main screen at its top, as a terminal's scrollback has them: the newest last, each of
/// them as it was written, however many rows it wrapped to.
struct Scrollback {
  /// Of text, in all lines together, styles not counted. One line may wrap for ever, so rows are no bound.
  static let byteCountMax = 1 << 20

  let lineCountMax: Int
  private(set) var lines: [StyledLine] = []
  private var byteCounts: [Int] = []
  private var byteCount = 0
  /// The last line goes on in the next row that leaves.
  private var isOpen = false

  init(lineCountMax: Int) { self.lineCountMax = lineCountMax }

  mutating func append(_ runs: [StyledLine.Run], goesOn: Bool) {
    if !isOpen || lines.isEmpty {
      lines.append(StyledLine())
      byteCounts.append(0)
    }
    let count = runs.reduce(0) { $0 + $1.text.count }
    lines[lines.count - 1].runs += runs
    byteCounts[lines.count - 1] += count
    byteCount += count
    isOpen = goesOn
    // Half as much again is kept, so that what goes goes in bulk.
    if lines.count > lineCountMax + lineCountMax / 2 || byteCount > Self.byteCountMax + Self.byteCountMax / 2 { cut() }
  }

  /// Lets go of the oldest lines above the bounds; a single line above them goes too.
  mutating func cut() {
    var gone = max(0, lines.count - lineCountMax)
    var left = byteCount - byteCounts[..<gone].reduce(0, +)
    while left > Self.byteCountMax {
      left -= byteCounts[gone]
      gone += 1
    }
    lines.removeFirst(gone)
    byteCounts.removeFirst(gone)
    byteCount = left
  }
}

extension Emulator {
  /// Keeps lines that leave the screen from now on; nothing is spent on it before.
  ///
  /// Those of the alternate screen are not kept, nor those that a program deletes or that leave a region further down: no
  /// terminal scrolls back to them.
  package mutating func keepScrollback(lines count: Int) { scrollback = Scrollback(lineCountMax: count) }

  /// The lines that were kept, the newest last. One that goes on in the first row of the screen is here up to there.
  package var scrollbackLines: [StyledLine] {
    guard var scrollback else { return [] }
    scrollback.cut()
    return scrollback.lines
  }

  /// Whether a full-screen program has the alternate screen, which scrolls back to nothing.
  package var isAlternateScreen: Bool { isAlternate }

  /// What is on the screen, each line as it was written, without blank ones at the end.
  package var screenLines: [StyledLine] {
    var lines: [StyledLine] = []
    var row = 0
    while row < rows {
      let line = rowsOfLine(at: row)
      lines.append(StyledLine(runs: line.flatMap { runs(ofRow: $0) }))
      row = line.upperBound + 1
    }
    while lines.last?.runs.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Before rows leave at the top of the screen.
  mutating func keepScrolled(_ count: Int) {
    guard scrollback != nil, !isAlternate else { return }
    for row in 0..<count {
      let (runs, goesOn) = (runs(ofRow: row), isWrapped(row: row))
      scrollback?.append(runs, goesOn: goesOn)
    }
  }

  /// A row without what was never written at its end; of one that wraps, up to where it does.
  private func runs(ofRow row: Int) -> [StyledLine.Run] {
    let line = grid[row]
    let continuation = grid.lines[row].continuation
    var end = continuation > 0 ? continuation : columns
    if continuation == 0 { while end > 0 && line[end - 1].isUntouched { end -= 1 } }
    var runs: [StyledLine.Run] = []
    var text = ByteBuilder(capacity: columns)
    var index: UInt32?
    for column in 0..<end where !line[column].isTail {
      let cell = line[column]
      if let style = index, style != cell.style {
        runs.append(StyledLine.Run(text: text.array, style: styles[style].style))
        text.clear()
      }
      index = cell.style
      append(textOf: cell, to: &text)
    }
    if let style = index { runs.append(StyledLine.Run(text: text.array, style: styles[style].style)) }
    return runs
  }
}
