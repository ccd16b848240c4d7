import CSys

/// A file descriptor with one owner, closed with the value.
///
/// Every descriptor is opened close-on-exec; what a shell is to have is handed to it by name in ``Child``.
public struct Descriptor: ~Copyable {
  /// The number, for calls that borrow it while the owner lives. Never negative.
  package let raw: Int32

  /// Takes over `raw`; nobody else may close it from now on.
  package init(owning raw: Int32) {
    precondition(raw >= 0)
    self.raw = raw
  }

  deinit { csys_close(raw) }
}

/// What came of an attempt to read or write without waiting.
package enum Transfer: Equatable {
  case bytes(Int)
  /// Nothing now; poll(2) tells when.
  case wouldBlock
  /// The end of the stream: nothing will come any more, or nobody takes it any more.
  case end
}

/// Reads what is there, at most `buffer.count` bytes.
///
/// EIO counts as the end: it is what a pseudo-terminal answers whose other end is closed (pty(7)), and a hung-up
/// terminal.
/// - Throws: any other errno of read(2).
package func readNow(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Transfer {
  let count = csys_read(fd, buffer.baseAddress, buffer.count)
  if count > 0 { return .bytes(count) }
  if count == 0 { return .end }
  switch csys_errno() {
  case EAGAIN, EWOULDBLOCK: return .wouldBlock
  case EIO, ECONNRESET: return .end
  default: throw SystemError("read")
  }
}

/// Writes as much of `bytes` as is taken at once.
///
/// EPIPE, EIO and ECONNRESET count as the end: the reader, or the terminal, is gone.
/// - Parameter isSocket: A socket that the caller gave may be set to wait, for others that have it too.
/// - Throws: any other errno of write(2).
package func writeNow(
  _ fd: Int32, _ bytes: UnsafeRawBufferPointer, isSocket: Bool
) throws(SystemError) -> Transfer {
  let count =
    isSocket
    ? csys_send_now(fd, bytes.baseAddress, bytes.count) : csys_write(fd, bytes.baseAddress, bytes.count)
  if count >= 0 { return .bytes(count) }
  switch csys_errno() {
  case EAGAIN, EWOULDBLOCK: return .wouldBlock
  case EPIPE, EIO, ECONNRESET: return .end
  default: throw SystemError("write")
  }
}

/// Says something to a person, as far as it can be said in time: a message must not hold up the session that it is about.
/// What no session waits for is written with ``show(_:)`` and ``complain(_:)``.
///
/// - Parameter patience: Milliseconds that whoever reads may take before there is room. After a session they take a while
///   with what it wrote.
package func say(_ bytes: [UInt8], on fd: Int32 = 2, patience: Int32 = 0) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { csys_write(fd, $0.baseAddress, $0.count) }
    if written > 0 {
      rest = rest.dropFirst(written)
    } else {
      guard written < 0, csys_errno() == EAGAIN, patience > 0 else { return }
      var polled = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
      if csys_poll(&polled, 1, patience) <= 0 { return }
    }
  }
}

/// Calls `body` with `text` as a NUL-terminated string. What stands behind a NUL in it is cut off.
package func withCString<Result>(_ text: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  let terminated = text + [0]
  return terminated.withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress!) }
}
