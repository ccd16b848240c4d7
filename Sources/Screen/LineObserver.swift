/// Who is told of lines as they come to rest, and of what programs say beside the screen. Search is.
package protocol LineObserver: AnyObject {
  /// A line has stayed as it is for ``Emulator/settleMilliseconds``, or is about to go. A line is reported once; again only
  /// after it has changed. It is the line that was written, however many rows it wrapped to; see
  /// ``Emulator/lineHeadByteCountMax`` for the longest.
  ///
  /// - Parameters:
  ///   - text: UTF-8, never empty, without blanks at its end; valid during the call.
  ///   - milliseconds: When it came to look so: the time of the feed that changed it last.
  func settled(line text: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64)

  /// An OSC string: titles (0, 1, 2), links (8), pasteboard (52), shell marks (133, 633) and others.
  ///
  /// - Parameter isCut: It was longer than ``SequenceReader/stringByteCountMax``.
  func received(osc: [UInt8], isCut: Bool)
}

/// Which rows have changed since they were reported, and when; and what of a line has left the screen.
final class LineTracker {
  /// The first rows of a line, which have left the screen while the line goes on there.
  struct Head {
    /// Less than ``Emulator/lineHeadByteCountMax`` bytes.
    var text: [UInt8] = []
    /// Where it goes on.
    var row: Int
    /// When one of its rows changed; nil: it was reported.
    var changed: UInt64?
  }

  private let observer: any LineObserver
  /// For each row the time of its last change; nil: reported, or blank from the start.
  private var changed: [UInt64?]
  private(set) var head: Head?
  /// Changes up to this one are in ``changed``.
  private(set) var clock: UInt64
  /// The time of the feed that goes on.
  var now: UInt64 = 0

  init(_ observer: any LineObserver, rows: Int, clock: UInt64) {
    self.observer = observer
    self.clock = clock
    changed = [UInt64?](repeating: nil, count: rows)
  }

  /// Another screen is shown: what is on it counts as reported.
  func restart(clock: UInt64) {
    for row in changed.indices { changed[row] = nil }
    head = nil
    self.clock = clock
  }

  func note(_ row: Int, version: UInt64) {
    if version > clock { changed[row] = now }
  }

  func noted(upTo clock: UInt64) { self.clock = clock }

  /// When a line changed last, with its head; nil: it was reported as it is.
  func lastChange(of line: ClosedRange<Int>) -> UInt64? {
    var last: UInt64?
    if let head, head.row == line.lowerBound { last = head.changed }
    for row in line { if let time = changed[row] { last = max(time, last ?? 0) } }
    return last
  }

  func forget(_ line: ClosedRange<Int>) {
    for row in line { changed[row] = nil }
    if head?.row == line.lowerBound { head?.changed = nil }
  }

  /// Hands on a line without the blanks at its end.
  func tell(_ text: UnsafeBufferPointer<UInt8>, _ since: UInt64) {
    var count = text.count
    while count > 0 && text[count - 1] == 0x20 { count -= 1 }
    if count > 0 { observer.settled(line: UnsafeBufferPointer(rebasing: text[..<count]), at: since) }
  }

  func tell(osc string: [UInt8], isCut: Bool) { observer.received(osc: string, isCut: isCut) }

  // MARK: - The head

  /// - Returns: How many bytes the head has now.
  func moveToHead(_ row: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    // Taken out while it grows, so that there is never a second one to be copied to.
    var head = self.head.take() ?? Head(row: row)
    head.text.append(contentsOf: text)
    head.row = row + 1
    if let time = changed[row] { head.changed = max(time, head.changed ?? 0) }
    changed[row] = nil
    let byteCount = head.text.count
    self.head = consume head
    return byteCount
  }

  /// Reports the head as a line of its own, unless it was reported, and forgets it.
  func tellHead() {
    if let head, let since = head.changed { head.text.withUnsafeBufferPointer { tell($0, since) } }
    head = nil
  }

  // MARK: - Rows that move

  /// Follows rows that move up, or down by less than 0, after those that had to go were reported. That they moved is no
  /// change of theirs.
  func moved(_ first: Int, _ last: Int, up count: Int, clock: UInt64) {
    let blank = [UInt64?](repeating: nil, count: abs(count))
    if count > 0 {
      changed.removeSubrange(first..<first + count)
      changed.insert(contentsOf: blank, at: last + 1 - count)
    } else {
      changed.removeSubrange(last + 1 + count..<last + 1)
      changed.insert(contentsOf: blank, at: first)
    }
    // In a region that went as a whole, the row below it is the one that comes in.
    if let row = head?.row, row >= first && row <= last + 1 { head?.row = row - count }
    self.clock = clock
  }

  /// Follows a resize, after which rows are missing at the top and at the bottom.
  func resized(rows: Int, up count: Int, clock: UInt64) {
    changed.removeFirst(count)
    if changed.count > rows { changed.removeLast(changed.count - rows) }
    while changed.count < rows { changed.append(nil) }
    if let row = head?.row { head?.row = row - count }
    self.clock = clock
  }
}
