import Events

/// Erasing, inserting, deleting and scrolling. All of it takes pending wrap back.
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
    if lines != nil && from == 0 && to == columns { report(row) }
    let blank = erasedCell()
    grid.split(row, at: from)
    grid.split(row, at: to)
    grid.fill(row, from, to, with: blank)
    touch(row)
  }

  /// ED.
  mutating func eraseInDisplay(_ how: UInt16) {
    isWrapPending = false
    switch how {
    case 0:
      erase(y, x, columns)
      for row in y + 1..<max(rows, y + 1) { erase(row, 0, columns) }
    case 1:
      for row in 0..<y { erase(row, 0, columns) }
      erase(y, 0, x + 1)
    case 2: clearScreen()
    default: break  // 3 erases lines that are no longer on the screen
    }
  }

  mutating func clearScreen() {
    for row in 0..<rows { erase(row, 0, columns) }
  }

  /// EL.
  mutating func eraseInLine(_ how: UInt16) {
    isWrapPending = false
    switch how {
    case 0: erase(y, x, columns)
    case 1: erase(y, 0, x + 1)
    case 2: erase(y, 0, columns)
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
    if isWithinMargins { insertCells(count) }
  }

  /// Moves what is at and right of the cursor to the right, within the margins.
  mutating func insertCells(_ wanted: Int) {
    let end = right + 1
    let count = min(wanted, end - x)
    let blank = erasedCell()
    grid.split(y, at: x)
    grid.split(y, at: end)
    grid.split(y, at: end - count)
    let line = grid[y]
    // Left to right over itself: `update(from:count:)` moves.
    (line + x + count).update(from: line + x, count: end - x - count)
    grid.fill(y, x, x + count, with: blank)
    touch(y)
  }

  /// DCH.
  mutating func deleteCharacters(_ wanted: Int) {
    isWrapPending = false
    guard isWithinMargins else { return }
    let end = right + 1
    let count = min(wanted, end - x)
    let blank = erasedCell()
    grid.split(y, at: x)
    grid.split(y, at: x + count)
    grid.split(y, at: end)
    let line = grid[y]
    (line + x).update(from: line + x + count, count: end - x - count)
    grid.fill(y, end - count, end, with: blank)
    touch(y)
  }

  /// IL and DL: the rows from the cursor's to the end of the region move.
  mutating func moveLines(_ count: Int, isDown: Bool) {
    guard y >= top && y <= bottom && isWithinMargins else { return }
    if isDown { scrollDown(y, count) } else { scrollUp(y, count) }
    x = left
  }

  /// SU, and what IND does at the bottom: the rows from `first` to the end of the region move up.
  mutating func scrollUp(_ first: Int, _ wanted: Int) {
    isWrapPending = false
    let count = min(wanted, bottom - first + 1)
    if isFullWidth {
      reportLost(first..<first + count)
      let blank = erasedCell()
      grid.rotateUp(first, bottom, by: count)
      for row in bottom + 1 - count...bottom { grid.fill(row, 0, columns, with: blank) }
      touch(first...bottom)
      linesMoved(first, bottom, up: count)
    } else {
      splitAtMargins(first)
      for row in first..<bottom + 1 - count { copyWithinMargins(from: row + count, to: row) }
      for row in bottom + 1 - count...bottom { erase(row, left, right + 1) }
      touch(first...bottom)
    }
  }

  /// SD, and what RI does at the top: the rows from `first` to the end of the region move down.
  mutating func scrollDown(_ first: Int, _ wanted: Int) {
    isWrapPending = false
    let count = min(wanted, bottom - first + 1)
    if isFullWidth {
      reportLost(bottom + 1 - count..<bottom + 1)
      let blank = erasedCell()
      grid.rotateDown(first, bottom, by: count)
      for row in first..<first + count { grid.fill(row, 0, columns, with: blank) }
      touch(first...bottom)
      linesMoved(first, bottom, up: -count)
    } else {
      splitAtMargins(first)
      for row in (first + count..<max(first + count, bottom + 1)).reversed() {
        copyWithinMargins(from: row - count, to: row)
      }
      for row in first..<first + count { erase(row, left, right + 1) }
      touch(first...bottom)
    }
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
    for row in 0..<rows { grid.fill(row, 0, columns, with: PackedCell(0x45, style: 0)) }
    touchAll()
  }
}
