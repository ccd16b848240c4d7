/// Who is told of lines as they come to rest, and of what programs say beside the screen. Search is.
package protocol LineObserver: AnyObject {
  /// A line has stayed as it is for ``Emulator/settleMilliseconds``, or is about to go. A line is reported once; again only
  /// after it has changed.
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

/// Which rows have changed since they were reported, and when.
struct LineTracker {
  let observer: any LineObserver
  /// For each row the time of its last change; nil: reported, or blank from the start.
  private(set) var changed: [UInt64?]
  /// Changes up to this one are in ``changed``.
  private(set) var clock: UInt64
  /// The time of the feed that goes on.
  var now: UInt64 = 0

  init(_ observer: any LineObserver, rows: Int, clock: UInt64) {
    self.observer = observer
    self.clock = clock
    changed = [UInt64?](repeating: nil, count: rows)
  }

  /// Everything on the screen counts as reported.
  mutating func restart(rows: Int, clock: UInt64) {
    changed = [UInt64?](repeating: nil, count: rows)
    self.clock = clock
  }

  mutating func note(_ row: Int, version: UInt64) {
    if version > clock { changed[row] = now }
  }

  mutating func forget(_ row: Int) { changed[row] = nil }

  mutating func noted(upTo clock: UInt64) { self.clock = clock }

  /// Follows rows that move up, or down by less than 0. That they moved is no change of theirs.
  mutating func moved(_ first: Int, _ last: Int, up count: Int) {
    let blank = [UInt64?](repeating: nil, count: abs(count))
    if count > 0 {
      changed.removeSubrange(first..<first + count)
      changed.insert(contentsOf: blank, at: last + 1 - count)
    } else {
      changed.removeSubrange(last + 1 + count..<last + 1)
      changed.insert(contentsOf: blank, at: first)
    }
  }
}
