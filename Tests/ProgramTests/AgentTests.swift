import Events
import Foundation
import Glibc
import TestSupport
import Testing

/// The recorder and the agent, both real, with signals that nobody can catch.
@Suite("Recording through the agent", .inTurn)
struct AgentTests {
  @Test("a session is spooled byte for byte, with its end and its exit status")
  func session() async throws {
    let stage = try await AgentStage()
    let program = try stage.onTerminal(["/bin/sh", "-c", "printf 'one\\ntwo\\n'; exit 7"])
    #expect(try await program.end() == .status(7))
    let spools = try await stage.expectEnds(1)
    #expect(spools[0].startCount == 1 && spools[0].whys == [.exit] && spools[0].damagedByteCount == 0)
    expectSame(Array(program.shown.prefix(spools[0].output.count)), spools[0].output, "shown")
    #expect(spools[0].output == Array("one\r\ntwo\r\n".utf8))
  }

  @Test("standard error and binary output on pipes are spooled too")
  func pipes() async throws {
    let stage = try await AgentStage()
    let program = try stage.onPipes(["/bin/sh", "-c", "head -c 300000 /dev/urandom; echo wrong >&2"])
    #expect(try await program.end() == .status(0))
    let spool = try await stage.expectEnds(1)[0]
    #expect(spool.output.count == 300_006 && program.shown.count == 300_000)
  }

  @Test("a recorder that is killed has spooled all that it had shown, and its recording says that it was killed")
  func recorderKilled() async throws {
    let stage = try await AgentStage()
    let program = try stage.onTerminal(["/bin/sh", "-c", "while :; do echo line of output; done"])
    try await program.expect("line of output")
    program.signal(SIGKILL)
    #expect(try await program.end() == .signal(SIGKILL))
    let spool = try await stage.expectEnds(1)[0]
    #expect(spool.whys == [.killed] && spool.damagedByteCount == 0)
    #expect(
      spool.output.starts(with: program.shown), "\(program.shown.count) bytes shown, \(spool.output.count) spooled")
  }

  @Test("an agent that is killed disturbs no session; the next one takes it over, and nothing is missing")
  func agentKilled() async throws {
    let stage = try await AgentStage()
    let program = try await stage.shell()
    try await program.type(line: "echo be\"\"fore", expecting: "before")
    try await stage.killAgent()
    try await program.type(line: "echo with\"\"out", expecting: "without")
    try await stage.startAgent()
    try await program.type(line: "echo af\"\"ter", expecting: "after")
    try await program.type("exit\r")
    #expect(try await program.end() == .status(0))
    let spool = try await stage.expectEnds(1)[0]
    #expect(spool.whys == [.exit] && spool.startCount == 1)
    expectSame(Array(program.shown.prefix(spool.output.count)), spool.output, "shown")
  }

  @Test(
    "an agent that is stopped is not waited for longer than a second, and on-failure decides",
    arguments: ["refuse", "continue"])
  func agentStopped(onFailure: String) async throws {
    let stage = try await AgentStage()
    stage.agent?.signal(SIGSTOP)
    let program = try stage.onTerminal(["/bin/echo", "went on"], ["--on-failure=\(onFailure)"])
    let end = try await program.end()
    stage.agent?.signal(SIGCONT)
    #expect(end == .status(onFailure == "refuse" ? 1 : 0))
    #expect(program.text.contains("went on") == (onFailure == "continue"))
    #expect(program.text.contains("the agent does not answer") == (onFailure == "refuse"))
  }

  @Test("without an agent whoever records themselves is refused, with the reason")
  func noAgent() async throws {
    let stage = try await AgentStage()
    try await stage.killAgent()
    let program = try stage.onTerminal(["/bin/echo", "unrecorded"])
    #expect(try await program.end() == .status(1))
    #expect(program.text.contains("no agent is running"))
    #expect(!program.text.contains("unrecorded"))
  }

  @Test("at its budget a flood waits, ^C works, and no more than the budget is on the disk")
  func budget() async throws {
    let stage = try await AgentStage(["--recording-size", "1048576"])
    let program = try stage.onTerminal(["/bin/sh", "-c", "trap 'exit 3' INT; yes flood; echo never"])
    try await program.expect("flood")
    var size = -1
    // At its bound nothing more comes: that the size does not change while the shell waits in write(2) shows it.
    try await program.until("wait at its budget") {
      let now = try stage.spools().first?.byteCount ?? 0
      defer { size = now }
      return now == size && now > 700_000
    }
    try await program.type("\u{3}")
    #expect(try await program.end() == .status(3))
    let spool = try await stage.expectEnds(1)[0]
    #expect(spool.byteCount <= 1_048_576)
    #expect(spool.output.starts(with: program.shown.dropLast(1)) || program.shown.starts(with: spool.output))
  }

  @Test("a person's flood at its bound leaves another session its room")
  func flood() async throws {
    let stage = try await AgentStage(["--recording-size", "1048576"])
    let flood = try stage.onTerminal(["/usr/bin/yes", "flood"])
    try await flood.expect("flood")
    try await flood.until("fill its part") { try stage.spools().first?.byteCount ?? 0 > 700_000 }
    // An agent that is built for testing reads that for longer than the second that a recorder waits for it.
    try await stage.untilAgentIsIdle()
    let other = try await stage.shell()
    try await other.type(line: "echo wor\"\"ks", expecting: "works")
    try await other.type("exit\r")
    #expect(try await other.end() == .status(0))
    flood.hangUp()
    #expect(try await stage.expectEnds(2).contains { $0.output.count < 10_000 })
  }

  @Test("a second agent on the same spool does not start, and disturbs neither the first nor its sessions")
  func secondAgent() async throws {
    let stage = try await AgentStage()
    let program = try await stage.shell()
    let second = try DrivenProgram(onPipes: [
      AgentStage.program, "--state", stage.scratch.file("state"), "--run", stage.scratch.path,
    ])
    #expect(try await second.end() == .status(1))
    #expect(second.errorText.contains("flock"))
    try await program.type(line: "echo go\"\"es on", expecting: "goes on")
    try await program.type("exit\r")
    #expect(try await program.end() == .status(0))
    #expect(try await stage.expectEnds(1)[0].whys == [.exit])
    let next = try stage.onPipes(["/bin/echo", "taken"])
    #expect(try await next.end() == .status(0))
  }

  @Test("callers that send nonsense or nothing keep nobody from recording")
  func hostileCallers() async throws {
    let stage = try await AgentStage()
    var numbers = SeededNumbers()
    let callers = try (0..<60).map { _ in try RawCaller(stage.socket) }
    for caller in callers { caller.send((0..<numbers.below(100)).map { _ in UInt8(numbers.below(256)) }) }
    let program = try stage.onPipes(["/bin/echo", "recorded"])
    // Of one person's callers only so many are waited for; the others' places are free again within a second.
    let end = try await program.end()
    if end != .status(0) {
      #expect(program.errorText.contains("too many recorders"), "seed \(numbers.seed)")
      try await stage.agent?.until("take a recorder again") { try RawCaller.isTaken(stage.socket) }
      #expect(try await stage.onPipes(["/bin/echo", "recorded"]).end() == .status(0), "seed \(numbers.seed)")
    }
    _ = callers
  }

  @Test("SIGTERM ends an agent, and its sessions go on and are found again")
  func upgrade() async throws {
    let stage = try await AgentStage()
    let program = try await stage.shell()
    try await program.type(line: "echo be\"\"fore", expecting: "before")
    stage.agent?.signal(SIGTERM)
    #expect(try await stage.agent?.end() == .status(0))
    try await stage.startAgent()
    try await program.type(line: "echo af\"\"ter", expecting: "after")
    program.hangUp()
    _ = try await program.end()
    let spool = try await stage.expectEnds(1)[0]
    #expect(spool.whys == [.hangup])
    #expect(spool.output.starts(with: program.shown) || program.shown.starts(with: spool.output))
  }

  @Test("of seeded schedules that kill recorder and agent, none loses what was shown")
  func schedules() async throws {
    let stage = try await AgentStage()
    var numbers = SeededNumbers()
    for place in 0..<100 {
      let program = try stage.onTerminal(["/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo \(place) line $i; done"])
      try await program.expect("\(place) line \(1 + numbers.below(200))")
      let deed = numbers.below(3)
      if deed != 1 { try await stage.killAgent() }
      if deed == 2 { try await stage.startAgent() }
      if deed != 0 { try await program.expect("line") }
      program.signal(SIGKILL)
      #expect(try await program.end() == .signal(SIGKILL), "seed \(numbers.seed)")
      if deed == 0 { try await stage.startAgent() }
      try await stage.agent?.until("see it end") {
        try stage.spoolNames().allSatisfy {
          try !AgentStage.read(stage.scratch.bytes("state/spool/" + $0)).whys.isEmpty
        }
      }
      let name = try #require(stage.spoolNames().max { stage.made($0) < stage.made($1) })
      let spool = try AgentStage.read(stage.scratch.bytes("state/spool/" + name))
      #expect(spool.output.starts(with: program.shown), "schedule \(place), seed \(numbers.seed)")
      #expect(spool.whys == [.killed] && spool.damagedByteCount == 0, "schedule \(place), seed \(numbers.seed)")
    }
  }
}

extension AgentStage {
  /// A shell that reads commands. Keys typed before would be echoed by the terminal outside, and be no output of it.
  fileprivate func shell() async throws -> DrivenProgram {
    let program = try onTerminal(["/bin/sh", "-c", "echo ready; exec /bin/sh"])
    try await program.expect("ready")
    return program
  }

  /// When a spool file was made, as its header says.
  fileprivate func made(_ name: String) -> UInt64 {
    let file = scratch.bytes("state/spool/" + name)
    return file.withUnsafeBufferPointer { (try? SpoolHeader($0))?.madeAtMilliseconds } ?? 0
  }
}
