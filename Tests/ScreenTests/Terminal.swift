import Events
import Screen
import Testing

/// Sizes of the pieces in which every stream is fed beside being fed whole.
let pieceSizes = [1, 7, 2048]

/// An emulator that tests can keep in arrays, with what they look at as text.
final class Terminal {
  private var emulator: Emulator

  init(columns: UInt16 = 80, rows: UInt16 = 24) {
    emulator = Emulator(window: Window(columns: columns, rows: rows))
  }

  var window: Window { emulator.window }
  var isBetweenSequences: Bool { emulator.isBetweenSequences }
  var title: String { String(decoding: emulator.title, as: UTF8.self) }
  var cursor: Cursor { emulator.cursor }
  var isReversed: Bool { emulator.isReversed }
  var isAlternateScreen: Bool { emulator.isAlternateScreen }
  var scrollbackLines: [StyledLine] { emulator.scrollbackLines }
  var screenLines: [StyledLine] { emulator.screenLines }

  func keepScrollback(lines count: Int) { emulator.keepScrollback(lines: count) }

  func feed(_ bytes: some Collection<UInt8>, at milliseconds: UInt64 = 0) {
    let bytes = Array(bytes)
    bytes.withUnsafeBufferPointer { emulator.feed($0, at: milliseconds) }
  }

  /// Feeds in pieces of `size` bytes, and states the window before each, as messages of a recording do.
  func feed(_ bytes: some Collection<UInt8>, inPiecesOf size: Int) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      emulator.resize(to: window)
      feed(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
  }

  func feed(_ text: String, at milliseconds: UInt64 = 0) { feed(Array(text.utf8), at: milliseconds) }

  func resize(columns: UInt16, rows: UInt16) { emulator.resize(to: Window(columns: columns, rows: rows)) }

  func cell(_ column: Int, _ row: Int) -> Cell { emulator.cell(column: column, row: row) }

  func version(ofRow row: Int) -> UInt64 { emulator.version(ofRow: row) }

  func report(to observer: (any LineObserver)?) { emulator.report(to: observer) }

  func reportAll() { emulator.reportAll() }

  /// The state as bytes: equal states have equal ones.
  var dump: [UInt8] {
    var output = ByteBuilder(capacity: 4096)
    emulator.dump(into: &output)
    return output.array
  }

  /// A new emulator brought into this one's state.
  func resumed() -> Terminal {
    let other = Terminal(columns: window.columns, rows: window.rows)
    other.feed(dump)
    return other
  }

  /// The rows, without blanks at their ends.
  var lines: [String] {
    (0..<Int(window.rows)).map { row in
      var output = ByteBuilder(capacity: 256)
      emulator.appendText(ofRow: row, to: &output)
      return String(decoding: output.array, as: UTF8.self)
    }
  }

  /// The lines that were written to the screen, unwrapped.
  var unwrapped: [String] {
    var lines: [String] = []
    var row = 0
    while row < Int(window.rows) {
      let line = emulator.rowsOfLine(at: row)
      var output = ByteBuilder(capacity: 256)
      emulator.appendText(ofLine: line, to: &output)
      lines.append(String(decoding: output.array, as: UTF8.self))
      row = line.upperBound + 1
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Everything that can be asked about a cell, for all of them.
  var cells: [Cell] {
    (0..<Int(window.rows)).flatMap { row in (0..<Int(window.columns)).map { cell($0, row) } }
  }

  /// What must hold whatever came in; empty when it does.
  var brokenInvariants: [String] {
    var broken: [String] = []
    let (columns, rows) = (Int(window.columns), Int(window.rows))
    if !(0..<columns).contains(cursor.column) || !(0..<rows).contains(cursor.row) { broken.append("\(cursor)") }
    for row in 0..<rows {
      for column in 0..<columns {
        let cell = cell(column, row)
        let before = column > 0 ? self.cell(column - 1, row).width : 1
        if (before == 2) != (cell.width == 0) { broken.append("half of a wide character at \(column), \(row)") }
        if cell.width == 2 && column == columns - 1 { broken.append("wide character over the edge of row \(row)") }
        if cell.text.unicodeScalars.count > Cell.scalarsMax { broken.append("\(cell)") }
        if cell.text.isEmpty != (cell.width == 0) { broken.append("\(cell) at \(column), \(row)") }
      }
      if row == rows - 1 && emulator.isWrapped(row: row) { broken.append("the last row goes on") }
    }
    return broken
  }
}
