package import Events

/// Lines as they were written: a line that wrapped takes several rows.
extension Emulator {
  /// Whether the line in a row goes on in the row below, since it wrapped there.
  package func isWrapped(row: Int) -> Bool {
    precondition(row >= 0 && row < rows, "row \(row) of \(window)")
    return grid.lines[row].continuation > 0
  }

  /// The rows of the screen that the line in `row` takes, that one among them.
  package func rowsOfLine(at row: Int) -> ClosedRange<Int> {
    precondition(row >= 0 && row < rows, "row \(row) of \(window)")
    var (first, last) = (row, row)
    while first > 0 && grid.lines[first - 1].continuation > 0 { first -= 1 }
    while last < rows - 1 && grid.lines[last].continuation > 0 { last += 1 }
    return first...last
  }

  /// Appends a line as it was written, as UTF-8, without the blanks at its end.
  ///
  /// - Parameter lineRows: As ``rowsOfLine(at:)`` has them.
  package func appendText(ofLine lineRows: ClosedRange<Int>, to output: inout ByteBuilder) {
    for row in lineRows where row < lineRows.upperBound { append(row, upTo: grid.lines[row].continuation, to: &output) }
    appendText(ofRow: lineRows.upperBound, to: &output)
  }
}

/// Reporting lines. What is here runs only while there is an observer.
///
/// A line whose first rows have left the screen while it goes on there is reported with them: the tracker keeps their text as
/// the line's head.
extension Emulator {
  /// How long a line stays unchanged until it counts as settled: longer than between two keys of somebody who types.
  package static let settleMilliseconds: UInt64 = 2000
  /// Bytes of a line that are kept after they have left the screen. What wraps for longer is reported in pieces of about so
  /// many: a program may write for ever without an end of line.
  package static let lineHeadByteCountMax = 65536

  /// Reports lines to `observer` from now on; nil ends that.
  package mutating func report(to observer: (any LineObserver)?) {
    lines = observer.map { LineTracker($0, rows: rows, clock: clock) }
  }

  /// Reports what has not been, at the end of a recording.
  package mutating func reportAll() {
    guard lines != nil else { return }
    var row = 0
    while row < rows {
      let line = rowsOfLine(at: row)
      report(line)
      row = line.upperBound + 1
    }
  }

  /// Before a feed: reports what has been there long enough.
  mutating func reportSettled(at milliseconds: UInt64) {
    var row = 0
    while row < rows {
      let line = rowsOfLine(at: row)
      if let since = lines?.lastChange(of: line), milliseconds >= since &+ Self.settleMilliseconds { report(line) }
      row = line.upperBound + 1
    }
    lines?.now = milliseconds
  }

  /// Remembers which rows have changed.
  mutating func noteChanges() {
    guard let lines, lines.clock != clock else { return }
    for row in 0..<rows { lines.note(row, version: grid.versions[row]) }
    lines.noted(upTo: clock)
  }

  /// Reports the line that a row is of.
  mutating func reportLine(at row: Int) { report(rowsOfLine(at: row)) }

  /// Reports a line, unless it was reported as it is.
  private mutating func report(_ line: ClosedRange<Int>) {
    noteChanges()
    guard let lines, let since = lines.lastChange(of: line) else { return }
    var text = ByteBuilder(capacity: columns)
    if let head = lines.head, head.row == line.lowerBound { text.append(head.text) }
    appendText(ofLine: line, to: &text)
    lines.tell(text.bytes, since)
    lines.forget(line)
  }

  // MARK: - What goes

  /// Reports rows that are about to go, by the top of the region when it `isScroll`s up: then a line may stay in part.
  mutating func reportLost(_ lost: Range<Int>, isScroll: Bool) {
    guard lines != nil else { return }
    guard isScroll else {
      for row in lost { reportLine(at: row) }
      endHead(at: lost.lowerBound)
      return
    }
    // A line that begins above the region is torn.
    if lost.lowerBound > 0 && isWrapped(row: lost.lowerBound - 1) { reportLine(at: lost.lowerBound) }
    for row in lost {
      if isWrapped(row: row) || lines?.head?.row == row { moveToHead(row) } else { report(row...row) }
    }
  }

  /// The head takes up a row that goes, and waits for the next one; it is reported when the line ends.
  private mutating func moveToHead(_ row: Int) {
    noteChanges()
    guard let lines else { return }
    if lines.head?.row != row { lines.tellHead() }
    let goesOn = isWrapped(row: row)
    var text = ByteBuilder(capacity: columns)
    if goesOn {
      append(row, upTo: grid.lines[row].continuation, to: &text)
    } else {
      appendText(ofRow: row, to: &text)
    }
    let byteCount = lines.moveToHead(row, text.bytes)
    if !goesOn || byteCount >= Self.lineHeadByteCountMax { lines.tellHead() }
  }

  /// The line that began with the head does not go on in `row`.
  mutating func endHead(at row: Int) {
    if let lines, lines.head?.row == row { lines.tellHead() }
  }

  /// Reports what a resize takes away: rows, or the ends of all of them.
  mutating func reportLost(resizingTo window: Window, shift: Int) {
    guard lines != nil else { return }
    if window.columns < self.window.columns { reportAll() }
    let kept = shift + Int(window.rows)
    if kept < rows { for row in kept..<rows { reportLine(at: row) } }
    reportLost(0..<shift, isScroll: true)
  }
}
