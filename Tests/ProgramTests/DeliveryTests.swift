import Glibc
import TestSupport
import Testing

/// What slows delivery, and how a program ends: whatever comes together, what the program wrote is recorded to its last
/// byte, and shown as long as there is a terminal to show it on.
@Suite("What a program wrote before it ended", .inTurn)
struct DeliveryTests {
  /// What makes the recorder wait.
  enum Obstacle: String, CaseIterable, Sendable {
    case none
    /// The log may only grow slowly.
    case limit
    /// Nobody reads the terminal.
    case slowTerminal
    /// Nobody reads the log, a FIFO that holds a page.
    case slowLog
  }

  enum Ending: String, CaseIterable, Sendable {
    case exit, signal
    /// The program exits, and a job in the background holds the terminal open.
    case jobLeft
    case hangUp
    /// The recorder is told to end.
    case terminate

    /// What comes behind `: >written` in the script.
    var script: String {
      switch self {
      case .exit: "exit 4"
      case .signal: "kill -KILL $$"
      case .jobLeft: "(trap '' HUP; exec sleep 30) & exit 4"
      case .hangUp, .terminate: "sleep 30"
      }
    }

    var exit: Exit {
      switch self {
      case .exit, .jobLeft: .status(4)
      case .signal: .status(128 + SIGKILL)
      case .hangUp: .signal(SIGHUP)
      case .terminate: .signal(SIGTERM)
      }
    }

    var why: String {
      switch self {
      case .exit, .signal, .jobLeft: "exit"
      case .hangUp: "hangup"
      case .terminate: "ended"
      }
    }
  }

  @Test("on a terminal: is recorded in full, and shown", arguments: Obstacle.allCases, Ending.allCases)
  func onTerminal(obstacle: Obstacle, ending: Ending) async throws {
    let stage = try Stage(.ours)
    let log = try obstacle == .slowLog ? SlowLog(stage) : nil
    let options = obstacle.options(stage)
    let script = "seq \(obstacle.lineCount); : >written; \(ending.script)"
    let program = try stage.onTerminal(["/bin/bash", "-c", script], options)
    if obstacle == .slowTerminal {
      try await program.sendWithoutReading([]) { stage.scratch.exists("written") }
    } else {
      try await program.until("write all") {
        try program.receive()
        return stage.scratch.exists("written")
      }
    }
    if ending == .hangUp { program.hangUp() }
    if ending == .terminate { program.signal(SIGTERM) }
    try log?.read()
    #expect(try await program.end() == ending.exit)
    try await log?.end()
    let recording = try stage.recording()
    expectSame(recording.output, Array(obstacle.expected.utf8), "recorded")
    #expect(recording.gaps.isEmpty)
    #expect(recording.end?["why"] == ending.why)
    if ending != .hangUp && ending != .terminate { #expect(program.text.hasPrefix(obstacle.expected)) }
  }

  @Test(
    "on pipes: is recorded and delivered in full", arguments: [Obstacle.none, .limit, .slowLog],
    [Ending.exit, .signal, .terminate])
  func onPipes(obstacle: Obstacle, ending: Ending) async throws {
    let stage = try Stage(.ours)
    let log = try obstacle == .slowLog ? SlowLog(stage) : nil
    let script = "seq \(obstacle.lineCount); : >written; \(ending.script)"
    let words = stage.command(["/bin/bash", "-c", script], obstacle.options(stage))
    let program = try DrivenProgram(
      onPipes: words, output: .file(stage.scratch.file("shown")), directory: stage.scratch.path)
    try await program.until("write all") { stage.scratch.exists("written") }
    if ending == .terminate { program.signal(SIGTERM) }
    try log?.read()
    #expect(try await program.end() == ending.exit)
    try await log?.end()
    let expected = Array(obstacle.expected.utf8).filter { $0 != 0x0d }
    expectSame(try stage.recording().output, expected, "recorded")
    #expect(try stage.recording().gaps.isEmpty)
    expectSame(stage.scratch.bytes("shown"), expected, "delivered")
  }

  @Test("the line end that a recorder leaves behind is shown on a terminal that is still busy with what came before it")
  func lastLineEnd() async throws {
    for _ in 0..<20 {
      let stage = try Stage(.ours)
      let program = try stage.onTerminal(["/usr/bin/seq", "20000"])
      #expect(try await program.end() == .status(0))
      #expect(program.shown.suffix(9) == Array("20000\r\n\r\n".utf8)[...])
    }
  }

  @Test("a job that goes on writing holds up nothing; what came before it is whole, and what is cut off is said")
  func floodLeft() async throws {
    let stage = try Stage(.ours)
    // The shell ends only when the flood is there, and hangs nobody up.
    let script = "(trap '' HUP; exec yes flood) & until test -s seen; do sleep 0.01; done; exit 6"
    let program = try stage.onTerminal(["/bin/bash", "-c", script])
    try await program.expect("flood")
    try stage.scratch.write("seen", "1")
    #expect(try await program.end() == .status(6))
    let recording = try stage.recording()
    #expect(recording.output.starts(with: program.shown.dropLast(2)))
    #expect(recording.end?["exit"] == "6")
  }

  @Test(
    "at the agent's budget what is left is recorded, and nothing is shown that is not",
    arguments: [Ending.exit, .hangUp])
  func atBudget(ending: Ending) async throws {
    let stage = try await AgentStage(["--recording-size", "1048576"])
    let script = "trap 'exit 4' INT; yes flood; echo never"
    let program = try stage.onTerminal(["/bin/bash", "-c", script])
    try await program.expect("flood")
    var size = -1
    try await program.until("wait at its budget") {
      try program.receive()
      let now = try stage.spools().first?.byteCount ?? 0
      defer { size = now }
      return now == size && now > 700_000
    }
    if ending == .hangUp { program.hangUp() } else { try await program.type("\u{3}") }
    #expect(try await program.end() == ending.exit)
    let spool = try await stage.expectEnds(1)[0]
    #expect(spool.byteCount <= 1_048_576)
    let shown = program.shown.prefix(spool.output.count)
    #expect(spool.output.starts(with: shown))
    // The last thing that was shown is the line end after the session.
    #expect(program.shown.count <= spool.output.count + 2)
  }
}

extension DeliveryTests.Obstacle {
  /// Little enough that the program can end while the obstacle lasts; for the slow terminal more than that holds.
  var lineCount: Int { self == .slowTerminal ? 4500 : 2500 }

  var expected: String { (1...lineCount).map { "\($0)\r\n" }.joined() }

  func options(_ stage: Stage) -> [String] {
    switch self {
    case .none, .slowTerminal: []
    case .limit: ["--limit-action=delay", "--limit-rate=16000", "--limit-burst=1000"]
    case .slowLog: ["--file-path=" + stage.scratch.file("fifo"), "--on-failure=continue"]
    }
  }
}

/// A log in a FIFO that holds one page, and that nobody reads until ``read()``.
private final class SlowLog {
  private let stage: Stage
  private var held: Int32
  private var reader: DrivenProgram?

  init(_ stage: Stage) throws {
    self.stage = stage
    let path = stage.scratch.file("fifo")
    guard mkfifo(path, 0o600) == 0 else { throw Surroundings.Trouble("mkfifo", errno) }
    held = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    let setSize: Int32 = 1031  // F_SETPIPE_SZ, fcntl(2)
    guard held >= 0, fcntl(held, setSize, 4096) >= 0 else { throw Surroundings.Trouble("open the FIFO", errno) }
  }

  deinit { close(held) }

  func read() throws {
    reader = try DrivenProgram(onPipes: ["/bin/sh", "-c", "exec cat fifo >log"], directory: stage.scratch.path)
  }

  func end() async throws { try await reader?.end() }
}
