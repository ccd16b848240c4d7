import CSys
import Events
import SystemCalls

/// A recorder's connection to its agent: packets out and in, never waiting.
struct AgentLink: ~Copyable {
  /// What came from the agent.
  struct Heard: ~Copyable {
    let packet: AgentPacket
    /// The descriptor that came along, with a welcome.
    var passed: Descriptor?
  }

  private let socket: LocalSocket
  private var received = ByteBuilder(capacity: 1024)
  private var passed: Descriptor?
  /// Bytes of `received` that have been taken.
  private var taken = 0

  /// Connects.
  ///
  /// - Throws: why there is no agent there; EPERM when who answers is none to be trusted, EAGAIN when it has more callers
  ///   waiting than it takes.
  init(_ place: AgentPlace) throws(SystemError) { socket = try Self.connect(place) }

  private static func connect(_ place: AgentPlace) throws(SystemError) -> LocalSocket {
    let socket = try LocalSocket(connectingTo: place.socketPath, .stream, sendBuffer: 0)
    guard place.trusts(try socket.peer().user) else { throw SystemError("connect", code: EPERM) }
    return socket
  }

  /// To poll(2) for input.
  var raw: Int32 { socket.raw }

  /// - Parameter sender: Who says so, when that matters.
  func send(_ packet: RecorderPacket, as sender: csys_peer? = nil) throws(SystemError) {
    var bytes = ByteBuilder(capacity: 1024)
    packet.append(to: &bytes)
    try socket.send(packet: bytes.bytes, as: sender)
  }

  /// The next packet that is there.
  ///
  /// - Returns: nil when there is none now.
  /// - Throws: EPIPE when the agent is gone, EPROTO when it says what no agent says.
  mutating func next() throws(SystemError) -> Heard? {
    while true {
      let rest = UnsafeBufferPointer(rebasing: received.bytes[taken...])
      do throws(Handshake.Failure) {
        if let (packet, byteCount) = try AgentPacket.read(rest) {
          taken += byteCount
          return Heard(packet: packet, passed: passed.take())
        }
      } catch {
        throw SystemError("recvmsg", code: EPROTO)
      }
      guard try receive() else { return nil }
    }
  }

  /// - Returns: Whether anything came.
  private mutating func receive() throws(SystemError) -> Bool {
    if taken == received.count {
      received.clear()
      taken = 0
    }
    // A packet is bounded, so a buffer that begins with a whole one is, too.
    if received.count > 2 * Handshake.packetByteCountMax { throw SystemError("recvmsg", code: EPROTO) }
    var block = InlineArray<512, UInt8>(repeating: 0)
    var bytes = block.mutableSpan
    let result: LocalSocket.Received? = try bytes.withUnsafeMutableBufferPointer {
      (block) throws(SystemError) -> LocalSocket.Received? in
      guard var result = try socket.receive(into: UnsafeMutableRawBufferPointer(block)) else { return nil }
      received.append(UnsafeBufferPointer(rebasing: block[..<result.byteCount]))
      if result.passed != nil { passed = result.passed.take() }
      return result
    }
    guard let result else { return false }
    if result.byteCount == 0 { throw SystemError("recvmsg", code: EPIPE) }
    return true
  }
}
