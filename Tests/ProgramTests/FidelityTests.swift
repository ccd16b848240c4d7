import TestSupport
import Testing

/// Log = shown = played, for bytes of every kind.
@Suite("What is shown is what is recorded is what is played", .inTurn, .needsStock)
struct FidelityTests {
  /// Tests and streams a test: 1 000 streams in all.
  static let batches = Array(0..<20)
  static let streamsPerBatch = 50

  @Test(
    "THREATS 8: 1 000 random streams are recorded, shown and played by stock tlog-play byte for byte",
    arguments: batches)
  func randomStreams(batch: Int) async throws {
    var numbers = SeededNumbers()
    for place in 0..<Self.streamsPerBatch {
      let seed = numbers.next()
      do {
        let same =
          switch place % 5 {
          case 0: try await typedOnTerminal(seed)
          case 1: try await shownOnTerminal(seed)
          case 2: try await piped(seed)
          default: try await printed(seed)
          }
        #expect(same, "stream \(place % 5) of seed \(seed)")
      } catch {
        Issue.record(error, "stream \(place % 5) of seed \(seed)")
      }
    }
  }

  /// A program writes the stream to a pipe.
  private func printed(_ seed: UInt64) async throws -> Bool {
    var numbers = SeededNumbers(seed: seed)
    let stream = randomStream(&numbers)
    let stage = try Stage(.ours)
    let program = try stage.onPipes(["/bin/cat", try stage.scratch.write("stream", stream)], [payload(&numbers)])
    let end = try await program.end()
    let recorded = try stage.recording().output
    let played = try await stage.played()
    return end == .status(0) && program.shown == stream && recorded == stream && played == stream
  }

  /// The stream goes in by one pipe, out by another, and is recorded both times.
  private func piped(_ seed: UInt64) async throws -> Bool {
    var numbers = SeededNumbers(seed: seed)
    let stream = randomStream(&numbers)
    let stage = try Stage(.ours)
    let program = try stage.onPipes(["/bin/cat"], ["--log-input", payload(&numbers)], input: .pipe)
    try await program.send(stream)
    program.closeInput()
    let end = try await program.end()
    let recording = try stage.recording()
    let played = try await stage.played()
    return end == .status(0) && program.shown == stream && recording.output == stream && recording.input == stream
      && played == stream
  }

  /// A program writes the stream to a terminal, which changes line ends on the way.
  private func shownOnTerminal(_ seed: UInt64) async throws -> Bool {
    var numbers = SeededNumbers(seed: seed)
    let stage = try Stage(.ours)
    let program = try stage.onTerminal(
      ["/bin/cat", try stage.scratch.write("stream", randomStream(&numbers))], [payload(&numbers)])
    let end = try await program.end()
    try await stage.expectFaithful(program)
    return end == .status(0)
  }

  /// The stream is typed on a terminal in raw mode, and comes back from the program.
  private func typedOnTerminal(_ seed: UInt64) async throws -> Bool {
    var numbers = SeededNumbers(seed: seed)
    let stream = randomStream(&numbers)
    let stage = try Stage(.ours)
    let script = "stty raw -echo; printf ready; head -c \(stream.count)"
    let program = try stage.onTerminal(["/bin/sh", "-c", script], ["--log-input", payload(&numbers)])
    try await program.expect("ready")
    try await program.send(stream)
    let end = try await program.end()
    try await stage.expectFaithful(program)
    let recording = try stage.recording()
    return end == .status(0) && recording.input == stream && recording.output == Array("ready".utf8) + stream
  }

  private func payload(_ numbers: inout SeededNumbers) -> String {
    "--payload=\([32, 64, 100, 500, 2048, 4096, 65536][numbers.below(7)])"
  }
}

/// Up to a few thousand bytes of what crosses terminals: text of several scripts, escape sequences, control characters,
/// and ill-formed bytes of every kind.
func randomStream(_ numbers: inout SeededNumbers) -> [UInt8] {
  let pieces: [[UInt8]] = [
    Array("plain text, \"quoted\" \\ and /\r\n".utf8), Array("\u{1b}[1;31m".utf8), Array("\u{1b}]0;title\u{7}".utf8),
    Array("é€𝄞漢字👩‍👩‍👧".utf8), [0], [0x7f], [8, 0x20, 8], [0xff],
    [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9d], [0xe2],
    [0xf4, 0x90, 0x80, 0x80], [0x80, 0xbf],
  ]
  var stream: [UInt8] = []
  for _ in 0...numbers.below(60) {
    switch numbers.below(3) {
    case 0: stream += pieces[numbers.below(pieces.count)]
    case 1: stream += (0...numbers.below(40)).map { _ in UInt8(0x20 + numbers.below(0x5f)) }
    default: stream += (0...numbers.below(6)).map { _ in UInt8(numbers.below(256)) }
    }
  }
  return stream
}
