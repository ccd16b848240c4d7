import TestSupport
import Testing

/// What people really run, typed at by a script, on a terminal of its own.
@Suite("Real programs are recorded as they are shown", .inTurn, .needsStock)
struct RealProgramTests {
  /// Shells as an interactive person has them, with a prompt that the tests know.
  static let shells = [
    ["/bin/bash", "--norc", "--noprofile", "-i"], ["/bin/dash", "-i"], ["/bin/zsh", "-f", "-i"],
  ]

  @Test(
    "an interactive shell works as without a recorder, and is recorded as shown", .needs("bash", "dash", "zsh"),
    arguments: shells)
  func shell(arguments: [String]) async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(arguments, environment: ["PS1": "prompt> "])
    try await program.expect("prompt> ")
    try await program.type(line: "echo o\"\"ne; tty", expecting: "one")
    try await program.expect("/dev/pts/")
    try await program.type(line: "printf '\\033[1;32mé\\033[0m \\360\\235\\204\\236\\n'", expecting: "𝄞")
    try await program.type(line: "echo be\"\"fore; cat", expecting: "before")
    try await program.type("mirror\r")
    try await program.expect("mirror")
    try await program.expect("mirror")
    try await program.type("\u{3}")  // ^C must reach cat, not the recorder
    try await program.expect("prompt> ")
    try await program.type(line: "ls /nowh\"\"ere; echo status $?", expecting: "status 2")
    try await program.type("exit 7\r")
    #expect(try await program.end() == .status(7))
    try await stage.expectFaithful(program)
  }

  @Test("a line editor in raw mode gets each key as typed: arrows, delete, completion", .needs("bash"))
  func lineEditor() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/bash", "--norc", "-i"], environment: ["PS1": "prompt> "])
    try await program.expect("prompt> ")
    try await program.type("echo abX\u{7f}c\u{1b}[D\u{1b}[D\u{1b}[C-\u{1}\u{5}")  // echo ab-c, by way of corrections
    try await program.type("; echo do\"\"ne\r")
    try await program.expect("ab-c\r\ndone")
    try await program.type("\u{4}")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
  }

  @Test("a full-screen editor works and is recorded as shown", .needs("vi"))
  func editor() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(
      ["/usr/bin/vi", "-u", "NONE", stage.scratch.file("text")], columns: 100, rows: 30)
    try await program.expect("~")
    try await program.type("ihello, 漢字\u{1b}")
    try await program.type(":w\r")
    try await program.until("write the file") { stage.scratch.text("text") == "hello, 漢字\n" }
    try await program.type(":q\r")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
  }

  @Test("a pager on the alternate screen works and is recorded as shown", .needs("less"))
  func pager() async throws {
    let stage = try Stage(.ours)
    let file = try stage.scratch.write("pages", (1...500).map { "line \($0)\n" }.joined())
    let program = try stage.onTerminal(["/usr/bin/less", file], environment: ["LESS": nil, "LESSOPEN": nil])
    try await program.expect("line 23")
    try await program.type("G")
    try await program.expect("line 500")
    try await program.type("/line 77$\r")
    try await program.type("g/line 77$\r")
    try await program.expect("line 99")
    try await program.type("q")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
  }

  @Test("a program that redraws by itself and watches the window works and is recorded as shown", .needs("top"))
  func redrawing() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/usr/bin/top", "-d", "0.2"], columns: 90, rows: 20)
    try await program.expect("PID")
    try program.resize(columns: 140, rows: 40)
    try await program.expect("PID")
    try await program.type("q")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
    #expect(try stage.recording().windows == ["90x20", "140x40"])
  }

  @Test("a shell is chosen as tlog does: SHELL, when no program is given")
  func defaultShell() async throws {
    let stage = try Stage(.ours)
    let script = try stage.scratch.write("shell", "#!/bin/sh\necho ch\"\"osen; exit 5\n")
    try Surroundings.makeExecutable(script)
    let program = try stage.onTerminal([], environment: ["SHELL": script])
    try await program.expect("chosen")
    #expect(try await program.end() == .status(5))
    try await stage.expectFaithful(program)
  }
}
