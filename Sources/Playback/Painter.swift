package import Events
package import Screen

/// Paints an emulator's screen onto a terminal: only what differs from what the terminal shows already.
///
/// The terminal gets characters, SGR and cursor addresses that are made here, and no byte that was recorded. The screen
/// keeps its recorded size; a larger terminal shows it in its corner, a smaller one a part of it (``pan(columns:rows:)``).
package struct Painter {
  /// The size of the terminal.
  package private(set) var terminal: Window
  /// The screen's column and row that the terminal's corner shows.
  package private(set) var corner = (column: 0, row: 0)
  /// What the terminal shows, row by row; nil: not known.
  private var shown: [[Cell]?]
  /// Rows of the screen as last painted.
  private var versions: [UInt64?]
  private var generation = -1
  private var wasReversed = false

  package init(terminal: Window) {
    self.terminal = terminal
    shown = Array(repeating: nil, count: Int(terminal.rows))
    versions = Array(repeating: nil, count: Int(terminal.rows))
  }

  /// The terminal has another size, or shows something else than what was painted.
  package mutating func forget(_ terminal: Window) {
    let corner = corner
    self = Painter(terminal: terminal)
    self.corner = corner
  }

  /// Moves the part of the screen that is shown.
  package mutating func pan(columns: Int, rows: Int, over window: Window, footerCount: Int) {
    let columnMax = max(0, Int(window.columns) - Int(terminal.columns))
    let rowMax = max(0, Int(window.rows) - (Int(terminal.rows) - footerCount))
    let moved = (
      column: min(max(0, corner.column + columns), columnMax), row: min(max(0, corner.row + rows), rowMax)
    )
    if moved == corner { return }
    corner = moved
    versions = versions.map { _ in nil }
  }

  /// Appends what makes the terminal show `emulator`'s screen, and in its last rows the footer.
  ///
  /// - Parameters:
  ///   - generation: Another number than before when this is another emulator.
  ///   - footer: Lines in reverse video, cut to the terminal's width.
  package mutating func paint(
    _ emulator: borrowing Emulator, generation: Int, footer: [[UInt8]], into output: inout ByteBuilder
  ) {
    if generation != self.generation || emulator.isReversed != wasReversed { versions = versions.map { _ in nil } }
    self.generation = generation
    wasReversed = emulator.isReversed
    // There may be room for more of it now.
    pan(columns: 0, rows: 0, over: emulator.window, footerCount: footer.count)
    output.append("\u{1b}[?25l")
    let rowCount = max(0, Int(terminal.rows) - footer.count)
    for row in 0..<rowCount { paint(row, of: emulator, into: &output) }
    for (place, line) in footer.suffix(Int(terminal.rows)).enumerated() {
      versions[rowCount + place] = nil
      paint(Self.cells(of: line, columnCount: Int(terminal.columns)), at: rowCount + place, into: &output)
    }
    placeCursor(of: emulator, rowCount: rowCount, into: &output)
  }

  private mutating func paint(_ row: Int, of emulator: borrowing Emulator, into output: inout ByteBuilder) {
    let source = row + corner.row
    let exists = source < Int(emulator.window.rows)
    // Versions begin at 0: a row beyond the screen never changes.
    let version = exists ? emulator.version(ofRow: source) : .max
    guard versions[row] != version else { return }
    versions[row] = version
    var cells = Array(repeating: Self.blank, count: Int(terminal.columns))
    if exists { fill(&cells, from: source, of: emulator) }
    paint(cells, at: row, into: &output)
  }

  static let blank = Cell(text: " ", width: 1, style: Style())

  private func fill(_ cells: inout [Cell], from row: Int, of emulator: borrowing Emulator) {
    let count = min(cells.count, Int(emulator.window.columns) - corner.column)
    guard count > 0 else { return }
    for column in 0..<count {
      var cell = emulator.cell(column: column + corner.column, row: row)
      // Half a wide character cannot be shown.
      let isCut = cell.width == 2 && column + 1 == count || cell.width == 0 && column == 0
      if isCut { cell = Cell(text: " ", width: 1, style: cell.style) }
      if emulator.isReversed { cell.style.attributes.formSymmetricDifference(.inverse) }
      cells[column] = cell
    }
  }

  /// Paints the cells that differ from those shown; a wide character with both its halves.
  private mutating func paint(_ cells: [Cell], at row: Int, into output: inout ByteBuilder) {
    let before = shown[row]
    var style: Style?
    var place = -1
    for column in cells.indices where cells[column].width > 0 {
      let isWide = cells[column].width == 2 && column + 1 < cells.count
      if let before, before[column] == cells[column], !isWide || before[column + 1] == cells[column + 1] { continue }
      if place != column { output.append(cursorTo: column, row) }
      if style != cells[column].style {
        style = cells[column].style
        output.append(style: cells[column].style)
      }
      output.append(characterOf: cells[column])
      place = column + (isWide ? 2 : 1)
      // Terminals differ in how wide they take such characters for, and in what they do at the end of a row.
      if isWide || cells[column].text.unicodeScalars.count > 1 || place >= cells.count { place = -1 }
    }
    if style != nil { output.append("\u{1b}[0m") }
    shown[row] = cells
  }

  private func placeCursor(of emulator: borrowing Emulator, rowCount: Int, into output: inout ByteBuilder) {
    let cursor = emulator.cursor
    let column = cursor.column - corner.column
    let row = cursor.row - corner.row
    guard cursor.isVisible, column >= 0, column < Int(terminal.columns), row >= 0, row < rowCount else { return }
    output.append(cursorTo: column, row)
    output.append("\u{1b}[?25h")
  }

  /// A footer's line; it holds ASCII and what somebody typed, of which a wide character would take two cells.
  private static func cells(of line: [UInt8], columnCount: Int) -> [Cell] {
    var style = Style()
    style.attributes = .inverse
    let text = String(decoding: line, as: UTF8.self).unicodeScalars.prefix(columnCount)
    let cells = text.map { Cell(text: $0.isASCII && $0.value >= 0x20 ? String($0) : "?", width: 1, style: style) }
    return cells + Array(repeating: Cell(text: " ", width: 1, style: style), count: columnCount - cells.count)
  }
}

/// The screen as it was at the end, as coloured lines for the main screen of a terminal.
package func appendLines(of emulator: borrowing Emulator, columnCount: Int, into output: inout ByteBuilder) {
  var text = ByteBuilder(capacity: 256)
  var rowCount = Int(emulator.window.rows)
  while rowCount > 0 {
    text.clear()
    emulator.appendText(ofRow: rowCount - 1, to: &text)
    if !text.isEmpty { break }
    rowCount -= 1
  }
  for row in 0..<rowCount {
    var style = Style()
    var end = min(Int(emulator.window.columns), columnCount)
    while end > 0, emulator.cell(column: end - 1, row: row) == Cell(text: " ", width: 1, style: Style()) { end -= 1 }
    for column in 0..<end {
      let cell = emulator.cell(column: column, row: row)
      guard cell.width > 0, column + cell.width <= columnCount else { continue }
      if cell.style != style { output.append(style: cell.style) }
      style = cell.style
      output.append(characterOf: cell)
    }
    if style != Style() { output.append("\u{1b}[0m") }
    output.append("\r\n")
  }
}
