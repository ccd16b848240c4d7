import Glibc
import TestSupport
import Testing

/// The recorder as a job of the caller's shell: in the foreground, in the background, stopped.
@Suite("As a job of a shell", .inTurn)
struct JobTests {
  /// How the recorded shell comes to a stop.
  enum Stop: String, CaseIterable, Sendable {
    case suspend = "suspend"
    case stop = "kill -STOP $$"
  }

  @Test("a recorded shell that stops stops its recorder, and fg continues both", arguments: Stop.allCases)
  func stopsWithItsShell(stop: Stop) async throws {
    let stage = try Stage(.ours)
    let shell = try await stage.shell()
    try await shell.type(stage.recording(Self.recorded))
    try await shell.expect("inner> ")
    try await shell.type("echo last wo\"\"rds; \(stop.rawValue)\r")
    try await shell.expect("last words")
    try await shell.expect("Stopped")
    try await shell.expect("outer> ")
    #expect(try stage.recording().text.contains("last words"), "what waited for its time is not in the log")
    try shell.resize(columns: 99, rows: 33)
    try await shell.type(line: "stty -a >meanwhile; echo out\"\"side", expecting: "outside")
    #expect(stage.scratch.text("meanwhile").contains(" icanon"))
    try await shell.type("fg\r")
    try await shell.expect("inner> ")
    try await shell.type(line: "stty size; echo in\"\"side", expecting: "33 99")
    try await shell.expect("inside")
    try await shell.type("exit 5\r")
    try await shell.expect("outer> ")
    try await shell.type(line: "echo sta\"\"tus $?; stty -a >after", expecting: "status 5")
    try await shell.end(of: stage)
    #expect(stage.scratch.text("after") == stage.scratch.text("meanwhile"))
    #expect(try stage.recording().windows.last == "99x33")
  }

  @Test("stopped, then continued in the background, the recorder leaves the terminal until fg gives it back")
  func stoppedThenInTheBackground() async throws {
    let stage = try Stage(.ours)
    let shell = try await stage.shell()
    try await shell.type(stage.recording(Self.recorded))
    try await shell.expect("inner> ")
    try await shell.type("suspend\r")
    try await shell.expect("outer> ")
    try await shell.type("bg\r")
    try await shell.expect("outer> ")
    let recorder = try #require(ProcessFacts.children(of: shell.pid).first { $0.name == "tlog-rec" }?.pid)
    try await shell.until("run on in the background") { ProcessFacts(recorder)?.state == "S" }
    try await shell.type(line: "stty -a >behind; echo out\"\"side", expecting: "outside")
    #expect(stage.scratch.text("behind").contains(" icanon"))
    try await shell.expect("outer> ")
    try await shell.type("fg\r")
    try await shell.until("take the terminal") { try shell.hasForegroundJob && !shell.isCanonical() }
    try await shell.type(line: "echo in\"\"side", expecting: "inside")
    try await shell.type("exit\r")
    try await shell.end(of: stage)
  }

  @Test("a recorder that was started in the background takes the keyboard when it comes into the foreground")
  func intoTheForeground() async throws {
    let stage = try Stage(.ours)
    let shell = try await stage.shell()
    // It starts while the shell's line editor has the terminal, which is no terminal that a program should find.
    try await shell.type(
      stage.recording(
        ["/bin/sh", "-c", "stty -a >modes; echo >up; read line; echo got $line"], "; } &",
        before: "{ until stty -a | grep -q -e -icanon; do :; done; exec "))
    try await shell.until("start") { stage.scratch.exists("up") }
    try await shell.type(line: "echo out\"\"side", expecting: "outside")
    try await shell.type("fg\r")
    try await shell.until("take the terminal") { try shell.hasForegroundJob && !shell.isCanonical() }
    try await shell.type("some words\r")
    try await shell.expect("got some words")
    let modes = Set(stage.scratch.text("modes").split(whereSeparator: \.isWhitespace))
    #expect(modes.isSuperset(of: ["icanon", "echo", "icrnl", "isig"]))
    try await shell.end(of: stage)
  }

  /// Where a recorder's standard input is no terminal: a job in the background of a script, and the end of a pipeline.
  enum Input: String, CaseIterable, Sendable {
    case background = "%@ & wait $!"
    case pipeline = "true | %@"
    case null = "%@ </dev/null"
  }

  @Test("with standard input that is no terminal the recorder leaves the terminal as it is", arguments: Input.allCases)
  func leavesTheTerminal(input: Input) async throws {
    let stage = try Stage(.ours)
    let command = stage.quoted(["/bin/sh", "-c", "echo one; echo two; until test -e go; do sleep 0.02; done"])
    let script = input.rawValue.replacing("%@", with: command) + "; exit 6"
    let program = try stage.startOnTerminal(["/bin/bash", "-c", script])
    let before = try program.attributes()
    try await program.expect("one\r")
    try await program.expect("two\r")
    #expect(try program.attributes() == before)
    _ = try stage.scratch.write("go", "")
    #expect(try await program.end() == .status(6))
  }

  @Test("keys that send signals reach a program whose recorder leaves the terminal as it is")
  func passesSignals() async throws {
    let stage = try Stage(.ours)
    let shell = try await stage.shell()
    // It starts no processes: dash cannot stop while it waits for one that was stopped between vfork(2) and execve(2).
    let program = ["/bin/sh", "-c", "echo re\"\"ady; until test -e go; do :; done; echo do\"\"ne"]
    try await shell.type(stage.recording(program, before: "true | "))
    try await shell.expect("ready")
    try await shell.until("put the job into the foreground") { shell.hasForegroundJob }
    try await shell.type("\u{1a}")
    try await shell.expect("Stopped")
    try await shell.expect("outer> ")
    _ = try stage.scratch.write("go", "")
    try await shell.type("fg\r")
    try await shell.expect("done")
    try await shell.expect("outer> ")
    try await shell.type(stage.recording(["/bin/sh", "-c", "echo re\"\"ady; exec sleep 60"], before: "true | "))
    try await shell.expect("ready")
    try await shell.until("put the job into the foreground") { shell.hasForegroundJob }
    try await shell.type("\u{3}")
    try await shell.expect("outer> ")
    try await shell.type(line: "echo sta\"\"tus $?", expecting: "status 130")
    try await shell.end(of: stage)
  }

  @Test("where nobody could continue the recorder, a stopped program waits until it is continued itself")
  func nobodyToContinue() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/sh", "-c", "echo $$ >shell; kill -STOP $$; read line; echo got $line"])
    try await program.until("stop") { stage.shellState == "T" }
    #expect(ProcessFacts(program.pid)?.state == "S")
    #expect(try !program.isCanonical())
    kill(try #require(Int32(stage.scratch.text("shell").filter(\.isNumber))), SIGCONT)
    try await program.type("some words\r")
    try await program.expect("got some words")
    #expect(try await program.end() == .status(0))
  }

  private static let recorded = ["/usr/bin/env", "PS1=inner> ", "/bin/bash", "--norc"]
}

extension Stage {
  /// A shell with job control.
  fileprivate func shell() async throws -> DrivenProgram {
    let shell = try startOnTerminal(["/bin/bash", "--norc"], environment: ["PS1": "outer> "])
    try await shell.expect("outer> ")
    return shell
  }

  /// The line that has the shell record `program`.
  fileprivate func recording(_ program: [String], _ after: String = "", before: String = "") -> String {
    before + quoted(program) + after + "\r"
  }

  fileprivate func quoted(_ program: [String]) -> String { "'" + command(program).joined(separator: "' '") + "'" }

  fileprivate var shellState: Character? {
    Int32(scratch.text("shell").filter(\.isNumber)).flatMap { ProcessFacts($0)?.state }
  }
}

extension DrivenProgram {
  /// Whether the terminal is for a job of the shell's, and not for the shell itself.
  fileprivate var hasForegroundJob: Bool { ProcessFacts(pid).map { $0.foregroundGroup != $0.group } ?? false }

  /// Ends the shell that a test has typed into.
  fileprivate func end(of stage: Stage) async throws {
    try await expect("outer> ")
    try await type("exit 0\r")
    #expect(try await end() == .status(0))
  }
}
