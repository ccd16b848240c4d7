import Glibc
import TestSupport
import Testing

/// Hosts, environments and logs in trouble: each a clear message, or no trouble at all.
@Suite("In trouble", .inTurn, .needsStock)
struct UnhappyTests {
  // MARK: Environment

  @Test("an overlong TERM is cut in the recording and stops nothing", arguments: [3_100, 100_000])
  func longTerm(byteCount: Int) async throws {
    try await expectDefect(inStock: "cannot write one message: nothing is logged") {
      let stage = try Stage($0)
      let term = String(repeating: "x", count: byteCount)
      let program = try stage.onPipes(["/bin/sh", "-c", "echo ${#TERM}"], environment: ["TERM": term])
      try holds(try await program.end(), is: .status(0))
      try holds(program.text, is: "\(byteCount)\n")
      let recording = try stage.recording()
      try holds(recording.output, is: program.shown)
      try holds(recording.header["term"], is: String(repeating: "x", count: 125) + "…")
    }
  }

  @Test("a TERM that is not UTF-8 stops nothing, and what is recorded is")
  func brokenTerm() async throws {
    try await expectDefect(inStock: "refuses: TERM environment variable is not valid UTF-8") {
      let stage = try Stage($0)
      let script = "TERM=$(printf 'vt\\377\\302') exec \"$@\""
      let words = stage.command(["/bin/echo", "so"])
      let program = try DrivenProgram(onPipes: ["/bin/sh", "-c", script, "sh"] + words)
      try holds(try await program.end(), is: .status(0))
      try holds(try stage.recording().text, is: "so\n")
    }
  }

  @Test(
    "THREATS 6: a locale that is not on this host refuses nobody",
    arguments: ["xx_YY.UTF-8", "de_DE.ISO-8859-1", "nonsense"])
  func unknownLocale(locale: String) async throws {
    try await expectDefect(inStock: "refuses: Failed setting locale from environment variables") {
      let stage = try Stage($0)
      let program = try stage.onPipes(["/bin/echo", "so"], environment: ["LC_ALL": locale])
      try holds(try await program.end(), is: .status(0))
      try holds(program.text, is: "so\n")
      try holds(program.errorText, is: "")
      try holds(try stage.recording().text, is: "so\n")
    }
  }

  @Test("without a locale nothing is said, and bytes are recorded as they are")
  func noLocale() async throws {
    try await expectDefect(inStock: "warns of the locale's charset at each start") {
      let stage = try Stage($0)
      let program = try stage.onPipes(["/usr/bin/printf", "é\\377"], environment: ["LANG": nil])
      try holds(try await program.end(), is: .status(0))
      try holds(program.errorText, is: "")
      try holds(try stage.recording().output, is: [0xc3, 0xa9, 0xff])
    }
  }

  @Test("an empty environment is enough")
  func emptyEnvironment() async throws {
    let stage = try Stage(.ours)
    let names = Surroundings.environment.keys
    let program = try stage.onPipes(
      ["/bin/echo", "so"], environment: Dictionary(uniqueKeysWithValues: names.map { ($0, nil) }))
    #expect(try await program.end() == .status(0))
    #expect(try stage.recording().header["term"] == "")
    #expect(try stage.recording().text == "so\n")
  }

  // MARK: Configuration

  @Test("a configuration that is not an object is refused with a reason")
  func notAnObject() async throws {
    try await expectDefect(inStock: "dies of SIGSEGV without a word") {
      let stage = try Stage($0)
      let program = try stage.onPipes(["/bin/echo", "so"], environment: ["TLOG_REC_CONF_TEXT": "[]"])
      try holds(try await program.end(), is: .status(1))
      try holds(program.text, is: "")
      try holds(program.errorText.contains("TLOG_REC_CONF_TEXT"))
    }
  }

  // MARK: The log

  @Test("a log that cannot be opened ends the run before it starts, and the reason is told")
  func cannotOpen() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onPipes(["/bin/echo", "so"], ["--file-path=/nowhere/log"])
    #expect(try await program.end() == .status(1))
    #expect(program.text == "")
    #expect(program.errorText.contains("No such file or directory"))
    #expect(program.errorText.contains("Failed opening log file \"/nowhere/log\""))
  }

  @Test("no log at all is refused in tlog's words")
  func noPath() async throws {
    let stage = try Stage(.ours)
    let program = try DrivenProgram(onPipes: [stage.recorder.path, "/bin/echo", "so"])
    #expect(try await program.end() == .status(1))
    #expect(program.text == "")
    #expect(program.errorText.contains("Log file path is not specified"))
  }

  @Test("THREATS 7: with on-failure=refuse a full disk ends the session, and the reason is told")
  func fullDiskRefused() async throws {
    let stage = try Stage(.ours)
    let options = ["--file-path=/dev/full", "--on-failure=refuse", "--latency=1"]
    let program = try stage.onTerminal(["/bin/sh", "-c", "echo ready; exec sleep 30"], options)
    try await program.expect("No space left on device")
    #expect(try await program.end() == .status(1))
  }

  @Test("THREATS 7: a session that is refused in its middle shows nothing more, and says why once")
  func refusedInTheMiddle() async throws {
    let stage = try Stage(.ours)
    let script = "yes | head -c 3000000; exec sleep 30"
    let words = stage.command(["/bin/sh", "-c", script])
    // What is shown goes by way of cat, which takes all there is at once and does not fall under the limit.
    let limited = "(ulimit -f 8; exec \"$@\") | cat >shown; exit ${PIPESTATUS[0]}"
    let program = try DrivenProgram(
      onPipes: ["/bin/bash", "-c", limited, "bash"] + words, directory: stage.scratch.path)
    #expect(try await program.end() == .status(1))
    let recorded = try stage.recording().output.count
    #expect(recorded > 0)
    let shown = stage.scratch.bytes("shown").count
    #expect(shown - recorded < 100_000, "more than a read and a message were shown and not recorded")
    #expect(program.errorText.matches(of: /File too large/).count == 1)
  }

  @Test(
    "THREATS 7: with on-failure=warn a full disk lets the session go on, and the person knows",
    arguments: [true, false])
  func fullDiskWarned(warns: Bool) async throws {
    let stage = try Stage(.ours)
    let options = ["--file-path=/dev/full", "--on-failure=\(warns ? "warn" : "continue")"]
    let program = try stage.onPipes(["/bin/sh", "-c", "echo before; sleep 0.1; echo after; exit 5"], options)
    #expect(try await program.end() == .status(5))
    #expect(program.text == "before\nafter\n")
    #expect(program.errorText.contains("No space left on device") == warns)
  }

  @Test("THREATS 7: a file system that fills leaves whole lines, and what is lost is told in the recording", .needsRoot)
  func fullFileSystem() async throws {
    try await expectDefect(inStock: "leaves a torn line and says nothing") {
      let stage = try Stage($0)
      // While the file system is full, the program prints more than a pipe holds, so that the recorder must have read
      // some; then it frees space, waits for a retry, and prints again.
      let script = """
        head -c 200000 /dev/zero | tr '\\0' x; rm disk/ballast; sleep 6; echo; echo later
        """
      let options = ["--file-path=disk/log"] + (stage.recorder.isOurs ? ["--on-failure=continue"] : [])
      let prepare = """
        mkdir disk; mount -t tmpfs -o size=1m tmpfs disk; head -c 1030000 /dev/zero >disk/ballast
        "$@"; status=$?; cp disk/log log; exit $status
        """
      let words = stage.command(["/bin/sh", "-c", script], options)
      let program = try DrivenProgram(
        onPipes: ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", prepare, "sh"] + words,
        directory: stage.scratch.path)
      try holds(try await program.end(), is: .status(0))
      try holds(program.shown.count, is: 200_000 + 1 + 6)
      let recording = try stage.recording()
      try holds(recording.text.hasSuffix("later\n"))
      let lost = program.shown.count - recording.output.count
      try holds(lost == 0 || !recording.gaps.isEmpty)
    }
  }

  @Test(
    "a log that is renamed while it is written is followed by a new one; nothing is lost", arguments: [true, false])
  func logMoved(renamed: Bool) async throws {
    try await expectDefect(inStock: "writes on into the file that is gone from its place") {
      let stage = try Stage($0)
      let script = "echo one; read x; echo two; read x; echo three"
      let program = try stage.onPipes(["/bin/sh", "-c", script], ["--latency=1"], input: .pipe)
      try await program.until("log") { stage.scratch.text("log").contains("one") }
      let first = stage.scratch.bytes("log")
      if renamed { try stage.scratch.rename("log", to: "log.1") } else { try stage.scratch.remove("log") }
      try await program.type("\n")
      try await program.until("log again", within: stage.recorder.isOurs ? DrivenProgram.patience : .seconds(2)) {
        stage.scratch.text("log").contains("two")
      }
      try await program.type("\n")
      try holds(try await program.end(), is: .status(0))
      try holds(try Recording(log: first + stage.scratch.bytes("log")).text, is: "one\ntwo\nthree\n")
    }
  }

  @Test("recorders that share a log keep their lines apart")
  func sharedLog() async throws {
    let stage = try Stage(.ours)
    let script = "for i in 1 2 3 4 5 6; do \"$@\" & done; wait"
    let words = stage.command(["/usr/bin/seq", "20000"])
    let program = try DrivenProgram(onPipes: ["/bin/sh", "-c", script, "sh"] + words, output: .file("/dev/null"))
    #expect(try await program.end() == .status(0))
    let lines = stage.scratch.text("log").split(separator: "\n")
    let recordings = Dictionary(grouping: lines) { $0.firstMatch(of: /"rec":"([^"]*)"/)?.1 ?? "" }
    #expect(recordings.count == 6)
    for (_, lines) in recordings {
      let recording = try Recording(log: Array((lines.joined(separator: "\n") + "\n").utf8))
      #expect(recording.output.count == 108_894)
    }
  }

  @Test("THREATS 7: an absent journal is a failure, not silence", .needsRoot)
  func noJournal() async throws {
    try await expectDefect(inStock: "runs unrecorded and says nothing") {
      let stage = try Stage($0)
      let program = try stage.inNamespace("mount -t tmpfs tmpfs /run", ["/bin/echo", "so"], ["--writer=journal"])
      try holds(try await program.end(), is: .status(1))
      try holds(program.text, is: "")
      try holds(program.errorText.contains("Failed creating log sink"))
    }
  }

  @Test("THREATS 7: an absent syslog is a failure, not silence", .needsRoot)
  func noSyslog() async throws {
    try await expectDefect(inStock: "runs unrecorded and says nothing") {
      let stage = try Stage($0)
      let hide = "mount -t tmpfs tmpfs /run; : >none; test ! -e /dev/log || mount --bind none /dev/log"
      let program = try stage.inNamespace(hide, ["/bin/echo", "so"], ["--writer=syslog"])
      try holds(try await program.end(), is: .status(1))
      try holds(program.text, is: "")
      try holds(program.errorText.contains("Failed creating log sink"))
    }
  }

  // MARK: The host

  @Test("THREATS 6: a missing /run/utmp refuses nobody", .needsRoot)
  func noUtmp() async throws {
    try await expectDefect(inStock: "refuses: Failed adding a utmp record") {
      let stage = try Stage($0)
      let program = try stage.inNamespace("mount -t tmpfs tmpfs /run", ["/bin/echo", "so"], terminal: true)
      try holds(try await program.end(), is: .status(0))
      try holds(try stage.recording().text, is: "so\r\n")
    }
  }

  @Test("THREATS 6: a kernel that tells no audit session refuses nobody", .needsRoot)
  func noSession() async throws {
    try await expectDefect(inStock: "refuses: Failed retrieving session ID") {
      let stage = try Stage($0)
      let hide = "mount --bind /dev/null /proc/$$/sessionid"
      let program = try stage.inNamespace(hide, ["/bin/echo", "so"])
      try holds(try await program.end(), is: .status(0))
      try holds(try stage.recording().header["session"], is: "4294967295")
    }
  }

  @Test("THREATS 6: a resolver that does not answer refuses nobody and holds nobody up", .needsRoot)
  func noResolver() async throws {
    try await expectDefect(inStock: "refuses: Failed retrieving host FQDN") {
      let stage = try Stage($0)
      let hide = """
        echo 'nameserver 127.0.0.1' >resolv; echo '127.0.0.1 localhost' >hosts; echo 'hosts: files dns' >nsswitch
        for i in resolv:resolv.conf hosts:hosts nsswitch:nsswitch.conf; do mount --bind ${i%:*} /etc/${i#*:}; done
        """
      let program = try stage.inNamespace(hide, ["/bin/echo", "so"])
      try holds(try await program.end(), is: .status(0))
      try holds(try stage.recording().text, is: "so\n")
    }
  }
}

extension Stage {
  /// Records `program` in a mount namespace of its own, once `prepare` has been run there.
  fileprivate func inNamespace(
    _ prepare: String, _ program: [String], _ options: [String] = [], terminal: Bool = false
  ) throws -> DrivenProgram {
    let words =
      ["/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", prepare + "\nexec \"$@\"", "sh"]
      + command(program, options)
    return terminal
      ? try DrivenProgram(onTerminal: words, directory: scratch.path)
      : try DrivenProgram(onPipes: words, directory: scratch.path)
  }
}
