import Events

/// Reporting lines. What is here runs only while there is an observer.
extension Emulator {
  /// How long a line stays unchanged until it counts as settled: longer than between two keys of somebody who types.
  package static let settleMilliseconds: UInt64 = 2000

  /// Reports lines to `observer` from now on; nil ends that.
  package mutating func report(to observer: (any LineObserver)?) {
    lines = observer.map { LineTracker($0, rows: rows, clock: clock) }
  }

  /// Reports what has not been, at the end of a recording.
  package mutating func reportAll() { reportLost(0..<rows) }

  /// Before a feed: reports what has been there long enough.
  mutating func reportSettled(at milliseconds: UInt64) {
    for row in 0..<rows {
      if let since = lines?.changed[row], milliseconds >= since &+ Self.settleMilliseconds { report(row) }
    }
    lines?.now = milliseconds
  }

  /// Remembers which rows have changed.
  mutating func noteChanges() {
    guard let tracker = lines, tracker.clock != clock else { return }
    for row in 0..<rows { lines?.note(row, version: grid.versions[row]) }
    let clock = clock
    lines?.noted(upTo: clock)
  }

  /// Reports rows that are about to go.
  mutating func reportLost(_ rows: Range<Int>) {
    guard lines != nil else { return }
    for row in rows { report(row) }
  }

  /// Reports a row, unless it was reported as it is.
  mutating func report(_ row: Int) {
    noteChanges()
    guard let tracker = lines, let since = tracker.changed[row] else { return }
    var text = ByteBuilder(capacity: columns)
    appendText(ofRow: row, to: &text)
    if !text.isEmpty { tracker.observer.settled(line: text.bytes, at: since) }
    lines?.forget(row)
  }

  /// Rows have moved, after those that had to go were reported.
  mutating func linesMoved(_ first: Int, _ last: Int, up count: Int) {
    guard lines != nil else { return }
    let clock = clock
    lines?.moved(first, last, up: count)
    lines?.noted(upTo: clock)
  }

  /// Another screen is shown, or one of another size: what is on it counts as reported.
  mutating func restartLines() {
    guard lines != nil else { return }
    let (rows, clock) = (rows, clock)
    lines?.restart(rows: rows, clock: clock)
  }
}
