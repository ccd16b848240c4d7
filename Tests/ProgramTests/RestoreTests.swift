import Glibc
import TestSupport
import Testing

/// `stty -g` is equal before and after, whatever way a recording ends.
///
/// The recorder runs as a shell's foreground program, since the kernel resets a terminal when the leader of its session
/// ends; the shell asks stty before and after.
@Suite("The terminal is left as it was found", .inTurn, .needsStock)
struct RestoreTests {
  /// The ways out. What follows the recorder's options, and what is done once `ready` is shown.
  enum Way: String, CaseIterable, Sendable {
    case exitsWith0, exitsWith3, killsItself, cannotBeExecuted, logCannotBeOpened, logCannotBeWritten, sigterm, sighup,
      sigint, shellIsKilled, recorderIsKilled, endOfInput, stoppedAndContinued, wrongConfiguration

    var program: [String] {
      switch self {
      case .exitsWith0: ["/bin/sh", "-c", "stty raw; echo ready"]
      case .exitsWith3: ["/bin/sh", "-c", "stty raw; echo ready; exit 3"]
      case .killsItself: ["/bin/sh", "-c", "echo ready; kill -KILL $$"]
      case .cannotBeExecuted: ["/nowhere/ready"]
      case .endOfInput: ["/bin/sh", "-c", "echo ready; cat"]
      case .stoppedAndContinued, .sigint: ["/bin/sh", "-c", "echo ready; read x; echo did $x"]
      case .logCannotBeOpened, .wrongConfiguration: ["/bin/sh", "-c", "echo started anyway"]
      default: ["/bin/sh", "-c", "echo $$ >shell; echo ready; exec sleep 30"]
      }
    }

    var options: [String] {
      switch self {
      case .logCannotBeOpened: ["--file-path=/nowhere/log"]
      case .logCannotBeWritten: ["--file-path=folder/log", "--latency=1"]
      case .wrongConfiguration: ["--payload=1"]
      default: []
      }
    }

    /// The recorder's exit status as the shell sees it.
    var status: Int32 {
      switch self {
      case .exitsWith0, .stoppedAndContinued, .sigint, .endOfInput: 0
      case .exitsWith3: 3
      case .killsItself, .shellIsKilled, .recorderIsKilled: 128 + SIGKILL
      case .cannotBeExecuted: 127
      case .logCannotBeOpened, .logCannotBeWritten, .wrongConfiguration: 1
      case .sigterm: 128 + SIGTERM
      case .sighup: 128 + SIGHUP
      }
    }
  }

  @Test("stty -g is equal before and after each way out", arguments: Way.allCases)
  func ways(way: Way) async throws { try await leave(.ours, by: way) }

  @Test("the recorder's own death by SIGKILL does not leave the terminal raw")
  func killed() async throws {
    try await expectDefect(inStock: "leaves the terminal raw") { try await leave($0, by: .recorderIsKilled) }
  }

  @Test("while stopped and continued by another shell the recorder finds the terminal raw again")
  func rawAgain() async throws {
    let stage = try Stage(.ours)
    let program = try start(stage, .stoppedAndContinued)
    try await program.expect("ready")
    let recorder = try #require(Self.recorder(below: program))
    let raw = try program.attributes()
    kill(recorder, SIGSTOP)
    try await program.until("stop the recorder") { ProcessFacts(recorder)?.state == "T" }
    try program.makeCanonical()  // as a shell does that puts a stopped job into the background
    #expect(try program.attributes() != raw)
    kill(recorder, SIGCONT)
    try await program.until("make the terminal raw again") { try program.attributes() == raw }
    try await program.type("x\r")
    try await program.expect("finished")
  }

  private func start(_ stage: Stage, _ way: Way) throws -> DrivenProgram {
    let script = """
      stty -ixon -echoe erase '#' 2>/dev/null; mkdir folder; stty -g >before
      "$@"; echo $? >status; \(way == .recorderIsKilled ? "sleep 0.3;" : "") stty -g >after; echo finished; exit 0
      """  // what restores the terminal after a SIGKILL is another process, and needs a moment
    return try stage.startOnTerminal(["/bin/sh", "-c", script, "sh"] + stage.command(way.program, way.options))
  }

  private func leave(_ recorder: Recorder, by way: Way) async throws {
    let stage = try Stage(recorder)
    let program = try start(stage, way)
    if way != .logCannotBeOpened && way != .wrongConfiguration && way != .cannotBeExecuted {
      try await program.expect("ready")
    }
    try await leave(program, stage, way)
    try await program.expect("finished")
    try holds(try await program.end(), is: .status(0))
    try holds(stage.scratch.text("before").contains(":"), "stty -g said nothing")
    try holds(stage.scratch.text("after"), is: stage.scratch.text("before"))
    try holds(stage.scratch.text("status"), is: "\(way.status)\n")
    try holds(!program.text.contains("started anyway"))
  }

  private func leave(_ program: DrivenProgram, _ stage: Stage, _ way: Way) async throws {
    switch way {
    case .exitsWith0, .exitsWith3, .killsItself, .cannotBeExecuted, .logCannotBeOpened, .wrongConfiguration: break
    case .logCannotBeWritten:
      try stage.scratch.rename("folder", to: "elsewhere")
    case .sigterm: kill(try #require(Self.recorder(below: program)), SIGTERM)
    case .sighup: kill(try #require(Self.recorder(below: program)), SIGHUP)
    case .sigint:
      kill(try #require(Self.recorder(below: program)), SIGINT)
      try await program.type("go on\r")
      try await program.expect("did go on")
    case .shellIsKilled: kill(try #require(Int32(stage.scratch.text("shell").filter(\.isNumber))), SIGKILL)
    case .recorderIsKilled: kill(try #require(Self.recorder(below: program)), SIGKILL)
    case .endOfInput: try await program.type("\u{4}")
    case .stoppedAndContinued:
      let recorder = try #require(Self.recorder(below: program))
      kill(recorder, SIGSTOP)
      try await program.until("stop the recorder") { ProcessFacts(recorder)?.state == "T" }
      kill(recorder, SIGCONT)
      try await program.type("go on\r")
      try await program.expect("did go on")
    }
  }

  /// The recorder that the shell has started.
  private static func recorder(below shell: DrivenProgram) -> Int32? {
    ProcessFacts.children(of: shell.pid).first { $0.name == "tlog-rec" }?.pid
  }
}
