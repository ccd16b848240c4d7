import Glibc
import TestSupport
import Testing

/// The relay on a terminal: sizes, jobs, slow and lost terminals, what is left behind.
@Suite("On a terminal", .inTurn, .needsStock)
struct TerminalTests {
  @Test("the program has the size of the outer terminal and follows its changes, each recorded when it came")
  func windows() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/bash", "--norc"], environment: ["PS1": "> "], columns: 77, rows: 33)
    try await program.expect("> ")
    try await program.type(line: "stty size", expecting: "33 77")
    for (columns, rows) in [(100, 40), (20, 5), (300, 120)] as [(UInt16, UInt16)] {
      try program.resize(columns: columns, rows: rows)
      // The recorder passes a size on in its own time; bash tells when it has it.
      let line = "until test \"$(stty size)\" = \"\(rows) \(columns)\"; do :; done; echo is se\"\"t"
      try await program.type(line: line, expecting: "is set")
      try await Task.sleep(for: .milliseconds(60))  // changes that follow each other faster may be left out
    }
    try await program.type("exit\r")
    #expect(try await program.end() == .status(0))
    #expect(try stage.recording().windows == ["77x33", "100x40", "20x5", "300x120"])
    try await stage.expectFaithful(program)
  }

  @Test("THREATS 22: of a flood of resizes at most 20 a second are recorded, and always the last")
  func resizeFlood() async throws {
    let stage = try Stage(.ours)
    let last = "until test \"$(stty size)\" = '44 222'; do sleep 0.01; done"
    let program = try stage.onTerminal(["/bin/sh", "-c", "echo re\"\"ady; " + last])
    try await program.expect("ready")
    for step in 0..<400 {
      try program.resize(columns: UInt16(100 + step % 50), rows: 40)
      usleep(200)  // on this thread: on a busy machine a task would come back too late for a flood
    }
    try program.resize(columns: 222, rows: 44)
    #expect(try await program.end() == .status(0))
    let recording = try stage.recording()
    let changes = recording.happenings.compactMap {
      if case .window = $0.what { $0.milliseconds } else { nil }
    }
    #expect(recording.windows.last == "222x44")
    let most = changes.map { start in changes.filter { $0 >= start && $0 < start + 1000 }.count }.max()
    #expect((most ?? 0) <= 23)  // 20, the first one, the last one, and a millisecond that is rounded
  }

  @Test("job control works inside: ^Z, jobs, bg, fg, ^C, each told to the right job")
  func jobs() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/bash", "--norc"], environment: ["PS1": "prompt> "])
    try await program.expect("prompt> ")
    try await program.type(line: "echo be\"\"fore; sleep 60", expecting: "before")
    try await program.until("put sleep into the foreground") { program.isInForeground("sleep") }
    try await program.type("\u{1a}")
    try await program.expect("Stopped")
    try await program.expect("prompt> ")
    try await program.type(line: "bg; echo ex\"\"it $?", expecting: "exit 0")
    try await program.expect("prompt> ")
    #expect(!program.isInForeground("sleep"))
    try await program.type("fg\r")
    try await program.until("put sleep into the foreground") { program.isInForeground("sleep") }
    try await program.type("\u{3}")
    try await program.expect("prompt> ")
    try await program.type(line: "echo sta\"\"tus $?; jobs", expecting: "status 130")
    try await program.type("exit\r")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
  }

  @Test("a recorder in the background neither takes the keyboard nor hangs")
  func background() async throws {
    let stage = try Stage(.ours)
    let recorded = stage.command(["/bin/sh", "-c", "echo back\"\"ground; exit 9"]).joined(separator: "' '")
    let program = try stage.startOnTerminal(["/bin/bash", "--norc"], environment: ["PS1": "prompt> "])
    try await program.expect("prompt> ")
    try await program.type(
      line: "stty tostop; '\(recorded)' & wait $!; echo ended $? ; echo fore\"\"ground", expecting: "foreground")
    #expect(program.text.contains("ended 9"))
    try await program.type("exit\r")
    #expect(try await program.end() == .status(0))
  }

  @Test("THREATS 8: a terminal that is slow to read holds up its own program only, and loses nothing")
  func slowTerminal() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/sh", "-c", "seq 100000; echo do\"\"ne"])
    // Nobody reads for a while: the recorder must wait without using the processor.
    try await Task.sleep(for: .milliseconds(300))
    let before = try #require(ProcessFacts(program.pid)).processorTime
    try await Task.sleep(for: .milliseconds(300))
    let after = try #require(ProcessFacts(program.pid)).processorTime
    #expect(after - before < .milliseconds(50))
    try await program.expect("done")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
  }

  @Test("what a shell wrote before it ended is shown and recorded, however late the terminal takes it")
  func slowEnd() async throws {
    let stage = try Stage(.ours)
    // More than the outer terminal holds, and little enough that the shell can end while nobody reads.
    let program = try stage.onTerminal(["/bin/sh", "-c", "seq 4500; echo do\"\"ne; echo >ended"])
    try await program.sendWithoutReading([]) { stage.scratch.exists("ended") }
    try await Task.sleep(for: .milliseconds(100))  // longer than the recorder takes for silence
    try await program.expect("done")
    #expect(try await program.end() == .status(0))
    try await stage.expectFaithful(program)
  }

  @Test("THREATS 8: keys reach the program while the terminal is stalled: ^C ends a flood that nobody reads")
  func interruptWhileStalled() async throws {
    try await expectDefect(inStock: "writes to the terminal without watching the keyboard") {
      let stage = try Stage($0)
      let script = "trap 'echo >caught; exit 3' INT; echo st\"\"art; while :; do echo flood flood flood flood; done"
      let program = try stage.onTerminal(["/bin/sh", "-c", script])
      try await program.expect("start")
      try await Task.sleep(for: .milliseconds(300))  // by now the terminal is full
      try await program.sendWithoutReading([3], within: $0.patience) { stage.scratch.exists("caught") }
      try holds(try await program.end(within: $0.patience), is: .status(3))
    }
  }

  @Test(
    "THREATS 8: a shell that leaves a job behind on the terminal ends the session all the same",
    arguments: [true, false])
  func leftBehind(deafToHangUp: Bool) async throws {
    let stage = try Stage(.ours)
    let job = deafToHangUp ? "(trap '' HUP; exec sleep 3600) &" : "sleep 3600 &"
    let program = try stage.onTerminal(["/bin/bash", "-c", "\(job) echo $! >job; echo left; exit 8"])
    #expect(try await program.end() == .status(8))
    if let job = Int32(stage.scratch.text("job").filter(\.isNumber)) { kill(job, SIGKILL) }
    try await stage.expectFaithful(program)
    #expect(program.text.contains("left"))
  }

  @Test("when the terminal is lost the session ends, and the recording says so")
  func hangUp() async throws {
    let stage = try Stage(.ours)
    let script = "trap 'echo >hung-up; exit' HUP; echo ready; while :; do sleep 0.02; done"
    let program = try stage.onTerminal(["/bin/sh", "-c", script])
    try await program.expect("ready")
    let shown = program.shown
    program.hangUp()
    #expect(try await program.end() == .signal(SIGHUP))
    let recording = try stage.recording()
    #expect(stage.scratch.exists("hung-up"), "the shell was not told")
    #expect(recording.output.starts(with: shown))
    #expect(recording.end?["why"] == "hangup")
  }

  @Test("THREATS 1: no shell outlives its recorder, even one that is deaf to hang-ups")
  func nothingOutlives() async throws {
    try await expectDefect(inStock: "leaves the shell running, unrecorded") { recorder in
      let stage = try Stage(recorder)
      let script = "trap '' HUP TERM INT; echo $$ >pid; echo re\"\"ady; exec sleep 3600"
      let program = try stage.onTerminal(["/bin/sh", "-c", script])
      try await program.expect("ready")
      let shell = try #require(Int32(stage.scratch.text("pid").filter(\.isNumber)))
      program.signal(SIGKILL)
      _ = try await program.end()
      try await program.until("take its shell with it", within: recorder.patience) {
        ProcessFacts(shell).map { $0.state == "Z" } ?? true
      }
    }
  }

  @Test("SIGTERM ends the session: the shell is told, all that was shown is in the log")
  func terminated() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/bash", "--norc"], environment: ["PS1": "prompt> "])
    try await program.expect("prompt> ")
    try await program.type(line: "echo re\"\"ady", expecting: "ready")
    try await program.expect("prompt> ")
    program.signal(SIGTERM)
    #expect(try await program.end() == .signal(SIGTERM))
    try await stage.expectFaithful(program)
    #expect(try stage.recording().end?["why"] == "ended")
  }

  @Test("stopped and continued, the recorder goes on where it was")
  func stopped() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/bash", "--norc"], environment: ["PS1": "prompt> "])
    try await program.expect("prompt> ")
    try await program.type(line: "echo be\"\"fore", expecting: "before")
    try await program.expect("prompt> ")
    program.signal(SIGSTOP)
    try await program.until("stop") { ProcessFacts(program.pid)?.state == "T" }
    try await program.type("echo a\"\"fter\r")
    program.signal(SIGCONT)
    try await program.expect("after")
    try await program.type("exit 2\r")
    #expect(try await program.end() == .status(2))
    try await stage.expectFaithful(program)
  }

  @Test("THREATS 8: the inner terminal belongs to the person: /dev/stderr and /dev/tty can be opened", .needs("bash"))
  func innerTerminal() async throws {
    let stage = try Stage(.ours)
    let script = "echo one >/dev/stderr && echo two >/dev/tty && test -O \"$(tty)\" && exit 5"
    let program = try stage.onTerminal(["/bin/bash", "-c", script])
    #expect(try await program.end() == .status(5))
    #expect(program.text.hasPrefix("one\r\ntwo\r\n"))
  }

  @Test("THREATS 8: making descriptors non-blocking does not reach those who share them")
  func sharedDescriptors() async throws {
    let stage = try Stage(.ours)
    let words = stage.command(["/bin/sh", "-c", "echo in\"\"side; read x"])
    let script = "grep flags /proc/self/fdinfo/0; \"$@\"; grep flags /proc/self/fdinfo/0"
    let program = try stage.startOnTerminal(["/bin/sh", "-c", script, "sh"] + words)
    try await program.expect("inside")
    let flags = try #require(stage.flags(of: program.pid))
    try await program.type("\r")
    try await program.end()
    #expect(flags & O_NONBLOCK == 0)
    let told = program.text.matches(of: /flags:\s*([0-7]+)/).map(\.1)
    #expect(told.count == 2 && told.first == told.last)
  }
}

extension DrivenProgram {
  /// Whether a job of that name, of the recorded shell, has the inner terminal.
  fileprivate func isInForeground(_ name: String) -> Bool {
    let shells = ProcessFacts.children(of: pid).flatMap { ProcessFacts.children(of: $0.pid) }
    let jobs = shells.flatMap { ProcessFacts.children(of: $0.pid) }
    return jobs.contains { $0.name == name && $0.group == $0.foregroundGroup }
  }
}

extension Stage {
  /// The flags of a process's standard input.
  fileprivate func flags(of pid: Int32) -> Int32? {
    let text = String(decoding: ScratchDirectory.bytes(ofFile: "/proc/\(pid)/fdinfo/0"), as: UTF8.self)
    return text.firstMatch(of: /flags:\s*(\d+)/).flatMap { Int32($0.1, radix: 8) }
  }
}
