import CSys
import Events
import SystemCalls

/// A recorder's connection to the agent, from the agent's side.
final class RecorderConnection {
  let number: Int
  /// To poll(2) for input.
  let raw: Int32
  /// It came by the socket of recorders with rights of their own.
  let isAtTrustedSocket: Bool
  /// Who called, in the kernel's words.
  let peer: csys_peer
  /// When the hand-shake must be over; nil once it is.
  var deadline: UInt64?
  var recording: SpooledRecording?
  /// Whom the kernel took the sender of the first packet for.
  var sender: csys_peer?
  var nextPingAt: UInt64 = 0
  var lastPongAt: UInt64 = 0
  /// Pings without an answer. A host that slept does not make a recorder that stalls: it was not pinged.
  var unansweredCount = 0
  private var socket: LocalSocket?
  private let closer: ConnectionCloser
  private var received = ByteBuilder(capacity: 512)
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

  init(
    _ number: Int, _ socket: consuming LocalSocket, isAtTrustedSocket: Bool, deadline: UInt64,
    _ closer: ConnectionCloser
  ) {
    // Always known of a connection; process 0 would be nobody's.
    peer = (try? socket.peer()) ?? csys_peer(pid: 0, user: .max, group: .max)
    raw = socket.raw
    self.socket = consume socket
    self.number = number
    self.isAtTrustedSocket = isAtTrustedSocket
    self.deadline = deadline
    self.closer = closer
  }

  deinit {
    block.deallocate()
    if let socket = socket.take() { closer.take(socket) }
  }

  /// Reads what is there.
  ///
  /// - Returns: False when the recorder has closed the connection.
  /// - Throws: EBADMSG when it passes a descriptor, which no recorder does.
  func receive() throws(SystemError) -> Bool {
    while true {
      // More than one packet's worth is read only when it has been taken.
      guard received.count <= Handshake.packetByteCountMax else { return true }
      guard let got = try socket?.receiveBytes(into: block) else { return true }
      if let sender = got.sender, self.sender == nil { self.sender = sender }
      if got.byteCount == 0 { return false }
      received.append(
        UnsafeRawBufferPointer(rebasing: block[..<got.byteCount]).assumingMemoryBound(to: UInt8.self))
    }
  }

  /// The next whole packet.
  func next() throws(Handshake.Failure) -> RecorderPacket? {
    guard let (packet, byteCount) = try RecorderPacket.read(received.bytes) else { return nil }
    let rest = [UInt8](received.bytes[byteCount...])
    received.clear()
    received.append(rest)
    return packet
  }

  /// - Returns: False when the recorder is gone, or reads nothing.
  func send(_ packet: AgentPacket, passing passed: Int32? = nil) -> Bool {
    var bytes = ByteBuilder(capacity: 256)
    packet.append(to: &bytes)
    do throws(SystemError) { try socket?.send(packet: bytes.bytes, passing: passed) } catch { return false }
    return true
  }
}
