import CSys
import Events
import SystemCalls

/// A recorder's connection to the agent, from the agent's side.
final class RecorderConnection {
  let number: Int
  /// It came by the socket of recorders with rights of their own.
  let isAtTrustedSocket: Bool
  /// Who called, in the kernel's words.
  let peer: csys_peer
  /// When the hand-shake must be over; nil once it is.
  var deadline: UInt64?
  var recording: SpooledRecording?
  /// What came along with the packet that is being read.
  var passed: Descriptor?
  var sender: csys_peer?
  var nextPingAt: UInt64 = 0
  var lastPongAt: UInt64 = 0
  /// Pings without an answer. A host that slept does not make a recorder that stalls: it was not pinged.
  var unansweredCount = 0
  private let socket: LocalSocket
  private var received = ByteBuilder(capacity: 512)
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

  init(_ number: Int, _ socket: consuming LocalSocket, isAtTrustedSocket: Bool, deadline: UInt64) throws(SystemError) {
    peer = try socket.peer()
    self.socket = socket
    self.number = number
    self.isAtTrustedSocket = isAtTrustedSocket
    self.deadline = deadline
  }

  deinit { block.deallocate() }

  var raw: Int32 { socket.raw }

  /// Reads what is there.
  ///
  /// - Returns: False when the recorder has closed the connection.
  func receive() throws(SystemError) -> Bool {
    while true {
      // More than one packet's worth is read only when it has been taken.
      guard received.count <= Handshake.packetByteCountMax else { return true }
      guard var got = try socket.receive(into: block) else { return true }
      if got.passed != nil { passed = got.passed.take() }
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
    do throws(SystemError) { try socket.send(packet: bytes.bytes, passing: passed) } catch { return false }
    return true
  }
}
