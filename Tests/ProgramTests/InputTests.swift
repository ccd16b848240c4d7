import TestSupport
import Testing

/// Input and output that are no terminal: pipes, files, nothing, and their ends.
@Suite("Pipes, files and closed descriptors", .inTurn, .needsStock)
struct InputTests {
  /// What standard input may be, with the bytes that come by it.
  enum Source: String, CaseIterable, Sendable {
    case null, emptyFile, file, pipe, closedPipe

    func open(_ scratch: ScratchDirectory) throws -> DrivenProgram.Input {
      switch self {
      case .null: .nothing
      case .emptyFile: .file(try scratch.write("input", ""))
      case .file: .file(try scratch.write("input", bytes))
      case .pipe, .closedPipe: .pipe
      }
    }

    var bytes: [UInt8] { self == .file || self == .pipe ? Array("some input\n".utf8) : [] }
  }

  @Test("the end of input, of whatever kind, is passed on once and loses no output", arguments: Source.allCases)
  func endOfInput(source: Source) async throws {
    try await expectDefect(inStock: "reads the end of input again and again, and loses the output (tlog 347)") {
      let stage = try Stage($0)
      let script = "cat; echo later"
      let program = try stage.onPipes(["/bin/sh", "-c", script], ["--log-input"], input: source.open(stage.scratch))
      if source == .pipe { try await program.send(source.bytes) }
      program.closeInput()
      try holds(try await program.end(within: $0.patience), is: .status(0))
      let recording = try stage.recording()
      try holdsSame(program.shown, source.bytes + Array("later\n".utf8), "shown")
      try holdsSame(recording.input, source.bytes, "recorded input")
      try holdsSame(recording.output, program.shown, "recorded output")
    }
  }

  @Test("megabytes go through a pipe and are recorded on both sides, to the last byte")
  func bulk() async throws {
    try await expectDefect(inStock: "loses the tail (tlog 347)") {
      let stage = try Stage($0)
      let bytes = (0..<100_000).flatMap { Array("line \($0)\n".utf8) }
      let input = try stage.scratch.write("input", bytes)
      let program = try stage.onPipes(["/bin/cat"], ["--log-input", "--payload=65536"], input: .file(input))
      try holds(try await program.end(within: $0.patience), is: .status(0))
      let recording = try stage.recording()
      try holdsSame(program.shown, bytes, "shown")
      try holdsSame(recording.output, bytes, "recorded output")
      try holdsSame(recording.input, bytes, "recorded input")
    }
  }

  @Test("after the end of input the recorder waits without using the processor")
  func noSpinning() async throws {
    try await expectDefect(inStock: "uses all of a processor until the program ends (tlog 347)") {
      let stage = try Stage($0)
      let program = try stage.onPipes(["/bin/sh", "-c", "echo ready; sleep 2; echo done"], ["--log-input"])
      _ = try await program.end(within: $0.patience)
      // The whole run: start, end, and the time between, in which it has nothing to do.
      try holds(program.processorTime < .milliseconds(50))
    }
  }

  @Test("the program sees a terminal, a pipe or nothing where it would see them without a recorder")
  func kinds() async throws {
    try await expectDefect(inStock: "gives the program a terminal for all three as soon as one is") {
      let stage = try Stage($0)
      let script = "for i in 0 1 2; do test -t $i && echo $i terminal >>kinds || echo $i other >>kinds; done"
      let words = stage.command(["/bin/sh", "-c", script])
      let program = try stage.startOnTerminal(["/bin/sh", "-c", "\"$@\" | cat", "sh"] + words)
      _ = try await program.end(within: $0.patience)
      try holds(stage.scratch.text("kinds"), is: "0 terminal\n1 other\n2 terminal\n")
    }
  }

  @Test("input from a pipe ends the program though its output is a terminal")
  func pipedIntoTerminal() async throws {
    try await expectDefect(inStock: "passes no end of input on, and hangs") {
      let stage = try Stage($0)
      let words = stage.command(["/bin/cat"], ["--log-input"])
      let program = try stage.startOnTerminal(["/bin/sh", "-c", "echo hello | \"$@\"", "sh"] + words)
      let end = try await program.end(within: $0.patience)
      try holds(end == .status(0), "\(end): \(program.text.debugDescription)")
      try holds(program.text.contains("hello"))
      try holds(try stage.recording().text.contains("hello"))
    }
  }

  @Test("THREATS 8: standard error stays apart from standard output, and both are recorded in the order of reading")
  func errorsApart() async throws {
    try await expectDefect(inStock: "merges standard error into standard output (tlog 367)") {
      let stage = try Stage($0)
      let script = "echo one; sleep 0.05; echo two >&2; sleep 0.05; echo three"
      let program = try stage.onPipes(["/bin/sh", "-c", script])
      try holds(try await program.end(), is: .status(0))
      try holds(program.text, is: "one\nthree\n")
      try holds(program.errorText, is: "two\n")
      let recording = try stage.recording()
      try holds(recording.text, is: "one\ntwo\nthree\n")
      try holds(recording.errorOutput, is: "two\n")
    }
  }

  @Test("a descriptor that the caller closed is closed in the program too", arguments: [0, 1, 2])
  func closed(number: Int32) async throws {
    let stage = try Stage(.ours)
    let script =
      "for i in 0 1 2; do test -e /proc/$$/fd/$i && echo $i open >>kinds || echo $i closed >>kinds; done; exit 4"
    let program = try DrivenProgram(
      onPipes: stage.command(["/bin/sh", "-c", script]), input: number == 0 ? .closed : .nothing,
      output: number == 1 ? .closed : .pipe, errors: number == 2 ? .closed : .pipe, directory: stage.scratch.path)
    #expect(try await program.end() == .status(4))
    let expected = (0...2).map { "\($0) \($0 == number ? "closed" : "open")\n" }.joined()
    #expect(stage.scratch.text("kinds") == expected)
  }

  @Test("a program whose reader has gone is told so, and the recorder ends with it")
  func readerGone() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onPipes(["/usr/bin/yes"])
    try await program.expect("y\ny\n")
    program.closeOutput()
    #expect(try await program.end() == .status(128 + 13))  // SIGPIPE, as without a recorder
  }

  @Test("what a background job prints to a pipe after the shell has ended still arrives, and is recorded")
  func lateOutput() async throws {
    let stage = try Stage(.ours)
    let program = try stage.onPipes(["/bin/sh", "-c", "(sleep 0.3; echo late) & echo early; exit 6"])
    #expect(try await program.end() == .status(6))
    #expect(program.text == "early\nlate\n")
    #expect(try stage.recording().text == "early\nlate\n")
    #expect(program.processorTime < .milliseconds(50), "the recorder does not just wait")
  }

  @Test("a program that does not read its input does not stop its output")
  func unreadInput() async throws {
    let stage = try Stage(.ours)
    let input = try stage.scratch.write("input", String(repeating: "unread\n", count: 50_000))
    let script = "sleep 0.1; yes | head -c 300000; echo; echo done"
    let program = try stage.onPipes(["/bin/sh", "-c", script], ["--log-input"], input: .file(input))
    #expect(try await program.end() == .status(0))
    #expect(program.shown.count == 300_000 + 6)
    expectSame(try stage.recording().output, program.shown, "recorded output")
  }
}
