import Events

/// Characters on their way to cells.
extension Emulator {
  /// The column after the last one that a character at the cursor may take.
  @inline(__always)
  var limit: Int { x > right ? columns : right &+ 1 }

  var isWithinMargins: Bool { x >= left && x <= right }

  /// Puts a run of 0x20…0x7e, where nothing is to be heeded but the right margin.
  mutating func print(ascii bytes: UnsafeBufferPointer<UInt8>) {
    guard singleShift == 0, charsets.isASCII, !modes.contains(.insert), let source = bytes.baseAddress else {
      for byte in bytes { print(mapped: byte) }
      return
    }
    let style = indexOfPen()
    let autowrap = modes.contains(.autowrap)
    var place = 0
    while place < bytes.count {
      if isWrapPending { wrapPending() }
      let limit = limit
      var count = min(bytes.count &- place, limit &- x)
      if !autowrap && count == 1 && bytes.count &- place > 1 { place = bytes.count &- 1 }
      count = min(count, bytes.count &- place)
      grid.split(y, at: x)
      grid.split(y, at: x &+ count)
      put(source + place, count, style)
      place &+= count
      lastGraphicColumn = x &+ count &- 1
      x &+= count
      if x >= limit {
        x = limit &- 1
        isWrapPending = true
      }
    }
    lastGraphic = UInt32(bytes[bytes.count &- 1])
  }

  @inline(__always)
  private mutating func put(_ source: UnsafePointer<UInt8>, _ count: Int, _ style: UInt32) {
    let target = UnsafeMutableRawPointer(grid[y] + x).assumingMemoryBound(to: UInt64.self)
    let high = UInt64(style) << 32
    for place in 0..<count { target[place] = high | UInt64(source[place]) }
    grid.noteChange(y, upTo: x &+ count)
    touch(y)
  }

  private mutating func print(mapped byte: UInt8) {
    if singleShift != 0 {
      let set = charsets[singleShift]
      singleShift = 0
      print(CharacterSets.map(byte, set))
      // A shifted character could not be brought back by itself.
      lastGraphic = 0
    } else {
      print(CharacterSets.map(byte, charsets[charsets.invoked]))
    }
  }

  /// Puts a character above 0x7f, which no set replaces; it uses up a single shift all the same.
  mutating func printShifted(_ scalar: UInt32) {
    let isShifted = singleShift != 0
    singleShift = 0
    print(scalar)
    if isShifted { lastGraphic = 0 }
  }

  /// Puts one character.
  mutating func print(_ character: UInt32) {
    var scalar = character
    var width = widths[scalar]
    if width == 0 { return combine(scalar) }
    if width > columns { (scalar, width) = (0xfffd, 1) }
    if isWrapPending { wrapPending() }
    if x &+ width > limit && !makeRoom(width) {
      lastGraphic = 0
      return
    }
    let limit = limit
    let style = indexOfPen()
    if modes.contains(.insert) && isWithinMargins { insertCells(y, x, width) }
    grid.split(y, at: x)
    grid.split(y, at: x &+ width)
    let line = grid[y]
    line[x] = PackedCell(scalar, style: style, flags: width == 2 ? PackedCell.lead : 0)
    if width == 2 { line[x &+ 1] = PackedCell(0x20, style: style, flags: PackedCell.tail) }
    grid.noteChange(y, upTo: x &+ width)
    touch(y)
    lastGraphic = scalar
    lastGraphicColumn = x
    x &+= width
    if x >= limit {
      x = limit &- 1
      isWrapPending = true
    }
  }

  /// For a wide character that the row has no room for.
  ///
  /// - Returns: False when there is none without autowrap, beside the margins.
  private mutating func makeRoom(_ width: Int) -> Bool {
    if modes.contains(.autowrap) {
      wrap(after: x)
      return true
    }
    let place = limit - width
    if x > right && place <= right { return false }
    x = place
    return true
  }

  /// Before a character: pending wrap is used up. It is pending without autowrap too, as in xterm: what the mode is when the
  /// next character comes decides.
  @inline(__always)
  private mutating func wrapPending() {
    isWrapPending = false
    if modes.contains(.autowrap) { wrap(after: x &+ 1) }
  }

  /// Goes on in the next row, and remembers that the line does, after `count` columns of this one. Not where it goes on
  /// beside a left margin: the rows of a line are whole.
  private mutating func wrap(after count: Int) {
    let count = left == 0 ? count : 0
    // A row that leaves the screen right away is reported by what it says.
    grid.wrapLine(y, after: count)
    if !index() {
      grid.lines[y].continuation = 0
    } else if y > 0 {
      grid.wrapLine(y - 1, after: count)
    }
    x = left
  }

  /// Adds a character without a column of its own to the one before: the last one put, or else what is left of the cursor.
  private mutating func combine(_ scalar: UInt32) {
    var column = lastGraphic != 0 ? lastGraphicColumn : isWrapPending ? x : x - 1
    if column > 0 && grid[y][column].isTail { column -= 1 }
    guard column >= 0 else { return }
    if clusters.isFull { collectClusters() }
    let cell = grid[y][column]
    if cell.isCluster {
      clusters[cell.content].append(scalar)
    } else {
      var cluster = ClusterTable.Cluster(first: UInt64(cell.content))
      cluster.append(scalar)
      let kept = cell.raw & (PackedCell.lead | PackedCell.tail)
      grid[y][column] = PackedCell(clusters.add(cluster), style: cell.style, flags: kept | PackedCell.cluster)
    }
    touch(y)
  }

  // MARK: - Tables

  @inline(__always)
  mutating func indexOfPen() -> UInt32 {
    if let penIndex { return penIndex }
    let index = index(of: pen)
    penIndex = index
    return index
  }

  /// What erased cells become: blanks with the pen's background (bce).
  mutating func erasedCell() -> PackedCell {
    var style = PackedStyle()
    style.background = pen.background
    return .blank(index(of: style))
  }

  private mutating func index(of style: PackedStyle) -> UInt32 {
    if let index = styles.index(of: style) { return index }
    collectStyles()
    guard let index = styles.index(of: style) else { preconditionFailure("no room for a style after a collection") }
    return index
  }

  private mutating func collectStyles() {
    var used = [Bool](repeating: false, count: styles.styles.count)
    forEachCell { used[Int($0.style)] = true }
    used[0] = false
    let moved = styles.collect(used: used)
    forEachCell { $0.style = moved[Int($0.style)] }
    penIndex = nil
  }

  private mutating func collectClusters() {
    let old = clusters
    var new = ClusterTable()
    forEachCell { cell in
      guard cell.isCluster else { return }
      let flags = cell.raw & (PackedCell.lead | PackedCell.tail | PackedCell.cluster)
      cell = PackedCell(new.add(old[cell.content]), style: cell.style, flags: flags)
    }
    new.makeRoom()
    clusters = new
  }

  private func forEachCell(_ body: (inout PackedCell) -> Void) {
    grid.forEachCell(body)
    hidden.forEachCell(body)
  }
}
