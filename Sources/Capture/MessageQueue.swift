import Events

/// Finished messages that a sink has not taken yet, oldest first.
struct MessageQueue: ~Copyable {
  /// Where the digits of `id` begin in every line of the recording.
  private let identifierOffset: Int
  /// Where finished lines are appended.
  var lines = ByteBuilder(capacity: 4096)
  private var taken = 0

  init(identifierOffset: Int) { self.identifierOffset = identifierOffset }

  var byteCount: Int { lines.count - taken }
  var isEmpty: Bool { byteCount == 0 }

  /// All that waits, whole lines.
  var all: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: lines.bytes[taken...]) }

  /// The oldest line with its LF. The queue must not be empty.
  var next: UnsafeBufferPointer<UInt8> {
    let all = all
    let end = all.firstIndex(of: UInt8(ascii: "\n")) ?? all.count - 1
    return UnsafeBufferPointer(rebasing: all[...end])
  }

  /// The `id` of the oldest line.
  var nextIdentifier: UInt64 {
    var identifier: UInt64 = 0
    for byte in all.dropFirst(identifierOffset) {
      guard byte >= 0x30 && byte <= 0x39 else { break }
      identifier = identifier &* 10 &+ UInt64(byte &- 0x30)
    }
    return identifier
  }

  /// Forgets the oldest `byteCount` bytes: whole lines that were taken, or given up.
  mutating func removeFirst(_ byteCount: Int) {
    taken += byteCount
    if taken == lines.count {
      lines.clear()
      taken = 0
    }
  }
}
