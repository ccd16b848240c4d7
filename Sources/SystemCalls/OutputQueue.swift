import CSys
package import Events

/// What waits to be written to a descriptor that may not take it now.
///
/// It serves whether or not the descriptor blocks, and never changes that: others may share it with us.
///
/// Public, and not `package` like the rest, because Embedded Swift shows other modules the `deinit` of public types only.
public struct OutputQueue: ~Copyable {
  /// With more than this waiting, nothing more is to be put in.
  private static var byteCountMax: Int { 256 << 10 }

  package let descriptor: Int32
  package var bytes = ByteBuilder(capacity: 4096)
  private var written = 0
  private let isSocket: Bool

  package init(_ descriptor: Int32) {
    self.descriptor = descriptor
    isSocket = csys_is_socket(descriptor)
  }

  package var isEmpty: Bool { written == bytes.count }
  package var isFull: Bool { bytes.count - written >= Self.byteCountMax }

  /// Writes what is taken at once.
  package mutating func flush() throws(OutputError) {
    while !isEmpty {
      let rest = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes.bytes[written...]))
      let count =
        isSocket
        ? csys_send_now(descriptor, rest.baseAddress, rest.count) : csys_write(descriptor, rest.baseAddress, rest.count)
      if count < 0, csys_errno() == EAGAIN || csys_errno() == EWOULDBLOCK { return }
      guard count > 0 else { throw OutputError(descriptor, code: count < 0 ? csys_errno() : EIO) }
      written += count
    }
    bytes.clear()
    written = 0
  }

  /// Writes all of it, waiting as long as it takes.
  package mutating func drain() throws(OutputError) {
    try flush()
    while !isEmpty {
      var awaited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      csys_poll(&awaited, 1, -1)
      try flush()
    }
  }
}

/// Why standard output, or another descriptor, takes no more of what a program writes.
package struct OutputError: Error, Equatable {
  private let descriptor: Int32
  /// errno(3) of write(2).
  package let code: Int32

  init(_ descriptor: Int32, code: Int32) {
    self.descriptor = descriptor
    self.code = code
  }

  /// Whoever read it is gone. That is nobody's fault: `head` has seen enough.
  package var isReaderGone: Bool { code == EPIPE || code == ECONNRESET }

  /// `standard output: no space left on device`.
  package var text: [UInt8] {
    let name: StaticString = descriptor == 2 ? "standard error: " : "standard output: "
    return bytes(name) + SystemError("write", code: code).meaning
  }
}

/// Writes all of `text` to standard output, waiting as long as it takes.
package func show(_ text: [UInt8]) throws(OutputError) {
  var output = OutputQueue(1)
  output.bytes.append(text)
  try output.drain()
}

/// Writes all of `text` to standard error, waiting as long as it takes. That nobody can be told is told to nobody. Names in
/// it that would act on a terminal are shown instead.
///
/// A program that must not be held up by whoever reads uses ``say(_:)``.
package func complain(_ text: [UInt8]) {
  var output = OutputQueue(2)
  output.bytes.append(visibleLines: text)
  try? output.drain()
}

extension Process {
  /// Ends a program that cannot write its output: by SIGPIPE when its reader is gone, as a program does that leaves that
  /// signal alone; otherwise with a sentence, and 1.
  package static func exit(_ program: StaticString, after error: OutputError) -> Never {
    if error.isReaderGone { die(of: csys_sigpipe) }
    complain(bytes(program) + bytes(": ") + error.text + bytes("\n"))
    exit(1)
  }
}
