import Glibc
import TestSupport
import Testing

/// `tlog-play` on a terminal, as a person has it.
@Suite("The player on a terminal", .inTurn)
struct PlayTerminalTests {
  private static let ours = Surroundings.ours("tlog-play")

  /// A recording of a terminal session: two lines, the second one second after the first.
  private func recorded() async throws -> Stage {
    let stage = try Stage(.ours)
    let script =
      "printf 'first\\033]52;c;aGk=\\007\\033[6n\\033[c\\r\\n'; sleep 1; printf '\\033[1msecond\\033[0m\\r\\n'"
    let session = try stage.onTerminal(["/bin/sh", "-c", script])
    _ = try await session.end()
    return stage
  }

  private func play(_ stage: Stage, _ options: String = "", columns: UInt16 = 100) throws -> DrivenProgram {
    let script = """
      stty -g >before; sh -c 'echo $$ >pid; exec \(Self.ours) \(options) -i \(stage.log)'; echo status $?; stty -g >after; cmp before after && echo same
      """
    return try DrivenProgram(
      onTerminal: ["/bin/sh", "-c", script], columns: columns, rows: 30, directory: stage.scratch.path)
  }

  @Test("q leaves the terminal as it was")
  func quit() async throws {
    let stage = try await recorded()
    defer { withExtendedLifetime(stage) {} }
    let player = try play(stage, "--paused")
    try await player.expect("paused")
    try await player.type("?")
    try await player.expect("twice, half as fast")
    try await player.type("?q")
    try await player.expect("status 0")
    try await player.expect("same")
  }

  @Test("a recording that ran to its end stays on the main screen, as plain lines")
  func end() async throws {
    let stage = try await recorded()
    defer { withExtendedLifetime(stage) {} }
    let player = try play(stage, "--goto=end")
    try await player.expect("\u{1b}[?1049lfirst")
    try await player.expect("second")
    try await player.expect("same")
  }

  @Test("nothing in a recording makes the terminal answer or do anything")
  func harmless() async throws {
    let stage = try await recorded()
    defer { withExtendedLifetime(stage) {} }
    let player = try play(stage, "--goto=end")
    try await player.expect("same")
    for sequence in ["\u{1b}]", "\u{1b}[6n", "\u{1b}[c", "aGk="] { #expect(!player.text.contains(sequence)) }
  }

  @Test("a terminal that is too small is told, and the screen can be moved")
  func small() async throws {
    let stage = try await recorded()
    defer { withExtendedLifetime(stage) {} }
    let player = try play(stage, "--paused", columns: 90)
    try await player.expect("paused")
    try player.resize(columns: 60, rows: 10)
    try await player.expect("recorded 80x24")
    try await player.type("llq")
    try await player.expect("same")
  }

  @Test("whatever signal ends it, the terminal is as it was", arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
  func signals(number: Int32) async throws {
    let stage = try await recorded()
    defer { withExtendedLifetime(stage) {} }
    let player = try play(stage, "--paused")
    try await player.expect("paused")
    let pid = Int32(String(decoding: stage.scratch.bytes("pid").dropLast(), as: UTF8.self))
    let target = try #require(pid)
    #expect(kill(target, number) == 0)
    try await player.expect("status \(128 + number)")
    try await player.expect("same")
  }
}
