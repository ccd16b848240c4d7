import Events

/// Moving the cursor, margins, tab stops. All of it takes pending wrap back.
extension Emulator {
  /// CUP and its relatives: counted from the margins in origin mode; nil stays.
  mutating func move(row: Int?, column: Int?) {
    isWrapPending = false
    let isOrigin = modes.contains(.origin)
    if let row { y = isOrigin ? min(top + row, bottom) : min(row, rows - 1) }
    if let column { x = isOrigin ? min(left + column, right) : min(column, columns - 1) }
  }

  mutating func moveUp(_ count: Int) {
    isWrapPending = false
    y = max(y - count, y >= top ? top : 0)
  }

  mutating func moveDown(_ count: Int) {
    isWrapPending = false
    y = min(y + count, y <= bottom ? bottom : rows - 1)
  }

  mutating func moveRight(_ count: Int) {
    isWrapPending = false
    x = min(x + count, x <= right ? right : columns - 1)
  }

  mutating func moveLeft(_ count: Int) {
    isWrapPending = false
    x = max(x - count, x >= left ? left : 0)
  }

  mutating func carriageReturn() {
    isWrapPending = false
    x = x >= left ? left : 0
  }

  /// IND: down, and at the bottom of the region the region moves instead.
  mutating func index() {
    isWrapPending = false
    if y == bottom {
      if isWithinMargins { scrollUp(top, 1) }
    } else if y < rows - 1 {
      y += 1
    }
  }

  /// RI.
  mutating func reverseIndex() {
    isWrapPending = false
    if y == top {
      if isWithinMargins { scrollDown(top, 1) }
    } else if y > 0 {
      y -= 1
    }
  }

  mutating func lineFeed() {
    index()
    if modes.contains(.newLine) { carriageReturn() }
  }

  mutating func nextLine() {
    index()
    carriageReturn()
  }

  /// HT and CHT.
  mutating func tabulate(_ count: Int) {
    isWrapPending = false
    let last = x <= right ? right : columns - 1
    for _ in 0..<min(count, columns) where x < last {
      x += 1
      while x < last && !tabStops[x] { x += 1 }
    }
  }

  /// CBT.
  mutating func tabulateBack(_ count: Int) {
    isWrapPending = false
    let first = x >= left ? left : 0
    for _ in 0..<min(count, columns) where x > first {
      x -= 1
      while x > first && !tabStops[x] { x -= 1 }
    }
  }

  // MARK: - Margins

  mutating func resetMargins() { (top, bottom, left, right) = (0, rows - 1, 0, columns - 1) }

  /// DECSTBM: at least two rows, else it means nothing.
  mutating func setRowMargins(_ sequence: ControlSequence) {
    let first = sequence.number(0) - 1
    let last = sequence[1] == 0 ? rows - 1 : min(Int(sequence[1]), rows) - 1
    guard first < last else { return }
    (top, bottom) = (first, last)
    move(row: 0, column: 0)
  }

  /// DECSLRM: at least two columns.
  mutating func setColumnMargins(_ sequence: ControlSequence) {
    let first = sequence.number(0) - 1
    let last = sequence[1] == 0 ? columns - 1 : min(Int(sequence[1]), columns) - 1
    guard first < last else { return }
    (left, right) = (first, last)
    move(row: 0, column: 0)
  }

  // MARK: - Saving

  private var saved: SavedCursor {
    get { isAlternate ? savedAlternate : savedPrimary }
    set { if isAlternate { savedAlternate = newValue } else { savedPrimary = newValue } }
  }

  mutating func saveCursor() {
    saved = SavedCursor(
      x: x, y: y, isWrapPending: isWrapPending, pen: pen, charsets: charsets, isOrigin: modes.contains(.origin))
  }

  /// In origin mode the place is moved into the margins; pending wrap comes back where it means something.
  mutating func restoreCursor() {
    let saved = saved
    (x, y, pen, charsets) = (saved.x, saved.y, saved.pen, saved.charsets)
    modes.set(.origin, saved.isOrigin)
    if saved.isOrigin {
      x = min(max(x, left), right)
      y = min(max(y, top), bottom)
    }
    let cell = grid[y][x]
    isWrapPending = saved.isWrapPending && x == saved.x && x == limit - 1 && !cell.isLead && !cell.isTail
  }
}
