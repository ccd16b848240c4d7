package import CSys
import Events

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

  /// Who is at the other end: effective ids at the time of listen(2), for a server.
  package func peer() throws(SystemError) -> csys_peer {
    var peer = csys_peer()
    if csys_peer_of(raw, &peer) != 0 { throw SystemError("getsockopt") }
    return peer
  }

  /// Sends a packet of a stream, which is so short that it fits or the peer does not read.
  ///
  /// - Parameters:
  ///   - passed: A descriptor that goes along; the caller keeps its own.
  ///   - sender: Who says so. The kernel takes only ids that this process has.
  /// - Throws: EAGAIN when there is no room; EPIPE, ECONNRESET when the peer is gone.
  package func send(
    packet: UnsafeBufferPointer<UInt8>, passing passed: Int32? = nil, as sender: csys_peer? = nil
  ) throws(SystemError) {
    let sent: Int
    if var sender {
      sent = csys_send_along(raw, packet.baseAddress, packet.count, passed ?? -1, &sender)
    } else {
      sent = csys_send_along(raw, packet.baseAddress, packet.count, passed ?? -1, nil)
    }
    if sent < 0 { throw SystemError("sendmsg") }
    // Half a packet would be taken for the beginning of the next one.
    if sent < packet.count { throw SystemError("sendmsg", code: EPIPE) }
  }

  /// Receives what is there.
  ///
  /// - Returns: nil when there is nothing now; no bytes when the peer is gone.
  package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Received? {
    var passed: Int32 = -1
    var sender = csys_peer()
    let count = csys_receive(raw, buffer.baseAddress, buffer.count, &passed, &sender)
    if count < 0 {
      switch csys_errno() {
      case EAGAIN, EWOULDBLOCK: return nil
      case ECONNRESET: return Received(byteCount: 0, passed: nil, sender: nil)
      default: throw SystemError("recvmsg")
      }
    }
    return Received(
      byteCount: count, passed: passed >= 0 ? Descriptor(owning: passed) : nil, sender: sender.pid > 0 ? sender : nil)
  }

  /// Receives what there is of a caller that may pass whatever it likes: bytes, and no descriptor.
  ///
  /// - Returns: nil when there is nothing now; no bytes when the peer is gone.
  /// - Throws: EBADMSG when a descriptor came along, which stays where it is.
  package func receiveBytes(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> (byteCount: Int, sender: csys_peer?)? {
    var sender = csys_peer()
    let count = csys_receive_bytes(raw, buffer.baseAddress, buffer.count, &sender)
    if count >= 0 { return (count, sender.pid > 0 ? sender : nil) }
    switch csys_errno() {
    case EAGAIN, EWOULDBLOCK: return nil
    case ECONNRESET: return (0, nil)
    default: throw SystemError("recvmsg")
    }
  }

  /// What ``receive(into:)`` brought.
  public struct Received: ~Copyable {
    package let byteCount: Int
    /// A descriptor that came along.
    package var passed: Descriptor?
    /// Whom the kernel knows the sender to be, if it said so.
    package let sender: csys_peer?

    init(byteCount: Int, passed: consuming Descriptor?, sender: csys_peer?) {
      self.byteCount = byteCount
      self.passed = passed
      self.sender = sender
    }
  }

  /// Takes over a connection that was accepted.
  package init(accepted: consuming Descriptor) { descriptor = accepted }
}
