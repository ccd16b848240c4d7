/// Packets as bytes, and back. A text that is too long is cut on its way out and refused on its way in.
extension RecorderPacket {
  private enum Kind: UInt8 {
    case hello = 1
    case resume = 2
    case pong = 3
  }

  package func append(to bytes: inout ByteBuilder) {
    let start = bytes.beginPacket(kind.rawValue)
    switch self {
    case .hello(let hello): bytes.append(hello)
    case .resume(let resumption): bytes.append(resumption)
    case .pong(let token): bytes.append(littleEndian: token)
    }
    bytes.finishPacket(start)
  }

  private var kind: Kind {
    switch self {
    case .hello: .hello
    case .resume: .resume
    case .pong: .pong
    }
  }

  /// The packet that `bytes` begin with.
  ///
  /// - Returns: The packet and how many bytes it took; nil when it is not whole yet.
  package static func read(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(Handshake.Failure) -> (packet: RecorderPacket, byteCount: Int)? {
    guard let packet = try RawPacket(bytes) else { return nil }
    guard let kind = Kind(rawValue: packet.kind) else { throw packet.unknownKind }
    do throws(WireError) {
      var cursor = WireCursor(packet.payload)
      switch kind {
      case .hello: return (.hello(try cursor.hello()), packet.byteCount)
      case .resume: return (.resume(try cursor.resumption()), packet.byteCount)
      case .pong: return (.pong(token: try cursor.number(UInt64.self)), packet.byteCount)
      }
    } catch {
      throw Handshake.Failure(payload: error)
    }
  }
}

extension AgentPacket {
  private enum Kind: UInt8 {
    case welcome = 129
    case refuse = 130
    case budget = 131
    case ping = 132
    case end = 133
  }

  package func append(to bytes: inout ByteBuilder) {
    let start = bytes.beginPacket(kind.rawValue)
    switch self {
    case .welcome(let welcome): bytes.append(welcome)
    case .refuse(let refusal):
      bytes.append(refusal.reason.rawValue)
      bytes.append(text: refusal.text)
    case .budget(let byteCount): bytes.append(littleEndian: byteCount)
    case .ping(let token): bytes.append(littleEndian: token)
    case .end(let order):
      bytes.append(order.why.rawValue)
      bytes.append(text: order.text)
    }
    bytes.finishPacket(start)
  }

  private var kind: Kind {
    switch self {
    case .welcome: .welcome
    case .refuse: .refuse
    case .budget: .budget
    case .ping: .ping
    case .end: .end
    }
  }

  /// The packet that `bytes` begin with.
  ///
  /// - Returns: The packet and how many bytes it took; nil when it is not whole yet.
  package static func read(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(Handshake.Failure) -> (packet: AgentPacket, byteCount: Int)? {
    guard let packet = try RawPacket(bytes) else { return nil }
    guard let kind = Kind(rawValue: packet.kind) else { throw packet.unknownKind }
    do throws(WireError) {
      var cursor = WireCursor(packet.payload)
      switch kind {
      case .welcome: return (.welcome(try cursor.welcome()), packet.byteCount)
      case .refuse: return (.refuse(try cursor.refusal()), packet.byteCount)
      case .budget: return (.budget(try cursor.number(UInt64.self)), packet.byteCount)
      case .ping: return (.ping(token: try cursor.number(UInt64.self)), packet.byteCount)
      case .end: return (.end(try cursor.endOrder()), packet.byteCount)
      }
    } catch {
      throw Handshake.Failure(payload: error)
    }
  }
}

// MARK: - Packets

/// A packet of which only the first eight bytes are understood.
private struct RawPacket {
  let kind: UInt8
  let payload: UnsafeBufferPointer<UInt8>

  var byteCount: Int { Handshake.headerByteCount &+ payload.count }

  var unknownKind: Handshake.Failure { Handshake.Failure(rule: .kind(kind), offset: 4) }

  /// nil when `bytes` do not hold all of it yet. A length that no packet has is refused as soon as it is there.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) throws(Handshake.Failure) {
    guard bytes.count >= 4 else { return nil }
    let length = UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 24
    guard length >= Handshake.headerByteCount && length <= Handshake.packetByteCountMax else {
      throw Handshake.Failure(rule: .length(length), offset: 0)
    }
    guard bytes.count >= Int(length) else { return nil }
    kind = bytes[4]
    payload = UnsafeBufferPointer(rebasing: bytes[Handshake.headerByteCount..<Int(length)])
  }
}

extension Handshake.Failure {
  fileprivate init(payload error: WireError) {
    self.init(rule: .payload(error.rule), offset: Handshake.headerByteCount &+ error.offset)
  }
}

extension ByteBuilder {
  fileprivate mutating func beginPacket(_ kind: UInt8) -> Int {
    let start = count
    append(littleEndian: UInt32(0))
    append(littleEndian: UInt32(kind))
    return start
  }

  fileprivate mutating func finishPacket(_ start: Int) {
    precondition(count - start <= Handshake.packetByteCountMax, "a packet is too long")
    replace(at: start, littleEndian: UInt32(truncatingIfNeeded: count - start))
  }
}

// MARK: - Payloads

extension ByteBuilder {
  fileprivate mutating func append(_ versions: ClosedRange<UInt8>) {
    append(versions.lowerBound)
    append(versions.upperBound)
  }

  fileprivate mutating func append(_ process: ProcessIdentity) {
    append(littleEndian: process.identifier)
    append(littleEndian: process.startTicks)
  }

  fileprivate mutating func append(_ hello: Hello) {
    append(hello.versions)
    append(hello.process)
    append(littleEndian: hello.group)
    append(hello.header)
    append(hello.start)
  }

  fileprivate mutating func append(_ resumption: Resumption) {
    append(resumption.versions)
    append(resumption.process)
    append(littleEndian: resumption.offset)
    append(littleEndian: resumption.file.device)
    append(littleEndian: resumption.file.inode)
    append(text: resumption.recording)
  }

  fileprivate mutating func append(_ welcome: Welcome) {
    append(welcome.version)
    append(littleEndian: welcome.salt)
    append(littleEndian: welcome.offset)
    append(littleEndian: welcome.budget)
    append(text: welcome.recording)
  }
}

extension WireCursor {
  private mutating func versions() throws(WireError) -> ClosedRange<UInt8> {
    let oldest = try number(UInt8.self)
    let newest = try number(UInt8.self)
    guard oldest <= newest else { throw WireError(.value, at: offset &- 2) }
    return oldest...newest
  }

  private mutating func process() throws(WireError) -> ProcessIdentity {
    ProcessIdentity(identifier: try number(UInt32.self), startTicks: try number(UInt64.self))
  }

  fileprivate mutating func hello() throws(WireError) -> Hello {
    Hello(
      versions: try versions(), process: try process(), group: try number(UInt32.self), header: try header(),
      start: try start())
  }

  fileprivate mutating func resumption() throws(WireError) -> Resumption {
    let versions = try versions()
    let process = try process()
    let offset = try number(UInt64.self)
    let file = FileIdentity(device: try number(UInt64.self), inode: try number(UInt64.self))
    return Resumption(versions: versions, process: process, file: file, recording: try text(), offset: offset)
  }

  fileprivate mutating func welcome() throws(WireError) -> Welcome {
    let version = try number(UInt8.self)
    let salt = try number(UInt32.self)
    let offset = try number(UInt64.self)
    let budget = try number(UInt64.self)
    return Welcome(version: version, recording: try text(), salt: salt, offset: offset, budget: budget)
  }

  fileprivate mutating func refusal() throws(WireError) -> Refusal {
    let reason = Refusal.Reason(rawValue: try number(UInt8.self)) ?? .other
    return Refusal(reason: reason, text: try text())
  }

  fileprivate mutating func endOrder() throws(WireError) -> EndOrder {
    guard let why = SessionEnd.Why(rawValue: try number(UInt8.self)) else { throw WireError(.value, at: offset &- 1) }
    return EndOrder(why: why, text: try text())
  }
}
