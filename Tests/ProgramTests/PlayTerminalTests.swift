import Glibc
import TestSupport
import Testing

/// `tlog-play` and the terminal of a person who looks at a recording.
@Suite("The player leaves a terminal as it found it", .inTurn)
struct PlayTerminalTests {
  /// Two lines, the second one second after the first.
  private func recording() throws -> MadeLog {
    try MadeLog([
      (0, "first\u{1b}]52;c;aGk=\u{7}\u{1b}[6n\u{1b}[c\r\n"), (1000, "\u{1b}[1msecond\u{1b}[0m\r\n"),
    ])
  }

  private func played() async throws -> PlayedScreen {
    let screen = try await PlayedScreen(recording())
    try await screen.press(".", ".", ".")
    try await screen.expect("both lines") { $0.prefix(3) == ["first", "second", ""] }
    return screen
  }

  @Test("q leaves the terminal as it was, also while the keys are shown", .needs("tmux"))
  func quit() async throws {
    let screen = try await played()
    try await screen.press("?")
    try await screen.expect("the keys") { $0.contains { $0.contains("twice, half as fast") } }
    try await screen.quit()
  }

  @Test(
    "whatever signal ends it, the terminal is as it was", .needs("tmux"),
    arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
  func signals(number: Int32) async throws {
    let screen = try await played()
    try screen.signal(number)
    try await screen.ended(status: 128 + number)
  }

  @Test("^C ends it as any program", .needs("tmux"))
  func interrupt() async throws {
    let screen = try await played()
    try await screen.press("C-c")
    try await screen.ended(status: 128 + SIGINT)
  }

  @Test("^Z leaves the terminal to others until it is continued, and all is painted again then", .needs("tmux"))
  func stop() async throws {
    let screen = try await played()
    let shown = try await screen.rows()
    for _ in 0..<2 {
      try await screen.press("C-z")
      let lines = ["stopped, the terminal as before"]
      try await screen.expect("\(lines)") { $0.filter { !$0.isEmpty }.suffix(1) == lines && $0.first != "first" }
      try await screen.press("Enter")
      try await screen.expect("what was there") { $0 == shown }
    }
    // Keys come one by one again.
    try await screen.press(",")
    try await screen.expect("the first line") { $0.prefix(2) == ["first", ""] }
    try await screen.press("q")
    try await screen.expect("the end") {
      $0.filter { !$0.isEmpty }.suffix(2) == ["status 0", "the terminal as before"]
    }
  }

  @Test("a player that was stopped can be ended, and does not touch the terminal again", .needs("tmux"))
  func endWhileStopped() async throws {
    let screen = try await played()
    try await screen.press("C-z")
    try await screen.expect("a stopped player") { $0.contains("stopped, the terminal as before") }
    try screen.signal(SIGTERM)
    try screen.signal(SIGCONT)
    try await screen.press("Enter")
    try await screen.expect("its end") {
      $0.filter { !$0.isEmpty }.suffix(2) == ["status \(128 + SIGTERM)", "the terminal as before"]
    }
  }

  @Test("^Z where nobody could continue it does not stop it")
  func orphan() async throws {
    let log = try recording()
    let player = try DrivenProgram(onTerminal: [Surroundings.ours("tlog-play"), "--paused", "-i", log.path])
    try await player.expect("paused")
    // Left, and entered again.
    try await player.type("\u{1a}")
    try await player.expect("\u{1b}[?1049l")
    try await player.expect("\u{1b}[?1049h")
    try await player.type("q")
    #expect(try await player.end() == .status(0))
  }

  @Test("a terminal that is too small is told, and the screen can be moved", .needs("tmux"))
  func small() async throws {
    let screen = try await played()
    try await screen.resize(columns: 60, rows: 10)
    func last(_ rows: [String]) -> String { rows.last { !$0.isEmpty } ?? "" }
    try await screen.expect("the recorded size") { $0.first == "first" && last($0).contains("recorded 80x24") }
    try await screen.press("l")
    try await screen.expect("a screen moved by 8") { $0.first == "" && last($0).contains("recorded 80x24") }
    try await screen.press("h", "j")
    try await screen.expect("a screen moved down by 4") {
      $0.count { !$0.isEmpty } == 1 && last($0).contains("recorded 80x24")
    }
    try await screen.resize(columns: 90, rows: 36)
    try await screen.expect("all of it again") { $0.prefix(3) == ["first", "second", ""] }
    try await screen.quit()
  }

  private func play(_ options: String, _ log: MadeLog) throws -> DrivenProgram {
    try run("\(Surroundings.ours("tlog-play")) \(options) -i \(log.path)", log)
  }

  private func run(_ command: String, _ log: MadeLog) throws -> DrivenProgram {
    let script = """
      stty -g >before; \(command)
      echo status $?; stty -g | cmp - before && echo same
      """
    return try DrivenProgram(
      onTerminal: ["/bin/sh", "-c", script], columns: 100, rows: 30, directory: log.scratch.path)
  }

  @Test("a recording that ran to its end stays on the main screen, as plain lines")
  func end() async throws {
    let log = try recording()
    let player = try play("--goto=end", log)
    try await player.expect("\u{1b}[?1049lfirst\r\r\n\u{1b}[0;1msecond")
    try await player.expect("status 0")
    try await player.expect("same")
  }

  @Test("keys come from the terminal when the recording comes through standard input")
  func piped() async throws {
    let log = try recording()
    let player = try run("cat \(log.path) | \(Surroundings.ours("tlog-play")) --paused -i /dev/stdin", log)
    try await player.expect("paused")
    try await player.type("?")
    try await player.expect("DEL")
    try await player.type("q")
    try await player.expect("status 0")
    try await player.expect("same")
  }

  @Test("nothing in a recording makes the terminal answer or do anything")
  func harmless() async throws {
    let log = try recording()
    let player = try play("--goto=end", log)
    try await player.expect("same")
    for sequence in ["\u{1b}]", "\u{1b}[6n", "\u{1b}[c", "aGk="] { #expect(!player.text.contains(sequence)) }
  }
}
