import Glibc
import TestSupport
import Testing

/// What a caller hands on through exec. Each test has a caller that changes something, then execs the recorder.
@Suite("THREATS 4: first, clean up; the program gets the caller's state back", .inTurn, .needsStock)
struct CleanUpTests {
  // MARK: The recorder is not stopped

  @Test(
    "THREATS 4 and 7: a limit on file sizes kills no recorder; as the caller's doing it ends the session, with its reason"
  )
  func fileSizeLimit() async throws {
    try await expectDefect(inStock: "dies of SIGXFSZ in mid-session without a word") {
      let stage = try Stage($0)
      let options = stage.recorder.isOurs ? ["--on-failure=continue"] : []
      let script = "yes | head -c 100000; exec sleep 30"
      let program = try stage.called(by: "ulimit -f 8", ["/bin/sh", "-c", script], options)
      try holds(try await program.end(), is: .status(1))
      try holds(program.errorText.contains("File too large"))
      // The last read may have reached the log and not the person, never the other way round but for what waited in
      // the message that could not be written.
      let recorded = try stage.recording().output
      try holds(program.shown.starts(with: recorded) || recorded.starts(with: program.shown))
    }
  }

  @Test("THREATS 4: a caller's timer for processor time does not kill the session", arguments: ["PROF", "VIRTUAL"])
  func timers(name: String) async throws {
    try await expectDefect(inStock: "dies of the timer's signal") {
      let stage = try Stage($0)
      // The first period is long enough for Python to get to exec, and for the recorder to get to its clean-up.
      let timer = "signal.setitimer(signal.ITIMER_\(name), 0.012, 0.001)"
      let program = try stage.called(byPython: timer, Self.flood)
      try holds(try await program.end(), is: .status(5))
      try holds(program.shown.count, is: 8_000_000)
    }
  }

  @Test("THREATS 4: a caller's alarm clock does not kill the session")
  func alarm() async throws {
    let stage = try Stage(.ours)
    let program = try stage.called(byPython: "signal.alarm(1)", ["/bin/sh", "-c", "sleep 1.2; exit 5"])
    #expect(try await program.end() == .status(5))
  }

  @Test("THREATS 4: ignored SIGCHLD does not lose the exit status")
  func ignoredChild() async throws {
    let stage = try Stage(.ours)
    let program = try stage.called(by: "trap '' CHLD", ["/bin/sh", "-c", "echo so; exit 5"])
    #expect(try await program.end() == .status(5))
    #expect(try stage.recording().text == "so\n")
  }

  @Test("THREATS 4: blocked signals do not blind the recorder: sizes are still followed")
  func blockedSignals() async throws {
    try await expectDefect(inStock: "hears no change of the window") {
      let stage = try Stage($0)
      let words = stage.command(["/bin/sh", "-c", "echo re\"\"ady; read x; stty size"])
      let program = try stage.startOnTerminal(["/usr/bin/env", "--block-signal=WINCH,CHLD,TERM,HUP,ALRM"] + words)
      try await program.expect("ready")
      try program.resize(columns: 111, rows: 22)
      try await Task.sleep(for: .milliseconds(200))
      try await program.type("\r")
      try await program.expect("22 111", within: $0.patience)
      try await program.end()
      try holds(try stage.recording().windows, is: ["80x24", "111x22"])
    }
  }

  @Test(
    "nohup works: a hang-up or end that the caller ignores is ignored by the recorder too, as by tlog",
    arguments: [Recorder.ours, .stock])
  func nohup(recorder: Recorder) async throws {
    let stage = try Stage(recorder)
    let script = "echo ready; read x; echo alive; exit 5"
    let program = try stage.called(by: "trap '' TERM HUP", ["/bin/sh", "-c", script], input: .pipe)
    try await program.expect("ready")
    program.signal(SIGHUP)
    program.signal(SIGTERM)
    try await program.type("\n")
    try await program.expect("alive")
    #expect(try await program.end() == .status(5))
  }

  @Test("THREATS 4: umask 0777 leaves the log readable for its owner, and for nobody else")
  func hostileMask() async throws {
    let stage = try Stage(.ours)
    let program = try stage.called(by: "umask 0777", ["/bin/echo", "so"])
    #expect(try await program.end() == .status(0))
    #expect(try stage.scratch.permissions(of: "log") == 0o600)
  }

  @Test("THREATS 4: umask 0 does not open the log to others")
  func openMask() async throws {
    let stage = try Stage(.ours)
    let program = try stage.called(by: "umask 0", ["/bin/echo", "so"])
    #expect(try await program.end() == .status(0))
    #expect(try stage.scratch.permissions(of: "log") == 0o600)
  }

  @Test("THREATS 4: a caller that closed everything, or whose directory is gone, is recorded all the same")
  func nothingOpen() async throws {
    let stage = try Stage(.ours)
    let program = try stage.called(
      by: "mkdir gone && cd gone && rmdir ../gone; exec <&- >&- 2>&-", ["/bin/sh", "-c", "exit 5"])
    #expect(try await program.end() == .status(5))
    #expect(try stage.recording().end?["exit"] == "5")
  }

  // MARK: The program is as without a recorder

  /// What a caller sets, what the program prints of it, and what it must print.
  static let states: [(setting: String, asking: String, answer: String)] = [
    ("umask 027", "umask", "0027\n"),
    ("cd /usr/share", "pwd -P", "/usr/share\n"),
    ("ulimit -n 77", "ulimit -n", "77\n"),
    ("ulimit -S -f 1234", "ulimit -f", "1234\n"),
    ("ulimit -c 0", "ulimit -c", "0\n"),
    ("trap '' HUP", "kill -HUP $$; echo alive", "alive\n"),
    ("trap '' PIPE", "kill -PIPE $$; echo alive", "alive\n"),
    ("trap '' USR1", "kill -USR1 $$; echo alive", "alive\n"),
    (":", "(kill -PIPE $BASHPID; echo alive); echo $?", "141\n"),
    (":", "(kill -QUIT $BASHPID; echo alive) 2>&1; echo $?", "131\n"),
    (":", "(kill -USR1 $BASHPID; echo alive); echo $?", "138\n"),
    (":", "(kill -TERM $BASHPID; echo alive); echo $?", "143\n"),
    ("renice -n 3 $$ >/dev/null", "nice", "3\n"),
  ]

  @Test(
    "THREATS 4: the program gets the caller's umask, directory, limits, niceness and ignored signals",
    arguments: 0..<states.count)
  func givenBack(place: Int) async throws {
    let state = Self.states[place]
    let stage = try Stage(.ours)
    let program = try stage.called(by: "ulimit -c 0; " + state.setting, ["/bin/bash", "-c", state.asking])
    #expect(try await program.end() == .status(0))
    #expect(program.text == state.answer, "\(state.setting)")
  }

  @Test("THREATS 4: the program gets the caller's blocked signals")
  func blockedGivenBack() async throws {
    let stage = try Stage(.ours)
    let words = stage.command(["/bin/grep", "SigBlk", "/proc/self/status"])
    let program = try DrivenProgram(onPipes: ["/usr/bin/env", "--block-signal=WINCH,USR2"] + words)
    #expect(try await program.end() == .status(0))
    #expect(program.text == "SigBlk:\t0000000008000800\n")
  }

  /// Keeps stock busy for some 150 ms of processor time, and ends with 5.
  private static let flood = ["/bin/sh", "-c", "yes 'some text to encode' | head -c 8000000; exit 5"]
}

extension Stage {
  /// Runs the recorder from a shell that has run `setting`, in the shell's place.
  fileprivate func called(
    by setting: String, _ program: [String], _ options: [String] = [], input: DrivenProgram.Input = .nothing
  ) throws -> DrivenProgram {
    let words = ["/bin/bash", "-c", setting + "\nexec \"$@\"", "bash"] + command(program, options)
    return try DrivenProgram(onPipes: words, input: input, directory: scratch.path)
  }

  fileprivate func called(byPython statement: String, _ program: [String]) throws -> DrivenProgram {
    let script = """
      import os, signal, sys
      signal.signal(signal.SIGPIPE, signal.SIG_DFL)
      \(statement)
      os.execv(sys.argv[1], sys.argv[1:])
      """
    return try DrivenProgram(onPipes: ["/usr/bin/python3", "-c", script] + command(program), directory: scratch.path)
  }
}
