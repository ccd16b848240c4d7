import Events

/// Moving the cursor, margins, tab stops.
///
/// Pending wrap is taken back by what takes it back in xterm (`ResetWrap` in its sources), and by nothing else: HT, CHT, CBT,
/// SU, SD, SL, SR, DECIC, DECDC, the change of screens, DECSTR and a resize leave it. The table of sequences has a case for
/// each.
extension Emulator {
  /// After something that moves the cursor, or another row under it, and leaves pending wrap. The row does not go on then: it
  /// has not wrapped yet. Pending wrap goes where a dump could not bring it back: at half of a character, and between column
  /// margins.
  mutating func keepPendingWrap() {
    guard isWrapPending else { return }
    // A dump puts the character there once more; in the first column, the one beside it.
    if grid[y][min(max(x, 1), columns - 1)].isLead || (modes.contains(.columnMargins) && x != limit - 1) {
      isWrapPending = false
    } else if grid.lines[y].continuation > 0 {
      grid.lines[y].continuation = 0
      touch(y)
    }
  }

  /// CUP and its relatives: counted from the margins in origin mode; nil stays.
  mutating func move(row: Int?, column: Int?) {
    isWrapPending = false
    let isOrigin = modes.contains(.origin)
    if let row { y = isOrigin ? min(top + row, bottom) : min(row, rows - 1) }
    if let column { x = isOrigin ? min(left + column, right) : min(column, columns - 1) }
  }

  /// VPR, HPR, VPB and HPB: relative, but to where CUP could go, whatever the margins.
  mutating func move(rows: Int, columns: Int) {
    let isOrigin = modes.contains(.origin)
    let (firstRow, firstColumn) = isOrigin ? (top, left) : (0, 0)
    move(row: max(0, y + rows - firstRow), column: max(0, x + columns - firstColumn))
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
  ///
  /// - Returns: False when it did neither.
  @discardableResult
  mutating func index() -> Bool {
    isWrapPending = false
    if y == bottom {
      guard isWithinMargins else { return false }
      if top == 0 { keepScrolled(1) }
      scrollUp(top, 1)
    } else {
      guard y < rows - 1 else { return false }
      y += 1
    }
    return true
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
    let last = x <= right ? right : columns - 1
    for _ in 0..<min(count, columns) where x < last {
      x += 1
      while x < last && !tabStops[x] { x += 1 }
    }
    keepPendingWrap()
  }

  /// CBT. The left margin stops it in origin mode only.
  mutating func tabulateBack(_ count: Int) {
    let first = modes.contains(.origin) ? left : 0
    for _ in 0..<min(count, columns) where x > first {
      x -= 1
      while x > first && !tabStops[x] { x -= 1 }
    }
    keepPendingWrap()
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

  /// In origin mode the place is moved into the margins.
  mutating func restoreCursor() {
    let saved = saved
    (x, y, pen, charsets) = (saved.x, saved.y, saved.pen, saved.charsets)
    modes.set(.origin, saved.isOrigin)
    if saved.isOrigin {
      x = min(max(x, left), right)
      y = min(max(y, top), bottom)
    }
    isWrapPending = saved.isWrapPending
    keepPendingWrap()
  }
}
