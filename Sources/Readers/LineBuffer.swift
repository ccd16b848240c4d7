import Events
import Glibc

/// Cuts what is read into lines, in one block of memory that is used again.
///
/// Of a line that is too long for a message, the start is kept and the rest thrown away as it comes, so that the block
/// never grows beyond ``keptByteCountMax`` and ``blockByteCount`` together.
struct LineBuffer: ~Copyable {
  /// What is read at once: large enough that the system calls do not count.
  static let blockByteCount = 128 * 1024
  /// One byte more than a message may have: enough to see that it has too many.
  static let keptByteCountMax = MessageEncoder.lineByteCountMax + 1

  private var base: UnsafeMutablePointer<UInt8>
  private var capacity = 2 * blockByteCount
  /// Where the next line begins.
  private var start = 0
  private var end = 0
  /// Bytes before this one are no LF.
  private var scanned = 0
  private var discardedByteCount = 0

  init() { base = .allocate(capacity: capacity) }

  deinit { base.deallocate() }

  /// How much of the source was read and not given out as lines yet.
  var unreadByteCount: Int { end &- start &+ discardedByteCount }

  mutating func clear() {
    start = 0
    end = 0
    scanned = 0
    discardedByteCount = 0
  }

  /// The next whole line, without its LF. Valid until ``room()`` is asked for.
  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    guard let found = memchr(base + scanned, 0x0a, end &- scanned) else {
      trim()
      scanned = end
      return nil
    }
    let lineEnd = found.assumingMemoryBound(to: UInt8.self) - base
    return take(to: lineEnd, next: lineEnd &+ 1)
  }

  /// What is left when nothing more will come: a line without LF; nil when there is nothing.
  mutating func rest() -> UnsafeBufferPointer<UInt8>? { unreadByteCount == 0 ? nil : take(to: end, next: end) }

  private mutating func take(to lineEnd: Int, next: Int) -> UnsafeBufferPointer<UInt8> {
    let line = UnsafeBufferPointer(start: base + start, count: min(lineEnd &- start, Self.keptByteCountMax))
    start = next
    scanned = next
    discardedByteCount = 0
    return line
  }

  private mutating func trim() {
    let excess = end &- start &- Self.keptByteCountMax
    guard excess > 0 else { return }
    discardedByteCount &+= excess
    end &-= excess
  }

  /// Memory for the next block; what was read into it is then told to ``fill(_:)``.
  mutating func room() -> UnsafeMutableRawBufferPointer {
    if start > 0 {
      memmove(base, base + start, end &- start)
      end &-= start
      scanned &-= start
      start = 0
    }
    if capacity &- end < Self.blockByteCount { grow() }
    return UnsafeMutableRawBufferPointer(start: base + end, count: Self.blockByteCount)
  }

  private mutating func grow() {
    let larger = min(capacity &* 2, Self.keptByteCountMax &+ Self.blockByteCount)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memcpy(moved, base, end)
    base.deallocate()
    base = moved
    capacity = larger
  }

  mutating func fill(_ byteCount: Int) { end &+= byteCount }
}
