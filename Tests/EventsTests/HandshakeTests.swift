import Events
import TestSupport
import Testing

@Suite struct HandshakeTests {
  // MARK: - From recorder to agent

  @Test("a hello is read as it was written")
  func hello() throws {
    let (packet, byteCount) = try #require(try recorderPacket(helloBytes()))
    guard case .hello(let hello) = packet else {
      Issue.record("\(packet)")
      return
    }
    #expect(byteCount == helloBytes().count)
    #expect(hello.versions == 1...1)
    #expect(hello.process == ProcessIdentity(identifier: 4321, startTicks: 99_999_999_999))
    #expect(hello.group == 100)
    #expect(hello.header.host == Array("host".utf8))
    #expect(hello.header.recording == Array("b-1-2".utf8))
    #expect(hello.header.user == [])
    #expect(hello.header.terminal == Array("xterm-256color".utf8))
    #expect(hello.header.session == 7)
    #expect(hello.header.startMilliseconds == 1_700_000_000_250)
    #expect(hello.start == sampleStart)
  }

  @Test("a resumption and a pong are read as they were written")
  func resumption() throws {
    let resumption = Resumption(
      versions: 1...9, process: ProcessIdentity(identifier: 1, startTicks: .max),
      file: FileIdentity(device: 3, inode: 1 << 60), recording: Array("b-1-2".utf8), offset: 1 << 40)
    guard case .resume(resumption)? = try recorderPacket(bytes(.resume(resumption)))?.packet else {
      Issue.record("not the same")
      return
    }
    guard case .pong(token: .max)? = try recorderPacket(bytes(.pong(token: .max)))?.packet else {
      Issue.record("not the same")
      return
    }
  }

  @Test("the first ten bytes of a hello are what every version agrees on")
  func helloLayout() {
    let hello = helloBytes()
    let length = UInt32(hello.count)
    #expect(hello[..<4].elementsEqual([0, 8, 16, 24].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }))
    #expect(hello[4..<10] == [1, 0, 0, 0, 1, 1])
  }

  // MARK: - From agent to recorder

  @Test("each packet of an agent is read as it was written", arguments: agentPackets)
  func agent(packet: AgentPacket) throws {
    let bytes = bytes(packet)
    let read = try #require(try agentPacket(bytes + [1, 2, 3]))
    #expect(read.packet == packet)
    #expect(read.byteCount == bytes.count)
  }

  @Test("a budget, a ping and a welcome are the bytes that the documentation says")
  func agentLayout() {
    #expect(bytes(.budget(0x0102)) == [16, 0, 0, 0, 131, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0])
    #expect(bytes(.ping(token: 3)) == [16, 0, 0, 0, 132, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0])
    #expect(
      bytes(.welcome(Welcome(version: 1, recording: [0x62], salt: 5, offset: 96, budget: 256)))
        == [32, 0, 0, 0, 129, 0, 0, 0, 1, 5, 0, 0, 0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0x62])
  }

  @Test("a reason to refuse that a later version added is told apart from the known ones, and its text is kept")
  func laterReason() throws {
    var packet = bytes(.refuse(Refusal(reason: .space, text: Array("no room".utf8))))
    packet[8] = 200
    #expect(try agentPacket(packet)?.packet == .refuse(Refusal(reason: .other, text: Array("no room".utf8))))
  }

  // MARK: - Versions

  @Test(
    "the newest version that both speak is taken",
    arguments: [(1, 1, 1), (1, 9, 1), (0, 1, 1), (0, 0, nil), (2, 9, nil)] as [(UInt8, UInt8, UInt8?)])
  func versions(oldest: UInt8, newest: UInt8, common: UInt8?) {
    #expect(Handshake.version(commonWith: oldest...newest) == common)
  }

  @Test("versions that are the wrong way round are refused")
  func reversedVersions() {
    var packet = helloBytes()
    packet[8] = 2
    #expect(recorderRefusal(packet) == .init(.payload(.value), 8))
  }

  @Test("what a later version appends to a payload is not looked at")
  func appended() throws {
    for packet in agentPackets {
      let longer = lengthened(bytes(packet), by: 100)
      let read = try #require(try agentPacket(longer))
      #expect(read.packet == packet)
      #expect(read.byteCount == longer.count)
    }
    guard case .hello(let hello)? = try recorderPacket(lengthened(helloBytes(), by: 1))?.packet else {
      Issue.record("no hello")
      return
    }
    #expect(hello.start == sampleStart)
  }

  // MARK: - Bounds

  @Test("a packet cut at any byte is waited for")
  func truncation() throws {
    let hello = helloBytes()
    for count in 0..<hello.count { #expect(try recorderPacket([UInt8](hello[..<count])) == nil) }
    for packet in agentPackets {
      let bytes = bytes(packet)
      for count in 0..<bytes.count { #expect(try agentPacket([UInt8](bytes[..<count])) == nil) }
    }
  }

  @Test("a packet whose payload is cut at any byte, but not its length, is refused as too short")
  func shortPayload() {
    let hello = helloBytes()
    for count in 8..<hello.count {
      let error = recorderRefusal(relabelled([UInt8](hello[..<count])))
      #expect(error?.rule == .payload(.short), "cut at \(count)")
      #expect((8...count).contains(error?.offset ?? 0), "cut at \(count)")
    }
    for packet in agentPackets {
      let bytes = bytes(packet)
      for count in 8..<bytes.count {
        #expect(agentRefusal(relabelled([UInt8](bytes[..<count])))?.rule == .payload(.short), "\(packet) at \(count)")
      }
    }
  }

  @Test(
    "a length that no packet has is refused before the packet is waited for", arguments: [0, 7, 65_537, UInt32.max])
  func lengths(length: UInt32) {
    let packet = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
    #expect(recorderRefusal(packet) == .init(.length(length), 0))
    #expect(agentRefusal(packet) == .init(.length(length), 0))
  }

  @Test("a packet of 64 KiB is waited for and read")
  func longestPacket() throws {
    let ping = bytes(.ping(token: 1))
    let longest = lengthened(ping, by: 65_536 - ping.count)
    #expect(try agentPacket(longest.dropLast()) == nil)
    #expect(try agentPacket(longest)?.byteCount == 65_536)
  }

  @Test("a kind that nobody knows, or that comes from the wrong side, is refused")
  func kinds() {
    for kind in UInt8.min...UInt8.max {
      let packet = [8, 0, 0, 0, kind, 0, 0, 0]
      #expect((recorderRefusal(packet)?.rule == .kind(kind)) == !(1...3).contains(kind))
      #expect((agentRefusal(packet)?.rule == .kind(kind)) == !(129...133).contains(kind))
    }
  }

  @Test("a text of 1024 bytes, and a terminal type of 128, is read, and one byte more is refused where it stands")
  func texts() throws {
    // Behind the eight bytes of the packet: versions 2, process 12, group 4, time 8, session 4.
    var place = 38
    for field in 0..<9 {
      let limit = field == 3 ? 128 : 1024
      for count in [limit, limit + 1] {
        let texts = (0..<9).map { [UInt8](repeating: 0x78, count: $0 == field ? count : 0) }
        let error = recorderRefusal(helloBytes(texts: texts))
        #expect(error == (count == limit ? nil : .init(.payload(.tooLong(limit: limit)), place)), "field \(field)")
      }
      place += field == 3 ? 10 : 2  // user and login user come behind the fourth
    }
  }

  @Test("texts that are too long are cut on the way out, between characters, and say so")
  func cutTexts() throws {
    let text = Array(String(repeating: "é", count: 600).utf8)
    let order = AgentPacket.end(EndOrder(why: .ended, text: text))
    guard case .end(let read)? = try agentPacket(bytes(order))?.packet else {
      Issue.record("no end")
      return
    }
    #expect(String(decoding: read.text, as: UTF8.self) == String(repeating: "é", count: 510) + "…")
  }

  @Test("an order to end for a reason that is none is refused", arguments: [0, 9, 255] as [UInt8])
  func reasons(rawValue: UInt8) {
    var packet = bytes(.end(EndOrder(why: .ended, text: [])))
    packet[8] = rawValue
    #expect(agentRefusal(packet) == .init(.payload(.value), 8))
  }

  @Test("any single bit that is flipped makes another packet, a refusal or a longer wait, and nothing worse")
  func flips() throws {
    let hello = helloBytes()
    for place in hello.indices {
      for bit in 0..<8 {
        var damaged = hello
        damaged[place] ^= 1 << UInt8(bit)
        if recorderRefusal(damaged) != nil { continue }
        guard let (packet, byteCount) = try recorderPacket(damaged) else {
          #expect(place < 4, "only a longer length is waited for")
          continue
        }
        #expect(byteCount <= damaged.count)
        // A shorter last text leaves bytes behind it, as a later version would.
        let isTrue = damaged.dropFirst(4).starts(with: written(packet).dropFirst(4))
        #expect(place < 8 || isTrue, "bit \(bit) of byte \(place)")
      }
    }
  }
}

// MARK: - Samples

private let sampleStart = SessionStart(
  user: 1000, loginUser: .max, parent: Array("b-1-1".utf8), terminal: Array("/dev/pts/7".utf8),
  command: Array("-bash".utf8), trust: [], terminalGuard: Array("taken".utf8))

private let agentPackets: [AgentPacket] = [
  .welcome(
    Welcome(version: 1, recording: Array("4d0c-1a2b-3c4d".utf8), salt: .max, offset: 96, budget: 256 << 20)),
  .refuse(Refusal(reason: .limit, text: Array("12 recordings are open".utf8))),
  .refuse(Refusal(reason: .other, text: [])),
  .budget(.max), .ping(token: 0x0102_0304_0506_0708), .end(EndOrder(why: .ended, text: Array("Good night".utf8))),
]

private func bytes(_ packet: AgentPacket) -> [UInt8] {
  var bytes = ByteBuilder(capacity: 64)
  packet.append(to: &bytes)
  return bytes.array
}

private func bytes(_ packet: RecorderPacket) -> [UInt8] { written(packet) }

private func written(_ packet: RecorderPacket) -> [UInt8] {
  var bytes = ByteBuilder(capacity: 64)
  packet.append(to: &bytes)
  return bytes.array
}

private func helloBytes() -> [UInt8] {
  let header = RecordingHeader(
    host: Array("host".utf8), recording: Array("b-1-2".utf8), user: [], terminal: Array("xterm-256color".utf8),
    session: 7, startMilliseconds: 1_700_000_000_250)
  return written(
    .hello(
      Hello(
        process: ProcessIdentity(identifier: 4321, startTicks: 99_999_999_999), group: 100, header: header,
        start: sampleStart)))
}

/// A hello by hand, with texts of any length.
private func helloBytes(texts: [[UInt8]]) -> [UInt8] {
  func text(_ place: Int) -> [UInt8] {
    let count = texts[place].count
    return [UInt8(count & 0xff), UInt8(count >> 8)] + texts[place]
  }
  let head: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 1, 1] + [UInt8](repeating: 0, count: 28)
  let body = text(0) + text(1) + text(2) + text(3) + [UInt8](repeating: 0, count: 8)
  return relabelled(head + body + text(4) + text(5) + text(6) + text(7) + text(8))
}

/// `packet` with the length that it has.
private func relabelled(_ packet: [UInt8]) -> [UInt8] {
  [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: packet.count >> $0) } + packet.dropFirst(4)
}

private func lengthened(_ packet: [UInt8], by count: Int) -> [UInt8] {
  relabelled(packet + [UInt8](repeating: 0xaa, count: count))
}

// MARK: - Reading copies that end where they end

private func recorderPacket(_ bytes: some Collection<UInt8>) throws -> (packet: RecorderPacket, byteCount: Int)? {
  try Array(bytes).withUnsafeBufferPointer { try RecorderPacket.read($0) }
}

private func agentPacket(_ bytes: some Collection<UInt8>) throws -> (packet: AgentPacket, byteCount: Int)? {
  try Array(bytes).withUnsafeBufferPointer { try AgentPacket.read($0) }
}

private struct Refused: Equatable {
  var rule: Handshake.Failure.Rule
  var offset: Int

  init(_ rule: Handshake.Failure.Rule, _ offset: Int) {
    self.rule = rule
    self.offset = offset
  }

  init?(_ error: any Error) {
    guard let error = error as? Handshake.Failure else { return nil }
    self.init(error.rule, error.offset)
  }
}

private func recorderRefusal(_ bytes: [UInt8]) -> Refused? {
  do {
    _ = try recorderPacket(bytes)
    return nil
  } catch {
    return Refused(error)
  }
}

private func agentRefusal(_ bytes: [UInt8]) -> Refused? {
  do {
    _ = try agentPacket(bytes)
    return nil
  } catch {
    return Refused(error)
  }
}
