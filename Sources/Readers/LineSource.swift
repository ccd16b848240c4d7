import CSys
import Events
import Glibc

/// A place that holds messages, one a line, in the order in which they were written: a file, a spool file, a journal.
package protocol LineSource: AnyObject {
  /// The next line.
  ///
  /// - Returns: nil when there is no whole line now; ``awaited`` says whether there may be one later.
  /// - Throws: What the system says, or what is wrong with the place. The call after that goes on behind it, if it can.
  func next() throws(ReadError) -> Line?

  /// Where the next line begins.
  var position: LinePosition { get }

  /// Goes to where ``position`` was once.
  func seek(to position: LinePosition) throws(ReadError)

  /// What poll(2) is to wait for, for input, when ``next()`` gave nil; nil when nothing will ever come.
  var awaited: Int32? { get }

  /// Whether ``next()`` gave nil though there is more for certain: it is on its way.
  var isBehind: Bool { get }

  /// Takes note of what made ``awaited`` readable. ``next()`` then looks again.
  func attend() throws(ReadError)

  /// Where the line with that number is, in tlog's words: `line 5`, `entry 0`.
  func placeName(ofLine number: UInt64) -> [UInt8]
}

extension LineSource {
  /// Where the line is that ``next()`` would give.
  package var placeName: [UInt8] { placeName(ofLine: position.number) }

  package var isBehind: Bool { false }

  /// Waits for what is on its way, but not so long that somebody at the keys would notice.
  package func waitForWhatIsBehind() throws(ReadError) {
    guard let awaited else { return }
    var place = pollfd(fd: awaited, events: Int16(POLLIN), revents: 0)
    csys_poll(&place, 1, 20)
    if place.revents != 0 { try attend() }
  }

  /// Waits for more, as long as it takes, after ``next()`` gave nil: a pipe that has not ended, something followed.
  ///
  /// - Returns: False when nothing will ever come.
  package func waitForMore() throws(ReadError) -> Bool {
    guard let awaited else { return false }
    var place = pollfd(fd: awaited, events: Int16(POLLIN), revents: 0)
    csys_poll(&place, 1, -1)
    try attend()
    return true
  }
}

/// A line as it lies in its source's memory: valid until the source is used again.
package struct Line {
  /// Without LF. A line longer than ``MessageEncoder/lineByteCountMax`` is cut one byte beyond that.
  package let bytes: UnsafeBufferPointer<UInt8>
  /// As tlog counts: lines from 1, entries of a journal from 0.
  package let number: UInt64
}

/// A place in a source. Small, and good for that source only.
package struct LinePosition: Equatable, Sendable {
  /// The line's number, or the entry's.
  let number: UInt64
  /// Which of the source's files.
  var part = 0
  /// Bytes from the start of that file, decompressed.
  var offset: UInt64 = 0
  /// The journal's own name for the entry before; empty at the start.
  var cursor: [UInt8] = []
}
