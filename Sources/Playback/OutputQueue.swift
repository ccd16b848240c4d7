import CSys
import Events
import SystemCalls

/// What waits to be written to a descriptor that may not take it now.
struct OutputQueue: ~Copyable {
  /// With more than this waiting, nothing more is to be put in.
  static let byteCountMax = 256 << 10

  let descriptor: Int32
  var bytes = ByteBuilder(capacity: 4096)
  private var written = 0
  private let isSocket: Bool
  /// Nobody takes it any more.
  private(set) var isClosed = false

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    isSocket = csys_is_socket(descriptor)
  }

  var isEmpty: Bool { written == bytes.count }
  var isFull: Bool { bytes.count - written >= Self.byteCountMax }

  /// Writes what is taken at once.
  mutating func flush() throws(SystemError) {
    while !isEmpty, !isClosed {
      let rest = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes.bytes[written...]))
      switch try writeNow(descriptor, rest, isSocket: isSocket) {
      case .bytes(let count): written += count
      case .wouldBlock: return
      case .end: isClosed = true
      }
    }
    bytes.clear()
    written = 0
  }

  /// Writes all of it, waiting as long as it takes.
  mutating func drain() throws(SystemError) {
    try flush()
    while !isEmpty, !isClosed {
      var awaited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      csys_poll(&awaited, 1, -1)
      try flush()
    }
  }
}
