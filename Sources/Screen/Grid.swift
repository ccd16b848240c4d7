/// A cell as it is kept: 24 bits of content, 8 of flags, 32 of style index.
struct PackedCell: Equatable {
  static let contentMask: UInt64 = 0xff_ffff
  /// The content is an index of the cluster table, not a code point.
  static let cluster: UInt64 = 1 << 24
  /// Left half of a wide character.
  static let lead: UInt64 = 1 << 25
  /// Right half of a wide character.
  static let tail: UInt64 = 1 << 26

  var raw: UInt64

  @inline(__always)
  init(_ content: UInt32, style: UInt32, flags: UInt64 = 0) {
    raw = UInt64(content) | flags | UInt64(style) << 32
  }

  @inline(__always)
  static func blank(_ style: UInt32) -> PackedCell { PackedCell(0x20, style: style) }

  var content: UInt32 { UInt32(truncatingIfNeeded: raw & Self.contentMask) }
  var style: UInt32 {
    get { UInt32(truncatingIfNeeded: raw >> 32) }
    set { raw = raw & 0xffff_ffff | UInt64(newValue) << 32 }
  }
  var isCluster: Bool { raw & Self.cluster != 0 }
  var isLead: Bool { raw & Self.lead != 0 }
  var isTail: Bool { raw & Self.tail != 0 }
  /// Whether it looks as where nothing was ever written.
  var isUntouched: Bool { raw == 0x20 }
  /// Whether it is a space, in any style.
  var isBlank: Bool { raw & 0xffff_ffff == 0x20 }
}

/// One row of a ``Grid``.
struct GridRow {
  /// Its cells; valid as long as the grid lives.
  let cells: UnsafeMutablePointer<PackedCell>
  /// The line in this row goes on in the row below, after so many columns of this one; 0: it ends here. What stands behind
  /// those columns is blank, and belongs to no line.
  var continuation = 0
}

/// The cells of one screen: one block of memory, and for each row where in it the row lies, so that whole rows move without
/// being copied.
///
/// Rows and columns that are handed in must lie inside: who calls has cut them to the window.
struct Grid: ~Copyable {
  let columns: Int
  let rows: Int
  private let cells: UnsafeMutablePointer<PackedCell>
  /// From the top of the screen on.
  let lines: UnsafeMutablePointer<GridRow>
  /// See ``Emulator/version(ofRow:)``.
  let versions: UnsafeMutablePointer<UInt64>

  /// A screen on which nothing was written.
  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = .allocate(capacity: columns * rows)
    cells.initialize(repeating: .blank(0), count: columns * rows)
    lines = .allocate(capacity: rows)
    for row in 0..<rows { (lines + row).initialize(to: GridRow(cells: cells + row * columns)) }
    versions = .allocate(capacity: rows)
    versions.initialize(repeating: 0, count: rows)
  }

  /// A screen that was not made yet: it has no cells.
  init() { self.init(columns: 0, rows: 0) }

  var isMade: Bool { rows > 0 }

  deinit {
    cells.deallocate()
    lines.deallocate()
    versions.deallocate()
  }

  @inline(__always)
  subscript(row: Int) -> UnsafeMutablePointer<PackedCell> {
    assert(row >= 0 && row < rows)
    return lines[row].cells
  }

  /// Calls `body` with every cell, in no order.
  func forEachCell(_ body: (inout PackedCell) -> Void) {
    for place in 0..<columns * rows { body(&cells[place]) }
  }

  /// Fills the columns `from..<to` of a row.
  @inline(__always)
  func fill(_ row: Int, _ from: Int, _ to: Int, with cell: PackedCell) {
    assert(from >= 0 && from <= to && to <= columns)
    (self[row] + from).update(repeating: cell, count: to - from)
    noteChange(row, upTo: to)
  }

  /// Moves the rows of `top...bottom` up by `count`; those that leave come back at the bottom, to be filled.
  func rotateUp(_ top: Int, _ bottom: Int, by count: Int) {
    for _ in 0..<count {
      let first = lines[top]
      (lines + top).update(from: lines + top + 1, count: bottom - top)
      lines[bottom] = first
    }
  }

  /// Moves the rows of `top...bottom` down by `count`; those that leave come back at the top, to be filled.
  func rotateDown(_ top: Int, _ bottom: Int, by count: Int) {
    for _ in 0..<count {
      let last = lines[bottom]
      (lines + top + 1).update(from: lines + top, count: bottom - top)
      lines[top] = last
    }
  }

  /// Makes blanks of a wide character whose halves lie left and right of the boundary before `column`.
  @inline(__always)
  func split(_ row: Int, at column: Int) {
    guard column > 0 && column < columns else { return }
    let line = self[row]
    guard line[column].isTail else { return }
    line[column - 1] = .blank(line[column - 1].style)
    line[column] = .blank(line[column].style)
    noteChange(row, upTo: column + 1)
  }

  // MARK: - Lines over several rows

  /// Columns before `to` have changed. A line whose last column in this row is among them ends here from now on.
  @inline(__always)
  func noteChange(_ row: Int, upTo to: Int) {
    if to >= lines[row].continuation { lines[row].continuation = 0 }
  }

  /// Lets the line in a row go on in the row below, after `count` columns of this one, if a dump can say so: to wrap there
  /// takes two columns or the whole row, and nothing may stand behind.
  func wrapLine(_ row: Int, after count: Int) {
    lines[row].continuation = canWrap(row, after: count) ? count : 0
  }

  private func canWrap(_ row: Int, after count: Int) -> Bool {
    if count == columns { return true }
    return count >= 2 && (count..<columns).allSatisfy { self[row][$0].isBlank }
  }
}
