import Events

/// Erasing, inserting, deleting and scrolling.
extension Emulator {
  @inline(__always)
  mutating func touch(_ row: Int) {
    clock &+= 1
    grid.versions[row] = clock
  }

  mutating func touch(_ rows: ClosedRange<Int>) {
    clock &+= 1
    for row in rows { grid.versions[row] = clock }
  }

  mutating func touchAll() { touch(0...rows - 1) }

  /// Erases the columns `from..<to` of a row.
  mutating func erase(_ row: Int, _ from: Int, _ to: Int) {
    if lines != nil && from == 0 && to == columns { reportLine(at: row) }
    if from == 0 { endLine(above: row) }
    let blank = erasedCell()
    grid.split(row, at: from)
    grid.split(row, at: to)
    grid.fill(row, from, to, with: blank)
    touch(row)
  }

  /// What was written before `row` does not go on there: its start was erased, or is another row now.
  mutating func endLine(above row: Int) {
    if lines != nil { endHead(at: row) }
    if row > 0 { endLine(in: row - 1) }
  }

  /// What was written in `row` does not go on in the next.
  private mutating func endLine(in row: Int) {
    guard grid.lines[row].continuation > 0 else { return }
    grid.lines[row].continuation = 0
    touch(row)
  }

  /// Erases the columns `from..<to` of a row, but for what DECSCA protects where it `isSelective`.
  private mutating func erase(_ row: Int, _ from: Int, _ to: Int, isSelective: Bool) {
    guard isSelective else { return erase(row, from, to) }
    var start = from
    while start < to {
      var end = start
      while end < to && !styles[grid[row][end].style].isProtected { end += 1 }
      if end > start { erase(row, start, end) }
      start = end
      while start < to && styles[grid[row][start].style].isProtected { start += 1 }
    }
  }

  /// ED and DECSED. At a pending wrap, 0 begins behind the last column: see ``eraseInLine(_:isSelective:)``.
  mutating func eraseInDisplay(_ how: UInt16, isSelective: Bool = false) {
    switch how {
    case 0:
      eraseInLine(0, isSelective: isSelective)
      for row in y + 1..<max(rows, y + 1) { erase(row, 0, columns, isSelective: isSelective) }
    case 1:
      for row in 0..<y { erase(row, 0, columns, isSelective: isSelective) }
      eraseInLine(1, isSelective: isSelective)
    case 2: clearScreen(isSelective: isSelective)
    default: break  // 3 erases lines that are no longer on the screen
    }
  }

  mutating func clearScreen(isSelective: Bool = false) {
    isWrapPending = false
    for row in 0..<rows { erase(row, 0, columns, isSelective: isSelective) }
  }

  /// EL and DECSEL. At a pending wrap, 0 begins behind the last column: the character there and pending wrap stay. It erases
  /// that character in xterm and on DEC's terminals, and does not in VTE, kitty, Konsole and tmux. What sends EL there are
  /// programs that end coloured text with it (grep, ls, GCC) and mean to erase nothing; and whoever searches a recording must
  /// find what was written.
  mutating func eraseInLine(_ how: UInt16, isSelective: Bool = false) {
    if how == 0 && isWrapPending { return }
    if how <= 2 { isWrapPending = false }
    switch how {
    case 0: erase(y, x, columns, isSelective: isSelective)
    case 1: erase(y, 0, x + 1, isSelective: isSelective)
    case 2: erase(y, 0, columns, isSelective: isSelective)
    default: break
    }
  }

  /// ECH.
  mutating func eraseCharacters(_ count: Int) {
    isWrapPending = false
    erase(y, x, min(columns, x + count))
  }

  /// ICH.
  mutating func insertCharacters(_ count: Int) {
    isWrapPending = false
    if isWithinMargins { insertCells(y, x, count) }
  }

  /// DCH.
  mutating func deleteCharacters(_ count: Int) {
    isWrapPending = false
    if isWithinMargins { deleteCells(y, x, count) }
  }

  /// SL, SR, DECIC and DECDC: in each row of the region, what stands between a column and the right margin moves right, or
  /// left by less than 0. The cursor stays, and pending wrap.
  mutating func moveColumns(from column: Int, right count: Int) {
    guard y >= top && y <= bottom && isWithinMargins else { return }
    for row in top...bottom {
      if count > 0 { insertCells(row, column, count) } else { deleteCells(row, column, -count) }
    }
    keepPendingWrap()
  }

  /// Moves what is at and right of a column to the right, up to the right margin.
  mutating func insertCells(_ row: Int, _ column: Int, _ wanted: Int) {
    let end = right + 1
    let count = min(wanted, end - column)
    let blank = erasedCell()
    grid.split(row, at: column)
    grid.split(row, at: end)
    grid.split(row, at: end - count)
    let from = grid[row] + column
    // Left to right over itself: `update(from:count:)` moves.
    (from + count).update(from: from, count: end - column - count)
    grid.fill(row, column, column + count, with: blank)
    grid.noteChange(row, upTo: end)
    touch(row)
  }

  private mutating func deleteCells(_ row: Int, _ column: Int, _ wanted: Int) {
    let end = right + 1
    let count = min(wanted, end - column)
    let blank = erasedCell()
    grid.split(row, at: column)
    grid.split(row, at: column + count)
    grid.split(row, at: end)
    let from = grid[row] + column
    from.update(from: from + count, count: end - column - count)
    grid.fill(row, end - count, end, with: blank)
    touch(row)
  }

  /// IL and DL: the rows from the cursor's to the end of the region move.
  mutating func moveLines(_ count: Int, isDown: Bool) {
    guard y >= top && y <= bottom && isWithinMargins else { return }
    isWrapPending = false
    if isDown { scrollDown(y, count) } else { scrollUp(y, count) }
    x = left
  }

  /// SU, and SD by less than 0. The cursor and pending wrap stay.
  mutating func scroll(up count: Int) {
    if count > 0 {
      if top == 0 { keepScrolled(min(count, bottom + 1)) }
      scrollUp(top, count)
    } else {
      scrollDown(top, -count)
    }
    keepPendingWrap()
  }

  /// SU, and what IND does at the bottom: the rows from `first` to the end of the region move up.
  mutating func scrollUp(_ first: Int, _ wanted: Int) {
    let count = min(wanted, bottom - first + 1)
    if isFullWidth {
      // What is below the region stays there.
      if bottom < rows - 1 { endLine(in: bottom) }
      reportLost(first..<first + count, isScroll: first == top)
      let blank = erasedCell()
      grid.rotateUp(first, bottom, by: count)
      for row in bottom + 1 - count...bottom { grid.fill(row, 0, columns, with: blank) }
      touch(first...bottom)
      lines?.moved(first, bottom, up: count, clock: clock)
      if first > 0 { endLine(in: first - 1) }
    } else {
      splitAtMargins(first)
      for row in first..<bottom + 1 - count { copyWithinMargins(from: row + count, to: row) }
      for row in bottom + 1 - count...bottom { erase(row, left, right + 1) }
      endLines(first)
    }
  }

  /// SD, and what RI does at the top: the rows from `first` to the end of the region move down.
  mutating func scrollDown(_ first: Int, _ wanted: Int) {
    let count = min(wanted, bottom - first + 1)
    if isFullWidth {
      reportLost(bottom + 1 - count..<bottom + 1, isScroll: false)
      endLine(above: first)
      let blank = erasedCell()
      grid.rotateDown(first, bottom, by: count)
      for row in first..<first + count { grid.fill(row, 0, columns, with: blank) }
      grid.lines[bottom].continuation = 0
      touch(first...bottom)
      lines?.moved(first, bottom, up: -count, clock: clock)
    } else {
      splitAtMargins(first)
      for row in (first + count..<max(first + count, bottom + 1)).reversed() {
        copyWithinMargins(from: row - count, to: row)
      }
      for row in first..<first + count { erase(row, left, right + 1) }
      endLines(first)
    }
  }

  /// After a part of each row from `first` to the end of the region has moved: no line goes on as it did.
  private mutating func endLines(_ first: Int) {
    endLine(above: first)
    for row in first...bottom { grid.lines[row].continuation = 0 }
    touch(first...bottom)
  }

  private var isFullWidth: Bool { left == 0 && right == columns - 1 }

  private func splitAtMargins(_ first: Int) {
    for row in first...bottom {
      grid.split(row, at: left)
      grid.split(row, at: right + 1)
    }
  }

  private func copyWithinMargins(from source: Int, to target: Int) {
    (grid[target] + left).update(from: grid[source] + left, count: right + 1 - left)
  }

  /// DECALN.
  mutating func fillWithE() {
    resetMargins()
    (x, y) = (0, 0)
    isWrapPending = false
    reportAll()
    lines?.tellHead()
    for row in 0..<rows { grid.fill(row, 0, columns, with: PackedCell(0x45, style: 0)) }
    touchAll()
  }
}
