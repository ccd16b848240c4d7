package import Events

/// The whole state as terminal output.
extension Emulator {
  /// Appends output that brings a new emulator of the same window into this one's state, with all that later output depends
  /// on. Asked only between sequences.
  ///
  /// A terminal that starts from a reset shows the same after it. The order matters: what moves the cursor or takes pending
  /// wrap back stands before what these are, and a character that REP may still repeat comes last of all.
  package func dump(into output: inout ByteBuilder) {
    precondition(isBetweenSequences, "dumped within a sequence")
    dumpTitles(into: &output)
    dumpScreens(into: &output)
    dumpTabStops(into: &output)
    dumpSettings(into: &output)
    dumpCursor(into: &output)
  }

  private func dumpTitles(into output: inout ByteBuilder) {
    for entry in titleStack {
      append(title: entry, to: &output)
      output.append("\u{1b}[22;2t")
    }
    if !title.isEmpty || !titleStack.isEmpty { append(title: title, to: &output) }
  }

  private func append(title: [UInt8], to output: inout ByteBuilder) {
    output.append("\u{1b}]2;")
    output.append(title)
    output.append("\u{1b}\\")
  }

  // MARK: - Screens

  private func dumpScreens(into output: inout ByteBuilder) {
    if isAlternate {
      dump(savedPrimary, into: &output)
      if hidden.isMade { dump(hidden.lines, into: &output) }
    } else {
      dump(savedPrimary, into: &output)
      dump(grid.lines, into: &output)
      if !hidden.isMade && savedAlternate == SavedCursor() { return }
    }
    // CR, since pending wrap would go with the cursor to the other screen.
    output.append("\r\u{1b}[?47h")
    dump(savedAlternate, into: &output)
    if isAlternate {
      dump(grid.lines, into: &output)
    } else {
      if hidden.isMade { dump(hidden.lines, into: &output) }
      output.append("\r\u{1b}[?47l")
    }
  }

  /// Brings the cursor into a saved state, saves it, and takes all of it back.
  private func dump(_ saved: SavedCursor, into output: inout ByteBuilder) {
    guard saved != SavedCursor() else { return }
    if saved.isOrigin { output.append("\u{1b}[?6h") }
    if saved.isWrapPending {
      // Of the screen on which nothing was written, a space changes nothing.
      appendPendingWrap(atColumn: saved.x, margin: columns, into: &output) { column, output in
        append(row: saved.y, column: column, to: &output)
        output.append(" ")
      }
    } else {
      append(row: saved.y, column: saved.x, to: &output)
    }
    append(change: PackedStyle(), to: saved.pen, to: &output)
    append(saved.charsets, to: &output)
    output.append("\u{1b}7")
    append(change: saved.pen, to: PackedStyle(), to: &output)
    appendReset(of: saved.charsets, to: &output)
    if saved.isOrigin { output.append("\u{1b}[?6l") }
  }

  /// Brings pending wrap to a column: a character is put there at the right margin.
  ///
  /// - Parameters:
  ///   - margin: Columns up to the margin that is set.
  ///   - put: Puts a character that ends in the column it is given.
  private func appendPendingWrap(
    atColumn column: Int, margin: Int, into output: inout ByteBuilder, put: (Int, inout ByteBuilder) -> Void
  ) {
    guard column != margin - 1 else { return put(column, &output) }
    // Margins are at least two columns apart, so the first column is reached by a tabulation back from the second.
    let last = max(column, 1)
    append(csi: "\u{1b}[?69h\u{1b}[1;", last + 1, "s", to: &output)
    put(last, &output)
    output.append("\u{1b}[?69l")
    if column == 0 { output.append("\u{1b}[Z") }
  }

  /// Paints a screen onto one on which nothing was written.
  private func dump(_ lines: UnsafeMutablePointer<GridRow>, into output: inout ByteBuilder) {
    var pen = PackedStyle()
    // Columns of the row that are there already, since the row before was made to go on in them; and where the cursor is.
    var (start, place) = (0, -1)
    for row in 0..<rows {
      dump(lines[row], row, from: start, place, pen: &pen, into: &output)
      (start, place) = (0, -1)
      let continuation = lines[row].continuation
      guard continuation > 0 else { continue }
      if continuation < columns { appendEnd(of: lines[row], row, pen: &pen, into: &output) }
      let cell = lines[row + 1].cells[0]
      append(textOf: cell, pen: &pen, to: &output)
      if continuation < columns { output.append("\u{1b}[?69l") }
      start = cell.isLead ? 2 : 1
      if continuation == columns { place = start }
    }
    append(change: pen, to: PackedStyle(), to: &output)
  }

  /// - Parameters:
  ///   - start: The column from which on to paint.
  ///   - place: Where the next character would go: -1 is elsewhere.
  private func dump(
    _ line: GridRow, _ row: Int, from start: Int, _ place: Int, pen: inout PackedStyle, into output: inout ByteBuilder
  ) {
    let cells = line.cells
    // The last column of a row that goes on is put as a character, and last: from there the line wraps.
    let end = line.continuation == columns ? columns - 1 : columns
    var (column, place) = (start, place)
    while column < columns {
      let cell = cells[column]
      if cell.isUntouched && column < end {
        column += 1
        continue
      }
      if place != column { append(row: row, column: column, to: &output) }
      let count = countOfErased(cells, column, end)
      if count > 3 {
        appendChange(&pen, to: styles[cell.style], to: &output)
        append(csi: "\u{1b}[", count, "X", to: &output)
        column += count
        place = -1
      } else {
        append(textOf: cell, pen: &pen, to: &output)
        column += cell.isLead ? 2 : 1
        place = column < columns ? column : -1
      }
    }
  }

  /// Puts the last character of a line that goes on before the last column, at a margin that is set there.
  private func appendEnd(of line: GridRow, _ row: Int, pen: inout PackedStyle, into output: inout ByteBuilder) {
    append(csi: "\u{1b}[?69h\u{1b}[1;", line.continuation, "s", to: &output)
    let last = line.continuation - 1
    let column = line.cells[last].isTail ? last - 1 : last
    append(row: row, column: column, to: &output)
    append(textOf: line.cells[column], pen: &pen, to: &output)
  }

  /// How many cells from `column` on look alike, and as if erased with a background.
  private func countOfErased(_ cells: UnsafeMutablePointer<PackedCell>, _ column: Int, _ end: Int) -> Int {
    let cell = cells[column]
    var plain = styles[cell.style]
    plain.background = 0
    guard cell.isBlank, plain == PackedStyle() else { return 0 }
    var last = column
    while last < end && cells[last] == cell { last += 1 }
    return last - column
  }

  // MARK: - Settings

  private func dumpTabStops(into output: inout ByteBuilder) {
    var first = TabStops()
    if tabStops.isCleared {
      first.clear()
      output.append("\u{1b}[3g")
    }
    for column in 0..<columns where tabStops[column] != first[column] {
      append(csi: "\u{1b}[", column + 1, tabStops[column] ? "G\u{1b}H" : "G\u{1b}[g", to: &output)
    }
  }

  /// Margins, and all modes that a character put to restore pending wrap can stand.
  private func dumpSettings(into output: inout ByteBuilder) {
    if top != 0 || bottom != rows - 1 {
      append(csi: "\u{1b}[", top + 1, ";", to: &output)
      append(csi: "", bottom + 1, "r", to: &output)
    }
    for (number, mode) in Modes.byNumber where mode != .autowrap {
      guard modes.contains(mode) != Modes.standard.contains(mode) else { continue }
      append(csi: "\u{1b}[?", Int(number), modes.contains(mode) ? "h" : "l", to: &output)
      if mode == .columnMargins && (left != 0 || right != columns - 1) {
        append(csi: "\u{1b}[", left + 1, ";", to: &output)
        append(csi: "", right + 1, "s", to: &output)
      }
    }
    if modes.contains(.newLine) { output.append("\u{1b}[20h") }
    if cursorShape != 0 { append(csi: "\u{1b}[", Int(cursorShape), " q", to: &output) }
  }

  private func dumpCursor(into output: inout ByteBuilder) {
    if lastGraphic != 0 { return dumpLastGraphic(into: &output) }
    if isWrapPending {
      appendPendingWrap(atColumn: x, margin: limit, into: &output) { column, output in
        dumpCell(atColumn: grid[y][column].isTail ? column - 1 : column, into: &output)
      }
      // So that REP does not repeat that character.
      output.append("\u{1b}[m")
    } else {
      appendCursor(column: x, to: &output)
    }
    append(change: PackedStyle(), to: pen, to: &output)
    dumpPrinting(into: &output)
    if singleShift != 0 { output.append(singleShift == 2 ? "\u{1b}N" : "\u{1b}O") }
  }

  /// Prints the cell there once more, and leaves the pen as at first.
  private func dumpCell(atColumn column: Int, into output: inout ByteBuilder) {
    var pen = PackedStyle()
    appendCursor(column: column, to: &output)
    append(textOf: grid[y][column], pen: &pen, to: &output)
    append(change: pen, to: PackedStyle(), to: &output)
  }

  /// Prints the last character once more, with all that was set when it was printed. In insert mode it is taken out first.
  private func dumpLastGraphic(into output: inout ByteBuilder) {
    let cell = grid[y][lastGraphicColumn]
    append(change: PackedStyle(), to: pen, to: &output)
    dumpPrinting(into: &output)
    appendCursor(column: lastGraphicColumn, to: &output)
    if modes.contains(.insert) { append(csi: "\u{1b}[", cell.isLead ? 2 : 1, "P", to: &output) }
    append(textOf: cell, to: &output)
  }

  /// What decides how characters are put.
  private func dumpPrinting(into output: inout ByteBuilder) {
    append(charsets, to: &output)
    if modes.contains(.insert) { output.append("\u{1b}[4h") }
    if !modes.contains(.autowrap) { output.append("\u{1b}[?7l") }
  }

  private func append(_ charsets: CharacterSets, to output: inout ByteBuilder) {
    for place: UInt8 in 0..<4 where charsets[place] != .ascii {
      output.append(0x1b)
      output.append(UInt8(ascii: "(") + place)
      output.append(charsets[place] == .lineDrawing ? UInt8(ascii: "0") : UInt8(ascii: "A"))
    }
    switch charsets.invoked {
    case 1: output.append(0x0e)
    case 2: output.append("\u{1b}n")
    case 3: output.append("\u{1b}o")
    default: break
    }
  }

  private func appendReset(of charsets: CharacterSets, to output: inout ByteBuilder) {
    for place: UInt8 in 0..<4 where charsets[place] != .ascii {
      output.append(0x1b)
      output.append(UInt8(ascii: "(") + place)
      output.append(UInt8(ascii: "B"))
    }
    if charsets.invoked != 0 { output.append(0x0f) }
  }

  // MARK: - Pieces

  /// CUP to a place in the cursor's row, as the margins have it in origin mode.
  private func appendCursor(column: Int, to output: inout ByteBuilder) {
    let isOrigin = modes.contains(.origin)
    append(row: isOrigin ? y - top : y, column: isOrigin ? column - left : column, to: &output)
  }

  private func append(row: Int, column: Int, to output: inout ByteBuilder) {
    append(csi: "\u{1b}[", row + 1, ";", to: &output)
    append(csi: "", column + 1, "H", to: &output)
  }

  private func append(csi: StaticString, _ number: Int, _ end: StaticString, to output: inout ByteBuilder) {
    output.append(csi)
    output.append(decimal: number)
    output.append(end)
  }

  private func appendChange(_ pen: inout PackedStyle, to style: PackedStyle, to output: inout ByteBuilder) {
    append(change: pen, to: style, to: &output)
    pen = style
  }

  private func append(textOf cell: PackedCell, pen: inout PackedStyle, to output: inout ByteBuilder) {
    appendChange(&pen, to: styles[cell.style], to: &output)
    append(textOf: cell, to: &output)
  }

  func append(textOf cell: PackedCell, to output: inout ByteBuilder) {
    guard cell.isCluster else { return appendUTF8(cell.content, to: &output) }
    let cluster = clusters[cell.content]
    for place in 0..<Cell.scalarsMax where cluster[place] != 0 { appendUTF8(cluster[place], to: &output) }
  }

  private static let attributeWords: [(Style.Attributes, StaticString)] = [
    (.bold, ";1"), (.faint, ";2"), (.italic, ";3"), (.blink, ";5"), (.inverse, ";7"), (.invisible, ";8"),
    (.strikethrough, ";9"), (.overline, ";53"),
  ]

  /// SGR, and DECSCA, from one style to the other; nothing when they are equal.
  private func append(change old: PackedStyle, to new: PackedStyle, to output: inout ByteBuilder) {
    guard old != new else { return }
    output.append("\u{1b}[0")
    for (attribute, words) in Self.attributeWords where new.flags & UInt32(attribute.rawValue) != 0 {
      output.append(words)
    }
    if new.underline == 1 { output.append(";4") }
    if new.underline > 1 { append(csi: ";4:", Int(new.underline), "", to: &output) }
    append(color: new.foreground, 30, to: &output)
    append(color: new.background, 40, to: &output)
    append(color: new.underlineColor, 50, to: &output)
    output.append("m")
    if old.isProtected != new.isProtected { output.append(new.isProtected ? "\u{1b}[1\"q" : "\u{1b}[0\"q") }
  }

  /// - Parameter base: 30, 40 or 50, the last of which has no short form.
  private func append(color: UInt32, _ base: Int, to output: inout ByteBuilder) {
    let index = Int(color & 0xff)
    switch color >> 24 {
    case 0: break
    case 1 where index < 8 && base < 50: append(csi: ";", base + index, "", to: &output)
    case 1 where index < 16 && base < 50: append(csi: ";", base + 60 + index - 8, "", to: &output)
    case 1:
      append(csi: ";", base + 8, ";5;", to: &output)
      output.append(decimal: index)
    default:
      append(csi: ";", base + 8, ";2;", to: &output)
      append(csi: "", Int(color >> 16 & 0xff), ";", to: &output)
      append(csi: "", Int(color >> 8 & 0xff), ";", to: &output)
      output.append(decimal: index)
    }
  }
}

/// Appends a code point that is not a surrogate.
private func appendUTF8(_ scalar: UInt32, to output: inout ByteBuilder) {
  func byte(_ bits: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: bits) }
  func low(_ shift: UInt32) -> UInt8 { byte(0x80 | scalar >> shift & 0x3f) }
  if scalar < 0x80 {
    output.append(byte(scalar))
  } else if scalar < 0x800 {
    output.append(byte(0xc0 | scalar >> 6))
    output.append(low(0))
  } else if scalar < 0x10000 {
    output.append(byte(0xe0 | scalar >> 12))
    output.append(low(6))
    output.append(low(0))
  } else {
    output.append(byte(0xf0 | scalar >> 18))
    output.append(low(12))
    output.append(low(6))
    output.append(low(0))
  }
}
