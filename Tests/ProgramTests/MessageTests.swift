import Glibc
import TestSupport
import Testing

/// Messages as they come out of a running recorder.
@Suite("Messages", .inTurn, .needsStock)
struct MessageTests {
  @Test("a recording begins with start and ends with end; what is between is tlog's 2.3")
  func frame() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/sh", "-c", "seq 1000; exit 3"], columns: 90, rows: 25)
    #expect(try await program.end() == .status(3))
    let recording = try stage.recording()
    #expect(recording.versions == ["2.3"])
    #expect(recording.start?["tty"]?.hasPrefix("/dev/pts/") == true)
    #expect(recording.start?["cmd"] == "/bin/sh -c seq 1000; exit 3")
    #expect(recording.start?["trust"] == "self-reported")
    #expect(recording.start?["id"] == "1")
    #expect(recording.end?["exit"] == "3")
    #expect(recording.end?["why"] == "exit")
    #expect(recording.end?["out_bytes"] == "\(recording.output.count)")
    #expect(recording.end?["id"] == "\(recording.messageCount)")
    #expect(recording.happenings.first?.what == .window("90x25"))
    #expect(recording.gaps.isEmpty)
  }

  @Test("the last message of a short session holds what it showed, and the end")
  func short() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/sh", "-c", "echo so; exit 3"])
    #expect(try await program.end() == .status(3))
    let lines = stage.scratch.text("log").split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.last?.contains(#""out_txt":"so\r\n""#) == true)
    #expect(lines.last?.contains(#""kind":"end","exit":3"#) == true)
    try await stage.expectFaithful(program)
  }

  @Test("a program killed by a signal is recorded as such")
  func killed() async throws {
    let stage = try Stage(.ours)
    try await stage.onPipes(["/bin/sh", "-c", "kill -TERM $$"]).end()
    let end = try #require(try stage.recording().end)
    #expect(end["signal"] == "15")
    #expect(end["exit"] == nil)
  }

  @Test("a recording that was cut off is told from one that is complete: it has no end")
  func abandoned() async throws {
    try await expectDefect(inStock: "cut off or complete, its recordings look alike") {
      let complete = try Stage($0)
      try await complete.onPipes(["/bin/echo", "so"]).end()
      let cut = try Stage($0)
      let program = try cut.onTerminal(["/bin/sh", "-c", "echo so; exec sleep 5"], ["--latency=1"])
      try await program.until("log") { (try? cut.recording())?.text.contains("so") ?? false }
      program.signal(SIGKILL)
      try await program.end()
      try holds(try cut.recording().end, is: nil)
      try holds(try complete.recording().end != nil)
    }
  }

  @Test("data is logged latency seconds after it came, while the session goes on", arguments: [Recorder.ours, .stock])
  func latency(recorder: Recorder) async throws {
    let stage = try Stage(recorder)
    let started = ContinuousClock.now
    let program = try stage.onTerminal(["/bin/sh", "-c", "echo ma\"\"rk; read x; echo end"], ["--latency=1"])
    try await program.until("log") { stage.scratch.text("log").contains("mark") }
    #expect(ContinuousClock.now - started >= .seconds(1))
    try await program.type("\r")
    try await program.end()
    try await stage.expectFaithful(program)
  }

  @Test("data that fills a message is logged at once, and no message is larger than asked", arguments: [32, 100, 2048])
  func payload(byteCount: Int) async throws {
    let stage = try Stage(.ours)
    let script = "seq 5000; echo all; read x"
    let options = ["--payload=\(byteCount)", "--latency=3600"]
    let program = try stage.onPipes(["/bin/sh", "-c", script], options, input: .pipe)
    try await program.expect("all")
    try await program.until("log what fills messages") {
      stage.scratch.text("log").contains(byteCount < 2048 ? "4990" : "4000")
    }
    program.closeInput()
    try await program.end()
    let sizes = stage.scratch.text("log").split(separator: "\n").compactMap { line -> Int? in
      guard let payload = line.firstMatch(of: /"timing":"([^"]*)".*"out_txt":"(.*)","out_bin":\[\]/) else { return nil }
      return payload.1.utf8.count + payload.2.utf8.count
    }
    #expect(try #require(sizes.max()) <= byteCount)
    #expect(try stage.recording().output == program.shown)
  }

  @Test("what is not to be logged passes, and is not in the recording")
  func loggedKinds() async throws {
    let stage = try Stage(.ours)
    let options = ["--log-input=yes", "--log-output=off", "--log-window=no"]
    let program = try stage.onTerminal(
      ["/bin/sh", "-c", "stty raw -echo; echo ready; head -c 6 >/dev/null; echo got"], options)
    try await program.expect("ready")
    try await program.type("typed\r")
    try await program.expect("got")
    try await program.end()
    let recording = try stage.recording()
    #expect(recording.input == Array("typed\r".utf8))
    #expect(recording.output.isEmpty)
    #expect(recording.windows.isEmpty)
  }

  @Test("input is not recorded unless asked for")
  func inputOff() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(["/bin/sh", "-c", "stty -echo; echo ready; read x"])
    try await program.expect("ready")
    try await program.type("unseen\r")
    try await program.end()
    #expect(try stage.recording().input.isEmpty)
    #expect(!stage.scratch.text("log").contains("unseen"))
  }

  @Test("with limit.action=drop what is left out is told, with times and bytes")
  func dropped() async throws {
    try await expectDefect(inStock: "leaves a hole in the ids, and no word of what is missing") {
      let stage = try Stage($0)
      let options = ["--limit-action=drop", "--limit-rate=1000", "--limit-burst=4000"]
      let program = try stage.onPipes(["/bin/sh", "-c", "seq 20000; sleep 2; echo later"], options)
      try holds(try await program.end(), is: .status(0))
      let recording = try Recording(log: stage.scratch.bytes("log"), allowingHoles: true)
      try holds(!recording.gaps.isEmpty)
      try holds(recording.output.count < program.shown.count)
      try holds(recording.text.hasSuffix("later\n"))
    }
  }

  @Test("with limit.action=delay the flood waits and the keyboard does not: ^C works at once")
  func delayed() async throws {
    try await expectDefect(inStock: "sleeps in the middle of everything") {
      let stage = try Stage($0)
      let options = ["--limit-action=delay", "--limit-rate=200", "--limit-burst=3000"]  // a message each 10 s
      let script = "trap 'echo >caught; exit 3' INT; echo start; while :; do echo flood flood flood; done"
      let program = try stage.onTerminal(["/bin/sh", "-c", script], options)
      try await program.expect("flood")
      try await Task.sleep(for: .milliseconds(200))
      try await program.type("\u{3}")
      try await program.until("get ^C", within: $0.patience) { stage.scratch.exists("caught") }
    }
  }

  @Test("READY is written to the semaphore file once the program is connected")
  func semaphore() async throws {
    let stage = try Stage(.ours)
    let option = "--semaphore=" + stage.scratch.file("semaphore")
    let program = try stage.onPipes(["/bin/sh", "-c", "read x; exit 4"], [option], input: .pipe)
    try await program.until("write READY") { stage.scratch.text("semaphore") == "READY" }
    try await program.type("\n")
    #expect(try await program.end() == .status(4))
  }

  @Test("the recording's name holds the recorder's process, as tlog's does", arguments: [Recorder.ours, .stock])
  func name(recorder: Recorder) async throws {
    let stage = try Stage(recorder)
    let program = try stage.onPipes(["/bin/echo", "so"])
    try await program.end()
    let name = try #require(try stage.recording().header["rec"])
    let parts = name.split(separator: "-")
    #expect(parts.count == 3)
    #expect(parts.first?.count == 32)
    #expect(Int32(parts.dropFirst().first ?? "", radix: 16) == program.pid)
  }

  @Test("host, user and session are those that stock records")
  func sameHeader() async throws {
    let ours = try Stage(.ours)
    let stock = try Stage(.stock)
    try await ours.onPipes(["/bin/echo", "so"]).end()
    try await stock.onPipes(["/bin/echo", "so"]).end()
    var (mine, theirs) = (try ours.recording().header, try stock.recording().header)
    mine["rec"] = nil
    theirs["rec"] = nil
    #expect(mine == theirs)
  }

  @Test("held bytes of both directions at the end make headway where stock loops for ever")
  func heldAtEnd() async throws {
    try await expectDefect(inStock: "tries to fit both into one message of 32 bytes, again and again") {
      let stage = try Stage($0)
      let script = "head -c 3; printf '\\360\\235\\204'"
      let options = ["--log-input", "--payload=32"]
      let program = try stage.onPipes(["/bin/sh", "-c", script], options, input: .pipe)
      try await program.send([0xf0, 0x9d, 0x84])
      try holds(try await program.end(within: $0.patience), is: .status(0))
      try holds(try stage.recording().input, is: [0xf0, 0x9d, 0x84])
    }
  }
}
