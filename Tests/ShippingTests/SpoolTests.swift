import Events
import Glibc
import Shipping
import SystemCalls
import TestSupport
import Testing

@Suite("Room in the spool")
struct SpoolTests {
  @Test("a recording's budget goes up long before it is reached, and not past its bound")
  func budget() throws {
    let scene = try AgentScene { $0.recordingByteCountMax = 40 << 20 }
    let recorder = try scene.recorder()
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
    var room = UInt64.max
    while recorder.budget < 40 << 20 {
      let before = recorder.budget
      for _ in 0..<40 { try recorder.show(block, at: 1) }
      scene.crank(50 * AgentScene.millisecond)
      try recorder.hear()
      room = min(room, before - recorder.offset)
    }
    #expect(room > 4 << 20, "so much was left when the budget went up")
    for _ in 0..<20 { try recorder.show(block, at: 1) }
    scene.crank(AgentScene.second)
    try recorder.hear()
    #expect(recorder.budget == 40 << 20)
  }

  @Test("what the centre has makes room: a budget goes up as the front of the file is freed")
  func flow() throws {
    let scene = try AgentScene { $0.recordingByteCountMax = 12 << 20 }
    let recorder = try scene.recorder()
    let block = Array(String(repeating: "0123456789abcde\n", count: 4000).utf8)
    for step in 0..<300 {
      guard recorder.budget - recorder.offset > 65_536 else { break }
      try recorder.show(block, at: UInt64(step))
      scene.crank(60 * AgentScene.millisecond)
      scene.ship()
      try recorder.hear()
    }
    #expect(recorder.offset > 18 << 20, "300 blocks of 64 kB went through a file of 12 MiB")
    #expect(scene.disk.punchedByteCount > 7 << 20)
    try recorder.end(at: 1000)
    scene.settle()
    #expect(scene.centre.faults(in: recorder.recording) == [])
    #expect(scene.centre.output(recorder.recording).count == recorder.shown.count)
  }

  @Test("one person's recordings have a quarter of the spool at most, others have theirs, and a tenth is root's")
  func shares() throws {
    let capacity: UInt64 = 1000 << 20
    var allotment = Allotment(capacity: capacity, recordingByteCountMax: 256 << 20)
    var held: [UInt32: UInt64] = [:]
    func fill(_ user: UInt32, recordings: Int) {
      for _ in 0..<recordings {
        guard var mine = allotment.admit(user) else { return }
        while true {
          if allotment.extend(&mine) < 1024 { break }
        }
        held[user, default: 0] += mine.byteCount
      }
    }
    for user in [1000, 1001, 1002, 1003, 1004] as [UInt32] { fill(user, recordings: 100) }
    for user in [1000, 1001, 1002] as [UInt32] { #expect(held[user]! <= capacity / 4 && held[user]! > capacity / 5) }
    let others = held.values.reduce(0, +)
    #expect(others <= capacity / 10 * 9)
    let grantOfRoot = allotment.admit(0)
    #expect(grantOfRoot?.byteCount ?? 0 >= AgentSettings.grantByteCountMin, "there is room for root whatever others do")
  }

  @Test("a flood of one person's recordings is refused, and another person's is taken")
  func flood() {
    var allotment = Allotment(capacity: 100 << 20, recordingByteCountMax: 256 << 20)
    var count = 0
    while allotment.admit(1000) != nil { count += 1 }
    #expect(count > 1 && count <= AgentSettings.personRecordingCountMax)
    let (isOwnDoing, isOthersDoing) = (allotment.isAtOwnBound(1000), allotment.isAtOwnBound(1001))
    #expect(isOwnDoing && !isOthersDoing)
    let another = allotment.admit(1001)
    #expect(another != nil)
  }

  @Test("what a recording held is free again when it is gone, in any order of taking and giving back")
  func accounts() {
    var numbers = SeededNumbers()
    var allotment = Allotment(capacity: 200 << 20, recordingByteCountMax: 64 << 20)
    var charges: [Allotment.Charge] = []
    for _ in 0..<2000 {
      let user = UInt32(numbers.below(4))
      if numbers.below(3) > 0, let charge = allotment.admit(user) {
        charges.append(charge)
      } else if !charges.isEmpty {
        let place = numbers.below(charges.count)
        switch numbers.below(3) {
        case 0: _ = allotment.extend(&charges[place])
        case 1: allotment.change(&charges[place], to: charges[place].byteCount / 2, isLive: false)
        default: allotment.leave(charges.remove(at: place))
        }
      }
      let ofPerson = charges.filter { $0.user == 1 }.reduce(0) { $0 + $1.byteCount }
      #expect(ofPerson <= 50 << 20, "seed \(numbers.seed)")
    }
    for charge in charges { allotment.leave(charge) }
    var fresh = Allotment(capacity: 200 << 20, recordingByteCountMax: 64 << 20)
    for _ in 0..<5 {
      let (used, unused) = (allotment.admit(7), fresh.admit(7))
      #expect(used == unused, "seed \(numbers.seed)")
    }
  }

  @Test("a disk that takes no new file refuses the recording for want of space, and the next one is welcome")
  func makeFails() throws {
    for call in [FaultyDisk.Call.make, .save] {
      let scene = try AgentScene()
      scene.disk.failing = [call]
      let recorder = try ScriptedRecorder()
      try scene.greet(recorder)
      #expect(recorder.refusal == .space)
      #expect(scene.disk.names().isEmpty)
      scene.disk.failing = []
      let next = try scene.recorder()
      #expect(next.refusal == nil)
    }
  }

  @Test("an error of the sync is a gap in every open recording")
  func syncFails() throws {
    let scene = try AgentScene()
    let (one, other) = (try scene.recorder(), try scene.recorder())
    try one.show("one")
    try other.show("other")
    scene.settleBriefly()
    scene.disk.failing = [.sync]
    try one.show("two", at: 100)
    scene.crank(2 * AgentScene.second)
    scene.disk.failing = []
    scene.settle()
    for recorder in [one, other] {
      #expect(scene.centre.fields(recorder.recording).contains { $0.lostWhy == "sync" })
      #expect(scene.centre.output(recorder.recording) == recorder.shown)
    }
  }

  @Test("a file system that frees nothing holds nobody up")
  func noPunching() throws {
    let scene = try AgentScene { $0.recordingByteCountMax = 16 << 20 }
    scene.disk.failing = [.punch]
    let recorder = try scene.recorder()
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
    for step in 0..<300 {
      try #require(recorder.budget - recorder.offset > 65_536)
      try recorder.show(block, at: UInt64(step))
      scene.crank(60 * AgentScene.millisecond)
      scene.ship()
      try recorder.hear()
    }
    #expect(recorder.offset > 16 << 20)
  }

  // MARK: - Adoption

  private func adoptable(
    _ scene: AgentScene, _ name: String, _ text: String, ends: Bool,
    as slot: AdoptionSlot = .init(user: 1234, number: 0)
  ) throws {
    let header = SpoolHeader(salt: 99, madeAtMilliseconds: 1_000_000, recording: Array(name.utf8))
    let facts = RecordingHeader(
      host: [], recording: Array(name.utf8), user: [], terminal: Array("xterm".utf8), session: 7,
      startMilliseconds: 1_000_000)
    let start = SessionStart(
      user: 1234, loginUser: 1235, parent: [], terminal: [], command: [], trust: Array("trusted".utf8),
      terminalGuard: [])
    var file = ByteBuilder(capacity: 512)
    header.append(to: &file)
    let encoder = SpoolEncoder(salt: 99)
    encoder.append(facts, start, at: 0, to: &file)
    Array(text.utf8).withUnsafeBufferPointer { encoder.append($0, .output, at: 5_000_000, to: &file) }
    if ends {
      let end = SessionEnd(outcome: .exit(code: 0), why: .exit, inputByteCount: 0, outputByteCount: 1)
      encoder.append(end, at: 9_000_000, to: &file)
    }
    try scene.scratch.write("adopt/" + String(decoding: slot.name, as: UTF8.self), file.array)
  }

  @Test("files of recorders that found no agent are adopted, and sent with what they say", arguments: [true, false])
  func adopts(ends: Bool) throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() }
    scene.agent.named(1234, Array("absent".utf8))
    scene.endProcesses()
    try adoptable(scene, "b00-7b-c8", "alone", ends: ends)
    scene.settle()
    let fields = scene.centre.fields("b00-7b-c8")
    #expect(scene.centre.output("b00-7b-c8") == Array("alone".utf8))
    #expect(fields.first?.object["uid"] as? Int == 1234)
    #expect(fields.first?.text("user") == "absent")
    #expect(fields.first?.text("trust") == "trusted")
    #expect(fields.last?.why == (ends ? "exit" : "killed"))
    #expect(scene.centre.faults(in: "b00-7b-c8") == [])
  }

  @Test("a file that a recorder did not make, that is in no place for one, or is no spool file, is not adopted")
  func adoptsNoOthers() throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() + 1 }
    try adoptable(scene, "b00-7b-c8", "forged", ends: true)
    scene.settle()
    #expect(scene.centre.lines.isEmpty)
    let other = try AgentScene { $0.recorderUser = geteuid() }
    try adoptable(other, "b00-7b-c8", "renamed", ends: true)
    try other.scratch.rename("adopt/1234.0.spool", to: "adopt/1234.64.spool")
    try adoptable(other, "../7b-c8", "elsewhere", ends: true)
    try other.scratch.write("adopt/1234.1.spool", "no spool file")
    other.settle()
    #expect(other.centre.lines.isEmpty)
  }

  @Test("an adopted file leaves its place at once, and is found again by the next agent, with its state or without")
  func adoptedFileLeavesItsPlace() throws {
    let scene = try AgentScene { $0.recorderUser = geteuid() }
    scene.endProcesses()
    try adoptable(scene, "b00-7b-c8", "first", ends: true)
    scene.crank(AgentScene.second)
    #expect(scene.adopted.names() == ["b00-7b-c8.spool"])
    try adoptable(scene, "b00-7b-c8", "same name", ends: true)
    scene.crank(11 * AgentScene.second)
    #expect(scene.adopted.names() == ["b00-7b-c8-2.spool", "b00-7b-c8.spool"])
    scene.disk.remove("b00-7b-c8-2.state")
    scene.restartAgent()
    scene.settle()
    scene.crank(11 * AgentScene.second)
    scene.settle()
    #expect(scene.centre.output("b00-7b-c8") == Array("first".utf8))
    #expect(scene.centre.output("b00-7b-c8-2") == Array("same name".utf8))
  }

  @Test("what one person leaves to be adopted stays where it is at that person's bound, and others have their room")
  func adoptionIsBounded() throws {
    let scene = try AgentScene {
      $0.recorderUser = geteuid()
      $0.capacityByteCount = 2000 << 20
    }
    // Their recorders are alive, stopped in the hand-shake: each counts with all that it may write.
    for round in 0..<20 {
      for number in 0..<AdoptionSlot.countMax {
        let slot = AdoptionSlot(user: 1234, number: number)
        if scene.adopted.names().contains(String(decoding: slot.name, as: UTF8.self)) { continue }
        try adoptable(scene, "b00-\(String(round * 64 + Int(number) + 1, radix: 16))-5", "x", ends: false, as: slot)
      }
      scene.crank(11 * AgentScene.second)
    }
    #expect(scene.adopted.names().count < 64 + 512 / 16, "no more than the places, and a quarter of the spool")
    try adoptable(scene, "b00-ffff-5", "another's", ends: false, as: AdoptionSlot(user: 4321, number: 0))
    scene.crank(11 * AgentScene.second)
    #expect(scene.adopted.names().contains("b00-ffff-5.spool"))
    let recorder = try scene.recorder()
    #expect(recorder.refusal == nil)
  }

  @Test("sessions that have ended count with what is on disk: thousands of short ones are no reason to refuse")
  func shortSessions() throws {
    let scene = try AgentScene()
    for number in 0..<600 {
      let recorder = try ScriptedRecorder()
      try scene.greet(recorder)
      try #require(recorder.refusal == nil, "session \(number)")
      try recorder.begin()
      try recorder.show("done")
      try recorder.end()
      recorder.disconnect()
      try scene.listen(recorder)
      scene.crank(100 * AgentScene.millisecond)
    }
  }

  @Test("what is written behind the end of a self-reported recording goes, and counts for nobody")
  func behindTheEnd() throws {
    let scene = try AgentScene()
    let recorder = try scene.recorder()
    try recorder.end()
    scene.settle()
    let end = recorder.offset
    try recorder.append(raw: [UInt8](repeating: 0x41, count: 1 << 20))
    scene.crank(AgentScene.second)
    #expect(try scene.disk.open(recorder.recording + ".spool").byteCount() == end)
  }
}
