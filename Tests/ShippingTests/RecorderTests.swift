import CSys
import Events
import Glibc
import Shipping
import TestSupport
import Testing

@Suite("Recorders and their agent")
struct RecorderTests {
  // MARK: - Who it is

  @Test("the person of a trusted recorder is whom the kernel vouches for in its packet, not the recorder's user")
  func trusted() throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() }
    let recorder = try ScriptedRecorder()
    try scene.greet(recorder, isTrusted: true, user: getuid())
    try recorder.begin()
    scene.settle()
    let start = try #require(scene.centre.fields(recorder.recording).first)
    #expect(start.text("trust") == "trusted")
    #expect(start.object["uid"] as? Int == Int(getuid()))
  }

  @Test("a recorder at the trusted socket that does not let the kernel vouch for the person is refused")
  func silentTrusted() throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() }
    let recorder = try ScriptedRecorder()
    // Without credentials of its own choice the kernel still says who sent it: that is then the person.
    try scene.accept(recorder, isTrusted: true)
    try recorder.send(raw: [0x10, 0, 0, 0, 3, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0])
    try scene.listen(recorder)
    #expect(recorder.refusal == .malformed)
  }

  @Test("whoever comes to the trusted socket without being the recorders' user reports themselves")
  func pretender() throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() + 1 }
    let recorder = try ScriptedRecorder()
    try scene.greet(recorder, isTrusted: true, user: getuid())
    try recorder.begin()
    scene.settle()
    #expect(scene.centre.fields(recorder.recording).first?.text("trust") == "self-reported")
  }

  @Test("a process that the kernel does not know is refused")
  func unknown() throws {
    let scene = try AgentScene()
    scene.endProcesses()
    let recorder = try ScriptedRecorder()
    try scene.greet(recorder)
    #expect(recorder.refusal == .identity)
    #expect(scene.disk.names().isEmpty)
  }

  @Test("the descriptor that a recorder gets can append, and cannot read")
  func appendOnly() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    var byte: UInt8 = 0
    #expect(pread(recorder.raw, &byte, 1, 0) == -1)
    #expect(errno == EBADF)
    #expect(fcntl(recorder.raw, F_GETFL) & O_APPEND != 0)
  }

  // MARK: - Hostile callers

  @Test(
    "what is no hand-shake is refused, and makes no file",
    arguments: [
      [0, 0, 0, 0, 1, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0], [8, 0, 0, 0, 1, 0, 0, 0],
      [8, 0, 0, 0, 77, 0, 0, 0], [8, 0, 0, 0, 129, 0, 0, 0], [8, 0, 0, 0, 2, 0, 0, 0], [0x47, 0x45, 0x54, 0x20],
    ] as [[UInt8]])
  func garbage(bytes: [UInt8]) throws {
    let scene = try AgentScene()
    let recorder = try ScriptedRecorder()
    try scene.accept(recorder)
    try recorder.send(raw: bytes)
    try scene.listen(recorder)
    #expect(recorder.refusal == .malformed)
    #expect(scene.agent.connections.isEmpty)
    #expect(scene.disk.names().isEmpty)
  }

  @Test("of 2 000 seeded packets of random bytes none ends the agent, or makes a file by chance")
  func randomPackets() throws {
    var numbers = SeededNumbers()
    let scene = try AgentScene()
    for _ in 0..<2000 {
      let recorder = try ScriptedRecorder()
      try scene.accept(recorder)
      var packet = (0..<numbers.below(200)).map { _ in UInt8(numbers.below(256)) }
      if packet.count >= 8, numbers.below(2) == 0 {
        (packet[0], packet[1], packet[2], packet[3]) = (UInt8(packet.count), 0, 0, 0)
        packet[4] = UInt8(1 + numbers.below(3))
      }
      if !packet.isEmpty { try recorder.send(raw: packet) }
      try scene.listen(recorder)
      recorder.disconnect()
      try scene.listen(recorder)
    }
    scene.crank(2 * AgentScene.second)
    #expect(scene.agent.connections.isEmpty, "seed \(numbers.seed)")
    #expect(scene.disk.names().isEmpty, "seed \(numbers.seed)")
  }

  @Test("a caller that says nothing is let go after a second, and the 33rd of one person is not waited for at all")
  func silentCallers() throws {
    let scene = try AgentScene()
    let callers = try (0..<40).map { _ in try ScriptedRecorder() }
    for caller in callers { try scene.accept(caller) }
    #expect(scene.agent.connections.count == AgentSettings.callerOfPersonCountMax)
    scene.crank(1100 * AgentScene.millisecond)
    #expect(scene.agent.connections.isEmpty)
    _ = try scene.recorder()
    #expect(scene.agent.connections.count == 1)
  }

  @Test("a second hello on one connection ends it")
  func twice() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.sayHello()
    try scene.listen(recorder)
    #expect(recorder.refusal == .malformed)
    #expect(scene.agent.connections.isEmpty)
  }

  // MARK: - Life and death

  @Test("a recorder that is gone without an end was killed, and what it had shown is all there")
  func killed() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.show("last words")
    recorder.disconnect()
    scene.endProcesses()
    try scene.listen(recorder)
    scene.settle()
    let end = try #require(scene.centre.fields(recorder.recording).last)
    #expect(end.kind == "end" && end.why == "killed")
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
    #expect(scene.centre.faults(in: recorder.recording) == [])
  }

  @Test("half a frame at the end of a killed recorder's file is dropped, since it was never shown")
  func torn() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.show("whole")
    try recorder.append(raw: [0xf5, 0x53, 0x46, 0xc1, 9, 0, 1, 0, 1, 2])
    recorder.disconnect()
    scene.endProcesses()
    try scene.listen(recorder)
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == Array("whole".utf8))
    #expect(scene.centre.kinds(recorder.recording) == ["start", "end"])
  }

  @Test("a host that went down while a session ran says so when it is up again")
  func hostDown() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.show("before")
    scene.settle()
    scene.restartAgent(boot: "b01")
    scene.settle()
    #expect(scene.centre.fields(recorder.recording).last?.why == "host-down")
    #expect(scene.centre.faults(in: recorder.recording) == [])
  }

  @Test("pings come every 10 s; 30 s without an answer are noted once, and an answer starts it over")
  func stalled() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    scene.settleBriefly()
    for _ in 0..<6 { scene.crank(10 * AgentScene.second) }
    try recorder.hear()
    #expect(recorder.heard.count { if case .ping = $0 { true } else { false } } == 6)
    scene.settleBriefly()
    #expect(scene.centre.fields(recorder.recording).filter { $0.lostWhy == "stalled" }.count == 1)
    try recorder.send(.pong(token: 1))
    try scene.listen(recorder)
    try recorder.show("back", at: 70_000)
    try recorder.end(at: 80_000)
    scene.settleBriefly()
    #expect(scene.centre.kinds(recorder.recording) == ["start", "gap", "end"])
  }

  @Test("a host that slept stalls no recorder: it was not asked meanwhile")
  func slept() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    scene.crank(10_000 * AgentScene.second)
    try recorder.hear()
    try recorder.send(.pong(token: 1))
    try scene.listen(recorder)
    scene.crank(10 * AgentScene.second)
    scene.settleBriefly()
    #expect(scene.centre.kinds(recorder.recording) == ["start"])
  }

  @Test("a recorder that stalled and is then gone has ended as stalled")
  func stalledForGood() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    for _ in 0..<6 { scene.crank(10 * AgentScene.second) }
    recorder.disconnect()
    scene.endProcesses()
    try scene.listen(recorder)
    scene.settleBriefly()
    #expect(scene.centre.fields(recorder.recording).last?.why == "stalled")
  }

  // MARK: - Resumption

  @Test("after a restart the file says which recording it is, and nothing is lost or said twice")
  func resumed() throws {
    let scene = try AgentScene()
    let (one, other) = (try scene.recorder(), try scene.recorder())
    try one.show("one ")
    try other.show("other ")
    scene.crank(AgentScene.second)
    scene.restartAgent()
    for recorder in [other, one] {
      try recorder.show("while nobody was there ", at: 100)
      try recorder.connect()
      try scene.accept(recorder)
      try recorder.resume()
      try scene.listen(recorder)
      #expect(recorder.refusal == nil)
      try recorder.show("after", at: 200)
      try recorder.end()
    }
    scene.settle()
    for recorder in [one, other] {
      #expect(scene.centre.output(recorder.recording) == recorder.shown)
      #expect(scene.centre.faults(in: recorder.recording) == [])
      #expect(scene.centre.kinds(recorder.recording).last == "end")
    }
  }

  @Test("a file that is no recording's, and a recording that has ended, cannot be resumed")
  func foreignFile() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    let caller = try ScriptedRecorder()
    try scene.accept(caller)
    try caller.resume(FileIdentity(device: 1, inode: 1))
    try scene.listen(caller)
    #expect(caller.refusal == .malformed)
    try recorder.end()
    scene.crank(AgentScene.second)
    try recorder.connect()
    try scene.accept(recorder)
    try recorder.resume()
    try scene.listen(recorder)
    #expect(recorder.refusal == .malformed)
  }

  @Test("an order to end reaches the recorder, with its reason for the person")
  func ordered() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    #expect(scene.agent.end(recorder.recording, text: Array("maintenance".utf8), at: scene.now))
    try recorder.hear()
    #expect(recorder.heard.last == .end(EndOrder(why: .ended, text: Array("maintenance".utf8))))
    #expect(!scene.agent.end("another", text: [], at: scene.now))
  }

  // MARK: - Tampering

  enum Deed: CaseIterable { case shrink, beyondBudget, endlessHoles }

  @Test("a self-reported file that is not as a recorder writes it ends as tampered", arguments: Deed.allCases)
  func tampered(deed: Deed) throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.show("honest")
    scene.settleBriefly()
    switch deed {
    case .shrink: ftruncate(recorder.raw, 100)
    case .beyondBudget: ftruncate(recorder.raw, Int(recorder.budget) + 1)
    case .endlessHoles:
      for _ in 0..<100 {
        try recorder.append(raw: [0])
        try recorder.resize(Window(columns: 1, rows: 1), at: 10)
      }
    }
    scene.settleBriefly()
    #expect(scene.centre.fields(recorder.recording).last?.why == "tampered")
    #expect(scene.centre.output(recorder.recording) == Array("honest".utf8))
    #expect(scene.centre.faults(in: recorder.recording) == [])
    #expect(scene.agent.connections.isEmpty)
  }

  @Test("a hole in a spool file is one gap of its size, and what lies behind it is kept", arguments: [true, false])
  func damaged(isTrusted: Bool) throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() }
    let recorder = try ScriptedRecorder()
    try scene.greet(recorder, isTrusted: isTrusted, user: getuid())
    try recorder.begin()
    try recorder.show("before ")
    try recorder.append(raw: [UInt8](repeating: 0x41, count: 300_000))
    try recorder.show("after", at: 20)
    try recorder.end()
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == Array("before after".utf8))
    #expect(scene.centre.kinds(recorder.recording) == ["start", "data", "gap", "end"])
    #expect(scene.centre.fields(recorder.recording)[2].lostWhy == "damaged")
    #expect(scene.centre.fields(recorder.recording)[2].lostBytes == 300_000)
    #expect(scene.centre.fields(recorder.recording).last?.why == "exit")
    #expect(scene.centre.faults(in: recorder.recording) == [])
  }

  @Test("wherever a spool file is overwritten while no agent runs, every whole frame of it is kept")
  func overwritten() throws {
    var numbers = SeededNumbers()
    for _ in 0..<60 {
      let scene = try AgentScene()
      let recorder = try scene.recorder()
      for step in 0..<20 { try recorder.show("\(step):line ", at: UInt64(step)) }
      if numbers.below(2) == 0 { scene.settleBriefly() }
      for step in 20..<40 { try recorder.show("\(step):line ", at: UInt64(step)) }
      try recorder.end()
      let (count, size) = (1 + numbers.below(200), Int(recorder.offset))
      let place = SpoolHeader.byteCount + numbers.below(size - SpoolHeader.byteCount - count)
      let path = scene.scratch.file("spool/\(recorder.recording).spool")
      let file = open(path, O_WRONLY)
      let junk = (0..<count).map { _ in [0, 0xf5, 0x53, 0x46, 0xc1, UInt8(numbers.below(256))][numbers.below(6)] }
      pwrite(file, junk, count, off_t(place))
      close(file)
      scene.restartAgent()
      scene.endProcesses()
      scene.settle()
      scene.restartAgent()
      scene.settle()
      let output = String(decoding: scene.centre.output(recorder.recording), as: UTF8.self)
      let lines = output.split(separator: " ").map(String.init)
      let lost = (0..<40).filter { !lines.contains("\($0):line") }
      // A frame is at least 27 bytes long.
      #expect(lost.count <= count / 27 + 2, "seed \(numbers.seed), \(count) bytes at \(place)")
      #expect(lines == (0..<40).filter { !lost.contains($0) }.map { "\($0):line" }, "seed \(numbers.seed)")
      #expect(scene.centre.kinds(recorder.recording).first == "start", "seed \(numbers.seed)")
      #expect(scene.centre.kinds(recorder.recording).last == "end", "seed \(numbers.seed)")
      #expect(scene.centre.faults(in: recorder.recording) == [], "seed \(numbers.seed)")
      let isDamaged = scene.centre.fields(recorder.recording).contains { $0.lostWhy == "damaged" }
      let isEndLost = scene.centre.fields(recorder.recording).last?.why != "exit"
      #expect(isDamaged || isEndLost || lost.isEmpty, "seed \(numbers.seed)")
    }
  }

  @Test("a file whose start is damaged is sent with what the kernel says, and one in which nothing was recorded goes")
  func noStart() throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() }
    let (damaged, empty) = (try ScriptedRecorder(), try ScriptedRecorder())
    for recorder in [damaged, empty] { try scene.greet(recorder, isTrusted: true, user: getuid()) }
    try damaged.append(raw: [UInt8](repeating: 0x41, count: 50))
    try damaged.show("what is left of it")
    for recorder in [damaged, empty] { recorder.disconnect() }
    scene.endProcesses()
    try scene.listen(empty)
    scene.settle()
    #expect(scene.disk.names().filter { $0.hasSuffix(".spool") } == ["\(damaged.recording).spool"])
    #expect(scene.centre.kinds(damaged.recording) == ["start", "gap", "end"])
    #expect(scene.centre.output(damaged.recording) == Array("what is left of it".utf8))
    #expect(scene.centre.fields(damaged.recording)[0].text("trust") == "trusted")
    #expect(scene.centre.fields(damaged.recording)[1].lostBytes == 50)
    #expect(scene.centre.lines[empty.recording] == nil)
  }

  @Test("a centre that does not answer bounds what is in memory, whatever waits on the disk")
  func memory() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
    for step in 0..<100 { try recorder.show(block, at: UInt64(step)) }
    recorder.disconnect()
    scene.endProcesses()
    try scene.listen(recorder)
    for _ in 0..<100 { scene.crank(100 * AgentScene.millisecond) }
    let waiting = scene.agent.takeShipments(at: scene.now).reduce(0) { $0 + $1.batch.byteCount }
    #expect(waiting < 2 << 20, "\(waiting) bytes of messages for \(recorder.offset) on the disk")
  }

  @Test("a file during whose reading the agent ended twice is set aside")
  func setAside() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.show("poison")
    for _ in 0..<3 { scene.restartAgent() }
    scene.settleBriefly()
    #expect(scene.centre.lines[recorder.recording] == nil)
    #expect(scene.log.contains { $0.contains("set aside") })
  }
}

extension AgentScene {
  /// Lets what is ready go out, in less time than anything is due in.
  func settleBriefly() {
    for _ in 0..<6 {
      crank(60 * Self.millisecond)
      ship()
    }
  }
}
