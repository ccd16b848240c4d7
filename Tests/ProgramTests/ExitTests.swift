import Glibc
import TestSupport
import Testing

/// How a recorded program ends is how the recorder ends.
@Suite("The recorder ends as its program did", .inTurn, .needsStock)
struct ExitTests {
  enum Way: String, CaseIterable, Sendable { case terminal, pipes }

  @Test("the exit status is carried out", arguments: [0, 1, 3, 126, 127, 128, 255], Way.allCases)
  func status(status: Int32, way: Way) async throws {
    let stage = try Stage(.ours)
    let program = try stage.start(["/bin/sh", "-c", "echo so; exit \(status)"], way)
    #expect(try await program.end() == .status(status))
    try await stage.expectFaithful(program)
  }

  @Test(
    "a program killed by a signal gives 128 and the signal's number",
    arguments: [SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1], Way.allCases)
  func killed(number: Int32, way: Way) async throws {
    let stage = try Stage(.ours)
    let program = try stage.start(["/bin/sh", "-c", "ulimit -c 0; echo so; kill -\(number) $$; echo on"], way)
    #expect(try await program.end() == .status(128 + number))
    try await stage.expectFaithful(program)
    #expect(try stage.recording().text.contains("so"))
    #expect(try !stage.recording().text.contains("on"))
  }

  @Test("a program that lets go of its terminal is not hung up, and what it writes on /dev/tty later is recorded")
  func unattendedTerminal() async throws {
    try await expectDefect(inStock: "hangs up, and kills it") {
      let stage = try Stage($0)
      let script = "exec </dev/null >/dev/null 2>&1; sleep 0.3; echo later >/dev/tty; sleep 0.2; exit 7"
      let program = try stage.onTerminal(["/bin/sh", "-c", script])
      try holds(try await program.end(), is: .status(7))
      try holds(program.text.contains("later"))
      try holds(try stage.recording().text.contains("later"))
    }
  }

  @Test("a program that cannot be executed gives 127, and its reason is shown and recorded", arguments: Way.allCases)
  func missing(way: Way) async throws {
    let stage = try Stage(.ours)
    let program = try stage.start(["/nowhere/program"], way)
    #expect(try await program.end() == .status(127))
    let told = program.text + program.errorText
    #expect(told.contains("No such file or directory"))
    #expect(told.contains("Failed executing /nowhere/program"))
    #expect(try stage.recording().text.contains("Failed executing /nowhere/program"))
  }

  @Test("a program name without a slash is looked for in PATH")
  func pathSearch() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onPipes(["printf", "fo%s", "und"])
    #expect(try await program.end() == .status(0))
    #expect(program.text == "found")
  }
}

extension Stage {
  fileprivate func start(_ program: [String], _ way: ExitTests.Way) throws -> DrivenProgram {
    switch way {
    case .terminal: try onTerminal(program)
    case .pipes: try onPipes(program)
    }
  }
}
