package import Events

/// A terminal without glass: takes what a program writes, and knows what the screen then shows.
///
/// It does what `xterm-256color` promises and what programs use beyond that. It is the one place in Steno that interprets
/// terminal output. It never answers: whatever asks the terminal something is read and ignored. Nothing that comes in can
/// stop it, and its memory is bounded by the window.
///
///     var emulator = Emulator(window: Window(columns: 80, rows: 24))
///     emulator.feed(bytes, at: 0)
///     if emulator.isBetweenSequences { emulator.dump(into: &keyframe) }
package struct Emulator: ~Copyable {
  /// What is emulated at most; larger windows are cut to it. A window without columns or rows is unknown, and taken for
  /// ``Window/usual``.
  package static let columnsMax = 512
  package static let rowsMax = 256
  package static let titleByteCountMax = 1024
  /// Titles that are kept aside for a program that asks for its title back; xterm keeps 10 too.
  static let titleStackMax = 10

  /// The size of the screen in cells.
  package private(set) var window: Window
  var columns: Int { Int(window.columns) }
  var rows: Int { Int(window.rows) }

  var reader = SequenceReader()
  let widths = WidthTable.shared

  /// The screen that is shown, and the other one, made when it is first asked for.
  var grid: Grid
  var hidden = Grid()
  var isAlternate = false
  var styles = StyleTable()
  var clusters = ClusterTable()
  /// Counts changes; see ``version(ofRow:)``.
  var clock: UInt64 = 1

  var x = 0
  var y = 0
  /// A character was put in the last column: the next one goes to the next row. See ``keepPendingWrap()``.
  var isWrapPending = false
  var pen = PackedStyle() { didSet { penIndex = nil } }
  /// Index of ``pen`` in ``styles``; nil: not looked up.
  var penIndex: UInt32?
  var charsets = CharacterSets()
  /// The set (2 or 3) from which the next character alone is taken; 0 without.
  var singleShift: UInt8 = 0
  /// What REP repeats: the character that came directly before. 0 without.
  var lastGraphic: UInt32 = 0
  /// Where it was put, in the cursor's row.
  var lastGraphicColumn = 0
  var savedPrimary = SavedCursor()
  var savedAlternate = SavedCursor()

  /// The scroll region, last row and column included.
  var top = 0
  var bottom: Int
  var left = 0
  var right: Int
  var tabStops = TabStops()
  var modes = Modes.standard
  var cursorShape: UInt8 = 0
  /// OSC 0 and 2, as valid UTF-8 without controls; at most ``titleByteCountMax`` bytes.
  package internal(set) var title: [UInt8] = []
  var titleStack: [[UInt8]] = []

  /// Who is told what is no longer on the screen, or stays on it. Nothing is spent on it while there is nobody.
  var lines: LineTracker?
  /// What has left the screen at its top; nil: nobody wants it.
  var scrollback: Scrollback?

  package init(window: Window) {
    self.window = Self.cut(window)
    grid = Grid(columns: Int(self.window.columns), rows: Int(self.window.rows))
    bottom = Int(self.window.rows) - 1
    right = Int(self.window.columns) - 1
  }

  private static func cut(_ window: Window) -> Window {
    let window = window.orUsual
    return Window(columns: min(window.columns, UInt16(columnsMax)), rows: min(window.rows, UInt16(rowsMax)))
  }

  /// Takes output. Sequences may be split anywhere between calls.
  ///
  /// - Parameter milliseconds: When it was shown, for the lines that are reported; does not go backwards.
  package mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64) {
    if lines != nil { reportSettled(at: milliseconds) }
    var place = 0
    var start = 0
    while let piece = reader.next(bytes, &place) {
      if piece == .ascii {
        print(ascii: UnsafeBufferPointer(rebasing: bytes[start..<place]))
      } else {
        take(piece)
      }
      start = place
    }
    if lines != nil { noteChanges() }
  }

  private mutating func take(_ piece: SequenceReader.Piece) {
    switch piece {
    case .ascii: break
    case .character(let scalar): printShifted(scalar)
    case .invalid: printShifted(0xfffd)
    case .control(let control), .embeddedControl(let control):
      lastGraphic = 0
      execute(control)
    case .csi:
      let repeated = lastGraphic
      lastGraphic = 0
      executeCSI(repeated: repeated)
    case .escape:
      lastGraphic = 0
      executeEscape()
    case .string(let kind):
      lastGraphic = 0
      if kind == .osc { executeOSC() }
    case .ignored, .cancelled: lastGraphic = 0
    }
  }

  /// Changes the size as xterm does: nothing is reflowed, rows leave at the top where the cursor would be cut off, margins
  /// and origin mode are reset, tab stops and pending wrap stay. The size it already has is no change, and does nothing: a
  /// recording states the window again and again.
  ///
  /// Rows that come in are blank, at the bottom: unlike xterm we keep no lines that have left the screen.
  package mutating func resize(to window: Window) {
    let new = Self.cut(window)
    guard new != self.window else { return }
    let shift = max(0, y - (Int(new.rows) - 1))
    reportLost(resizingTo: new, shift: shift)
    keepScrolled(shift)
    grid = resized(grid, to: new, shift: shift)
    if hidden.isMade { hidden = resized(hidden, to: new, shift: shift) }
    self.window = new
    x = min(x, columns - 1)
    y -= shift
    lastGraphic = 0
    savedPrimary.fit(new)
    savedAlternate.fit(new)
    resetMargins()
    modes.remove(.origin)
    tabStops.fit(columns)
    keepPendingWrap()
    touchAll()
    lines?.resized(rows: rows, up: shift, clock: clock)
  }

  /// Whether no sequence and no character is begun: only then can ``dump(into:)`` be asked.
  package var isBetweenSequences: Bool { reader.unfinished == .nothing }

  package var cursor: Cursor {
    Cursor(column: x, row: y, isVisible: modes.contains(.cursorVisible), shape: cursorShape)
  }

  /// DECSCNM: foreground and background are exchanged everywhere.
  package var isReversed: Bool { modes.contains(.reversed) }

  /// What is shown at a place, which lies within ``window``.
  package func cell(column: Int, row: Int) -> Cell {
    precondition(column >= 0 && column < columns && row >= 0 && row < rows, "cell \(column), \(row) of \(window)")
    let cell = grid[row][column]
    var text = ""
    if !cell.isTail { forEachScalar(cell) { text.unicodeScalars.append(Unicode.Scalar($0) ?? "\u{fffd}") } }
    return Cell(text: text, width: width(column: column, row: row), style: styles[cell.style].style)
  }

  /// ``Cell/width`` alone.
  package func width(column: Int, row: Int) -> Int {
    precondition(column >= 0 && column < columns && row >= 0 && row < rows, "cell \(column), \(row) of \(window)")
    let cell = grid[row][column]
    return cell.isTail ? 0 : cell.isLead ? 2 : 1
  }

  /// Grows when anything in the row changes.
  package func version(ofRow row: Int) -> UInt64 {
    precondition(row >= 0 && row < rows, "row \(row) of \(window)")
    return grid.versions[row]
  }

  /// Appends what stands in a row as UTF-8, without the blanks at its end.
  package func appendText(ofRow row: Int, to output: inout ByteBuilder) {
    precondition(row >= 0 && row < rows, "row \(row) of \(window)")
    let line = grid[row]
    var end = columns
    while end > 0 && line[end - 1].isBlank { end -= 1 }
    append(row, upTo: end, to: &output)
  }

  func append(_ row: Int, upTo end: Int, to output: inout ByteBuilder) {
    let line = grid[row]
    for column in 0..<end where !line[column].isTail { append(textOf: line[column], to: &output) }
  }

  /// Calls `body` with each code point of a cell that is not a right half.
  func forEachScalar(_ cell: PackedCell, _ body: (UInt32) -> Void) {
    guard cell.isCluster else { return body(cell.content) }
    let cluster = clusters[cell.content]
    for place in 0..<Cell.scalarsMax where cluster[place] != 0 { body(cluster[place]) }
  }
}

/// A new screen of another size with what fits of the old one, `shift` rows higher.
private func resized(_ old: borrowing Grid, to window: Window, shift: Int) -> Grid {
  let grid = Grid(columns: Int(window.columns), rows: Int(window.rows))
  let kept = min(grid.rows, old.rows - shift)
  for row in 0..<kept {
    let count = min(grid.columns, old.columns)
    if count < old.columns { old.split(row + shift, at: count) }
    grid[row].update(from: old[row + shift], count: count)
    let continuation = min(old.lines[row + shift].continuation, count)
    // What the last row went on in was cut off.
    if continuation > 0 && row < kept - 1 { grid.wrapLine(row, after: continuation) }
  }
  return grid
}
