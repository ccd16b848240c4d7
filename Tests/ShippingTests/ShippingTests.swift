import Events
import Glibc
import Shipping
import TestSupport
import Testing

@Suite("From the spool to the centre")
struct ShippingTests {
  @Test("what was shown is at the centre, in messages that are numbered from 1 and linked")
  func ships() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.show("hello ")
    for _ in 0..<2 { scene.crank(60 * AgentScene.millisecond) }
    scene.ship()
    try recorder.show("world", at: 500)
    try recorder.end()
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
    #expect(scene.centre.faults(in: recorder.recording) == [])
    #expect(scene.centre.kinds(recorder.recording) == ["start", "data", "end"])
    let end = try #require(scene.centre.fields(recorder.recording).last)
    #expect(end.text("out_txt") == "world", "the last data and the end are one message where both are due")
    #expect(end.why == "exit")
  }

  @Test("who is recorded, where and by which recorder is the kernel's word and not the recorder's")
  func facts() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    scene.settle()
    let start = try #require(scene.centre.fields(recorder.recording).first)
    #expect(start.text("host") == "host.example")
    #expect(start.text("user") == "somebody")
    #expect(start.object["uid"] as? Int == Int(geteuid()))
    #expect(start.object["loginuid"] as? Int == 1000)
    #expect(start.object["session"] as? Int == 42)
    #expect(start.text("trust") == "self-reported")
    #expect(recorder.recording == "b00-\(String(getpid(), radix: 16))-5")
  }

  @Test("an event is on its way within 100 ms of steps of 50 ms, and one batch of a recording is in flight")
  func promptness() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    scene.settle()
    try recorder.show("x")
    scene.crank(50 * AgentScene.millisecond)
    scene.crank(50 * AgentScene.millisecond)
    let shipments = scene.agent.takeShipments(at: scene.now)
    #expect(shipments.count == 1)
    try recorder.show("y")
    for _ in 0..<10 { scene.crank(50 * AgentScene.millisecond) }
    #expect(scene.agent.takeShipments(at: scene.now).isEmpty)
    for shipment in shipments {
      scene.agent.answered(shipment.number, scene.centre.deliver(shipment.batch), at: scene.now)
    }
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
  }

  @Test(
    "an answer that is lost costs nothing: the same messages are held already", arguments: ScriptedCentre.Fault.allCases
  )
  func faults(fault: ScriptedCentre.Fault) throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    for step in 0..<20 {
      try recorder.show("line \(step)\r\n", at: UInt64(step))
      scene.crank(60 * AgentScene.millisecond)
      scene.ship(step % 3 == 0 ? fault : nil)
    }
    try recorder.end()
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
    #expect(scene.centre.faults(in: recorder.recording) == [])
    #expect(scene.centre.kinds(recorder.recording).last == "end")
  }

  @Test("a centre that was restored from a backup is filled again")
  func restored() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    for step in 0..<20 {
      try recorder.show("line \(step)\r\n", at: UInt64(step * 100))
      scene.crank(60 * AgentScene.millisecond)
      scene.ship()
    }
    scene.centre.restore(dropping: 9)
    try recorder.show("after", at: 5000)
    try recorder.end(at: 6000)
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
    #expect(scene.centre.faults(in: recorder.recording) == [])
  }

  @Test(
    "a centre that was restored from a backup gets back what had ended too, from the agent that sent it and from the next",
    arguments: [false, true], [1, 5, 1000])
  func restoredAfterEnd(agentIsRestarted: Bool, dropped: Int) throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    for step in 0..<20 {
      try recorder.show("line \(step)\r\n", at: UInt64(step * 100))
      scene.crank(60 * AgentScene.millisecond)
      scene.ship()
    }
    try recorder.end(at: 6000)
    scene.settle()
    #expect(scene.centre.kinds(recorder.recording).last == "end")
    scene.centre.restore(dropping: dropped)
    if agentIsRestarted { scene.restartAgent() }
    scene.crank(61 * AgentScene.second)
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
    #expect(scene.centre.faults(in: recorder.recording) == [])
    #expect(scene.centre.kinds(recorder.recording).last == "end")
  }

  @Test("a centre is asked about recordings only when its start is another one")
  func asksOnce() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.end()
    scene.settle()
    var counts: [Int] = []
    for _ in 0..<10 {
      scene.crank(61 * AgentScene.second)
      while let asked = scene.agent.takeInquiry(at: scene.now) {
        counts.append(asked.count)
        scene.agent.inquired(.success(scene.centre.heads(asked)), at: scene.now)
      }
    }
    #expect(counts == [Int](repeating: 0, count: 10))
    scene.centre.restore(dropping: 0)
    scene.crank(61 * AgentScene.second)
    #expect(scene.agent.takeInquiry(at: scene.now)?.count == 0)
    scene.agent.inquired(.success(scene.centre.heads([])), at: scene.now)
    #expect(scene.agent.takeInquiry(at: scene.now)?.count == 1)
  }

  @Test("a centre that has something else under a recording's name stops that recording, and no other")
  func diverged() throws {
    let scene = try AgentScene()
    let (one, other) = (try scene.recorder(), try scene.recorder())
    #expect(one.recording != other.recording)
    try one.show("one")
    try other.show("other")
    scene.crank(60 * AgentScene.millisecond)
    for shipment in scene.agent.takeShipments(at: scene.now) {
      let verdicts = shipment.batch.parts.map { part in
        part.recording == Array(one.recording.utf8)
          ? (part.recording, Answer.Verdict.conflict(Head(sequence: 9, hash: Array("x".utf8), offset: 100)))
          : (part.recording, .held(upTo: part.lastSequence))
      }
      scene.agent.answered(shipment.number, .success(Answer(verdicts: verdicts)), at: scene.now)
    }
    try other.show("more", at: 900)
    try one.show("more", at: 900)
    scene.crank(60 * AgentScene.millisecond)
    scene.crank(60 * AgentScene.millisecond)
    let parts = scene.agent.takeShipments(at: scene.now).flatMap(\.batch.parts)
    #expect(parts.map(\.recording) == [Array(other.recording.utf8)])
  }

  @Test("a recording that the centre has whole is kept for a while, and then goes")
  func kept() throws {
    let scene = try AgentScene { $0.keepAfterAckSeconds = 3600 }
    let recorder = try scene.recorder()
    try recorder.end()
    for _ in 0..<10 {
      scene.crank(100 * AgentScene.millisecond)
      scene.ship()
    }
    #expect(scene.disk.names().count == 2)
    scene.crank(3599 * AgentScene.second)
    #expect(scene.disk.names().count == 2)
    scene.crank(2 * AgentScene.second)
    #expect(scene.disk.names().isEmpty)
  }

  @Test("without a centre spool files stay, whole")
  func keepsOnly() throws {
    let scene = try AgentScene(ships: false)
    let recorder = try scene.recorder()
    try recorder.show("kept")
    try recorder.end()
    scene.settle()
    scene.crank(1_000_000 * AgentScene.second)
    #expect(scene.disk.names() == ["\(recorder.recording).spool", "\(recorder.recording).state"])
    #expect(scene.scratch.bytes("spool/\(recorder.recording).spool").count == Int(recorder.offset))
  }

  @Test("of a long recording what the centre has had long enough is freed, and recording and sending go on")
  func frees() throws {
    let scene = try AgentScene { $0.keepAfterAckSeconds = 1 }
    let recorder = try scene.recorder()
    try recorder.resize(Window(columns: 100, rows: 30), at: 1)
    let block = Array(String(repeating: "0123456789abcde\n", count: 2048).utf8)
    for step in 0..<300 {
      try recorder.show(block, at: UInt64(step) + 10)
      scene.crank(100 * AgentScene.millisecond)
      scene.ship()
      if step % 50 == 0 { try scene.listen(recorder) }
    }
    scene.crank(2 * AgentScene.second)
    #expect(scene.disk.punchedByteCount > 4 << 20)
    // Cutting again behind a hole needs what lay in it: the window.
    scene.restartAgent()
    try recorder.connect()
    try scene.accept(recorder)
    try recorder.resume()
    try scene.listen(recorder)
    try recorder.show("the end", at: 10_000)
    try recorder.end(at: 20_000)
    scene.settle()
    #expect(scene.centre.output(recorder.recording) == recorder.shown)
    #expect(scene.centre.faults(in: recorder.recording) == [])
    let last = try #require(scene.centre.fields(recorder.recording).dropLast().last)
    #expect(last.text("timing").hasPrefix("=100x30"))
  }

  @Test(
    "of 200 seeded schedules of agent kills, lost answers, restores and split characters none loses or repeats a byte")
  func schedules() throws {
    let first = UInt64.random(in: .min ... .max)
    for place in 0..<200 as Range<UInt64> {
      let seed = first &+ place
      do {
        try schedule(SeededNumbers(seed: seed))
      } catch {
        Issue.record("\(error), seed \(seed)")
        return
      }
    }
  }

  private struct Wrong: Error, CustomStringConvertible { let description: String }

  /// Replays one schedule, whose seed a failure names.
  private func schedule(_ seeded: SeededNumbers) throws {
    var numbers = seeded
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    var milliseconds: UInt64 = 0
    let text = Array("wörld € 🎥 \u{1b}[1m\r\n".utf8) + [0xff, 0xc3]
    for _ in 0..<(5 + numbers.below(60)) {
      milliseconds += UInt64(numbers.below(200))
      switch numbers.below(12) {
      case 0..<5:
        let start = numbers.below(text.count)
        try recorder.show([UInt8](text[start..<min(text.count, start + 1 + numbers.below(9))]), at: milliseconds)
      case 5:
        let block = [UInt8](
          repeating: UInt8(numbers.below(256)), count: 1 + numbers.below(numbers.below(8) == 0 ? 60_000 : 2000))
        try recorder.show(block, at: milliseconds)
      case 6: try recorder.resize(Window(columns: UInt16(numbers.below(300)), rows: 24), at: milliseconds)
      case 7, 8: scene.ship()
      case 9: scene.ship(ScriptedCentre.Fault.allCases[numbers.below(ScriptedCentre.Fault.allCases.count)])
      case 10:
        scene.restartAgent()
        try recorder.connect()
        try scene.accept(recorder)
        try recorder.resume()
        try scene.listen(recorder)
        if let refusal = recorder.refusal { throw Wrong(description: "refused: \(refusal)") }
      default: scene.centre.restore(dropping: numbers.below(5))
      }
      scene.crank(UInt64(numbers.below(1200)) * AgentScene.millisecond)
    }
    try recorder.end(at: milliseconds + 1)
    scene.settle()
    let faults = scene.centre.faults(in: recorder.recording)
    if faults != [] { throw Wrong(description: "\(faults)") }
    if scene.centre.output(recorder.recording) != recorder.shown { throw Wrong(description: "not what was shown") }
    let kinds = scene.centre.kinds(recorder.recording)
    if kinds.first != "start" || kinds.last != "end" || kinds.count(where: { $0 == "end" }) != 1 {
      throw Wrong(description: "\(kinds)")
    }
  }
}
