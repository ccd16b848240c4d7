import TestSupport
import Testing

/// What `tlog-play` writes where standard output is no terminal.
@Suite("The player writes to a pipe what stock tlog-play writes", .inTurn, .needsStock)
struct PlayStreamTests {
  private static let ours = Surroundings.ours("tlog-play")
  private static let stock = "/usr/bin/tlog-play"

  private func play(_ player: String, _ arguments: [String]) async throws -> DrivenProgram {
    // Stock's needs standard input to be open and without end.
    let program = try DrivenProgram(onPipes: [player] + arguments, input: .pipe)
    _ = try await program.end()
    return program
  }

  @Test("150 recordings of each recorder come out byte for byte", arguments: [Recorder.ours, .stock])
  func recordings(recorder: Recorder) async throws {
    var numbers = SeededNumbers()
    for _ in 0..<150 {
      let stage = try Stage(recorder)
      let bytes = (0..<numbers.below(40)).map { _ in "\\" + String(numbers.below(256), radix: 8).leftPadded }.joined()
      let text = String(repeating: "é漢 \(numbers.below(1000)) ", count: numbers.below(300))
      let recording = try stage.onPipes(["/bin/sh", "-c", "printf '\(bytes)'; printf '%s\\n' '\(text)'"])
      _ = try await recording.end()
      let expected = try await play(Self.stock, ["-g", "end", "-i", stage.log])
      let shown = try await play(Self.ours, ["-g", "end", "-i", stage.log])
      #expect(shown.shown == expected.shown, "seed \(numbers.seed)")
      #expect(shown.errorText == expected.errorText, "seed \(numbers.seed)")
      guard shown.shown == expected.shown else { return }
    }
  }

  @Test(
    "what cannot be played is refused in stock's words, with stock's exit status",
    arguments: [
      [], ["-i", "/nowhere/log"], ["-r", "es"], ["-r", "es", "--es-baseurl=http://x"], ["-r", "journal"],
      ["-g", "abc"], ["-g", "1:2:3:4", "-i", "/dev/null"], ["-i", "/dev/null"], ["-i", "/etc/passwd"],
    ])
  func refusals(arguments: [String]) async throws {
    let stock = try DrivenProgram(onPipes: [Self.stock] + arguments, input: .pipe)
    let expected = try await stock.end()
    let ours = try DrivenProgram(onPipes: [Self.ours] + arguments, input: .pipe)
    #expect(try await ours.end() == expected)
    #expect(ours.shown == stock.shown)
    let said = ours.errorText.split(separator: "\n").filter { !$0.hasPrefix("hint: ") }
    #expect(said == stock.errorText.split(separator: "\n"))
  }

  @Test("standard input may have ended, or be closed", arguments: ["</dev/null", "<&-"])
  func input(redirection: String) async throws {
    let stage = try Stage(.ours)
    let recording = try stage.onPipes(["/bin/sh", "-c", "echo hello; sleep 0.1; echo there"])
    _ = try await recording.end()
    let player = try DrivenProgram(onPipes: ["/bin/sh", "-c", "exec \(Self.ours) -i \(stage.log) \(redirection)"])
    #expect(try await player.end() == .status(0))
    #expect(player.text == "hello\nthere\n\u{1b}[0m\u{1b}[?25h\n\0")
  }

  @Test("configuration, but for what we add, is printed as stock prints it")
  func configuration() async throws {
    for arguments in [
      [], ["-s", "2.5", "-f"], ["-M", "A=b", "-M", "OR", "-M", "C=d", "-S", "5"], ["-i", "/x", "-m", "r"],
    ] {
      let expected = try await play(Self.stock, ["--configuration"] + arguments).shown.dropFirst(12)
      let shown = try await play(Self.ours, ["--configuration"] + arguments).shown
      #expect(shown.elementsEqual(expected), "\(arguments): \(String(decoding: shown, as: UTF8.self))")
    }
  }
}

extension String {
  /// Three octal digits.
  fileprivate var leftPadded: String { String(repeating: "0", count: max(0, 3 - count)) + self }
}
