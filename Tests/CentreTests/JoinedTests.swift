import API
import Events
import Foundation
import Screen
import TestSupport
import Testing

@Suite("an agent and a centre together", .inTurn) struct JoinedTests {
  @Test("what was shown is what the centre exports, and the list says whose it is")
  func roundTrip() async throws {
    let stage = try await JoinedStage()
    let program = try stage.record([
      "/bin/sh", "-c", "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i ä€😀; done",
    ])
    try await program.expect("line 500")
    let rec = try #require(stage.recording(of: program))
    try await program.end()
    try await stage.awaitEnd(of: rec)
    let token = try await stage.centre.stenod("token", "--role", "auditor")
    let raw = try await stage.centre.steno("export", "--format", "raw", stage.id(of: rec), token: token)
    let isSame = raw.output == program.shownBySession
    #expect(isSame, "\(program.shown.count) bytes shown, \(raw.output.count) exported")
    let list = try await stage.centre.steno("ls", "--json", token: token)
    let found = try JSONDecoder().decode([RecordingSummary].self, from: Data(list.output))
    #expect(found.map(\.host) == ["h1"] && found.map(\.rec) == [rec])
    #expect(found.first?.user == NSUserName() && found.first?.state == .complete && found.first?.why == "exit")
    #expect(found.first?.trust == "self-reported")
    try await stage.held(rec).expect(program.shownBySession, "")
  }

  @Test("what is written byte by byte, with pauses, is shown and exported as if it had been written at once")
  func byteByByte() async throws {
    let stage = try await JoinedStage()
    let line = String(repeating: "a full row and more ", count: 5) + "of text"
    // A bar below a scrolling region, as apt draws it; then a line of more than a row.
    let written =
      #"\n\0337\033[1;23r\0338\033[1AUnpacking one\r\n\0337\033[24;0fProgress: [ 10%%]\0338"#
      + #"Unpacking two\r\n\0337\033[24;0fProgress: [ 90%%]\0338\#(line)\r\nthe end"#
    let program = try stage.record([
      "/bin/sh", "-c",
      "t=$(printf '\(written)'); while [ -n \"$t\" ]; do r=${t#?}; printf %s \"${t%\"$r\"}\"; t=$r; sleep 0.01; done",
    ])
    try await program.expect("the end")
    let rec = try #require(stage.recording(of: program))
    try await program.end()
    try await stage.awaitEnd(of: rec)
    let held = try await stage.held(rec)
    #expect(held.lines.count > 5, "the agent has not cut it")
    let whole = rows(after: program.shownBySession)
    #expect(whole[23] == "Progress: [ 90%]" && whole.contains("the end"))

    let token = try await stage.centre.stenod("token", "--role", "auditor")
    let id = stage.id(of: rec)
    let answer = try await stage.centre.ask("GET", "/v1/recordings/\(id)/events", token: token)
    let events = try ViewingTests.Answer(Array(answer.body.utf8)).events
    #expect(events.filter { $0.1 == "r" }.map(\.2) == ["80x24"])
    let text = events.filter { $0.1 == "o" }.map(\.2).joined()
    #expect(rows(after: Array(text.utf8)) == whole)
    let exported = try await stage.centre.steno("export", "--format", "text", id, token: token)
    let lines = String(decoding: exported.output, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.filter { $0.hasPrefix("a full row") } == [line], "\(lines)")
    #expect(lines.count { $0 == "the end" } == 1)
    let played = try await stage.centre.steno("play", "--speed", "100", id, token: token)
    #expect(played.output.starts(with: program.shownBySession))
  }

  /// What is on a screen of 80x24 then.
  private func rows(after output: [UInt8]) -> [String] {
    var emulator = Emulator(window: .usual)
    output.withUnsafeBufferPointer { emulator.feed($0, at: 0) }
    return (0..<24).map { row in
      var text = ByteBuilder(capacity: 80)
      emulator.appendText(ofRow: row, to: &text)
      return String(decoding: text.bytes, as: UTF8.self)
    }
  }

  @Test("an administrator's order ends the session: its shell is hung up, and the recording says why")
  func endedFromAfar() async throws {
    let stage = try await JoinedStage()
    let program = try stage.record([
      "/bin/sh", "-c", "trap 'echo hung up; exit' HUP; echo ready; while :; do sleep 0.05; done",
    ])
    try await program.expect("ready")
    let rec = try #require(stage.recording(of: program))
    try await stage.agent?.eventually("bring the start") { try await stage.summary(of: rec)?.state == .live }
    let token = try await stage.centre.stenod("token", "--role", "admin")
    let answer = try await stage.centre.ask("POST", "/v1/recordings/\(stage.id(of: rec))/end", token: token)
    #expect(answer.status == 202)
    try await program.end()
    #expect(program.text.contains("administrator"))
    try await stage.awaitEnd(of: rec)
    #expect(try await stage.summary(of: rec)?.why == "ended")
    try await stage.held(rec).expect([], "")
  }

  @Test("a session that goes on is listed as live, can be followed, and the follower ends with it")
  func following() async throws {
    let stage = try await JoinedStage()
    let program = try stage.record(["/bin/sh", "-c", "echo ready; exec /bin/sh"])
    try await program.expect("ready")
    let rec = try #require(stage.recording(of: program))
    try await stage.agent?.eventually("bring the recording to the centre") {
      try await stage.summary(of: rec)?.state == .live
    }
    let token = try await stage.centre.stenod("token", "--role", "auditor")
    let follower = try DrivenProgram(
      onPipes: [Centre.built("steno"), "play", "-f", stage.id(of: rec)],
      environment: [
        "STENO_SERVER": stage.centre.url, "STENO_CA": stage.scratch.file("data/ca.pem"), "STENO_TOKEN": token,
      ])
    try await follower.expect("ready")
    try await program.type(line: "echo wh\"\"ile", expecting: "while")
    try await follower.expect("while")
    try await program.type("exit\r")
    try await program.end()
    #expect(try await follower.end() == .status(0), "\(follower.errorText)")
    // Behind it a player puts the terminal right, as tlog's does.
    let hasAll = follower.shown.starts(with: program.shownBySession)
    #expect(hasAll, "\(program.text.debugDescription), followed: \(follower.text.debugDescription)")
  }

  @Test("a centre that gets an older copy of its directory back is filled again: what had ended, and what goes on")
  func restored() async throws {
    let stage = try await JoinedStage()
    let files = FileManager.default
    var sessions: [(rec: String, shown: [UInt8])] = []
    let live = try stage.record(["/bin/sh", "-c", "echo ready; exec /bin/sh"])
    try await live.expect("ready")
    let liveRec = try #require(stage.recording(of: live))
    sessions.append(try await whole("old", stage))
    try await stage.centre.end(by: SIGTERM)
    try files.copyItem(atPath: stage.scratch.file("data"), toPath: stage.scratch.file("backup"))
    try await stage.startCentre()
    for name in ["new", "newer"] { sessions.append(try await whole(name, stage)) }
    try await live.type(line: "echo be\"\"fore", expecting: "before")
    try await stage.centre.end(by: SIGKILL)
    try stage.scratch.remove("data")
    try files.moveItem(atPath: stage.scratch.file("backup"), toPath: stage.scratch.file("data"))
    // The agent does not get there yet.
    try await stage.centre.start()
    #expect(try await stage.summary(of: sessions[1].rec) == nil)
    stage.proxy.target = stage.centre.port
    try await live.type(line: "echo af\"\"ter", expecting: "after")
    try await live.type("exit\r")
    try await live.end()
    sessions.append((liveRec, live.shownBySession))
    for session in sessions {
      try await stage.awaitEnd(of: session.rec)
      try await stage.held(session.rec).expect(session.shown, "")
    }
  }

  private func whole(_ name: String, _ stage: JoinedStage) async throws -> (rec: String, shown: [UInt8]) {
    let program = try stage.record(["/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo \(name) $i; sleep 0.06; done"])
    try await program.expect("\(name) 8")
    let rec = try #require(stage.recording(of: program))
    try await program.end()
    try await stage.awaitEnd(of: rec)
    return (rec, program.shownBySession)
  }

  @Test("the agent's answer is lost or late, and the same messages are held once", arguments: [true, false])
  func answerLost(agentIsKilled: Bool) async throws {
    let stage = try await JoinedStage()
    let program = try stage.record(["/bin/sh", "-c", "echo ready; exec /bin/sh"])
    try await program.expect("ready")
    let rec = try #require(stage.recording(of: program))
    try await stage.agent?.eventually("bring the start") { try await stage.summary(of: rec) != nil }
    // The centre has committed, and the agent does not know.
    stage.proxy.set(.holdAnswers)
    try await program.type(line: "echo o\"\"ne", expecting: "one")
    try await program.until("have its answer held") { stage.proxy.heldAnswerByteCount > 0 }
    if agentIsKilled { try await stage.endAgent() }
    stage.proxy.cut()
    stage.proxy.set(.clear)
    if agentIsKilled { try await stage.startAgent() }
    try await program.type(line: "echo tw\"\"o", expecting: "two")
    try await program.type("exit\r")
    try await program.end()
    try await stage.awaitEnd(of: rec)
    try await stage.held(rec).expect(program.shownBySession, "")
  }

  @Test("an old agent's request that arrives after the next agent's is no second copy and no fork")
  func lateRequest() async throws {
    let stage = try await JoinedStage()
    let program = try stage.record(["/bin/sh", "-c", "echo ready; exec /bin/sh"])
    try await program.expect("ready")
    let rec = try #require(stage.recording(of: program))
    try await stage.agent?.eventually("bring the start") { try await stage.summary(of: rec) != nil }
    stage.proxy.set(.holdRequests)
    try await program.type(line: "echo o\"\"ne", expecting: "one")
    try await program.until("have a request held") { stage.proxy.heldRequestByteCount > 0 }
    try await stage.endAgent()
    stage.proxy.setForNew(.clear)
    // The next one cuts otherwise: it has more to cut.
    try await program.type(line: "echo tw\"\"o", expecting: "two")
    let before = try await stage.summary(of: rec)?.messages ?? 0
    try await stage.startAgent()
    try await stage.agent?.eventually("go on") { try await stage.summary(of: rec)?.messages ?? 0 > before }
    stage.proxy.set(.clear)
    try await program.until("be over with the old connection") { stage.proxy.leftLinkCount == 0 }
    try await program.type(line: "echo th\"\"ree", expecting: "three")
    try await program.type("exit\r")
    try await program.end()
    try await stage.awaitEnd(of: rec)
    try await stage.held(rec).expect(program.shownBySession, "")
  }
}
