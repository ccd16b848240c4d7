import CSys

/// A Unix socket connected to a service of this machine. It never waits, and a peer that is gone is an error and not a
/// signal.
package struct LocalSocket: ~Copyable {
  package enum Kind {
    case datagram, stream
  }

  private let descriptor: Descriptor

  /// - Parameter sendBuffer: Bytes to ask for, so that bursts and large messages fit; the system gives at most
  ///   net.core.wmem_max, and that this is less is no error.
  /// - Throws: ENOENT, ECONNREFUSED: nobody listens there. EPROTOTYPE: it is of the other kind. EAGAIN: a stream's peer
  ///   has more callers waiting than it takes.
  package init(connectingTo path: [UInt8], _ kind: Kind, sendBuffer: Int32) throws(SystemError) {
    let type = Int32(kind == .datagram ? csys_datagram : csys_stream)
    let raw = path.withUnsafeBytes {
      csys_unix_connect($0.assumingMemoryBound(to: CChar.self).baseAddress, $0.count, type)
    }
    guard raw >= 0 else { throw SystemError("connect", path: path) }
    descriptor = Descriptor(owning: raw)
    _ = csys_send_buffer(raw, sendBuffer)
  }

  /// The number, to poll(2) for room; it lives as long as the socket.
  package var raw: Int32 { descriptor.raw }

  /// Sends `head` and then `body` in one message.
  ///
  /// - Returns: How many bytes were taken: all of them on a datagram socket.
  /// - Throws: EAGAIN when there is no room now, EMSGSIZE when a datagram of this size never fits, ECONNREFUSED,
  ///   ENOTCONN, ECONNRESET or EPIPE when the peer is gone.
  package func send(
    _ head: UnsafeBufferPointer<UInt8>, _ body: UnsafeBufferPointer<UInt8>
  ) throws(SystemError) -> Int {
    let sent = csys_send(raw, head.baseAddress, head.count, body.baseAddress, body.count)
    if sent < 0 { throw SystemError("sendmsg") }
    return sent
  }

  /// Hands `file` to the peer in an otherwise empty datagram. Errors as ``send(_:_:)``.
  package func pass(_ file: borrowing SealedMemory) throws(SystemError) {
    if csys_send_descriptor(raw, file.raw) < 0 { throw SystemError("sendmsg") }
  }
}
