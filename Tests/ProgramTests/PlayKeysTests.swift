import TestSupport
import Testing

/// `tlog-play` in tmux: keys go in, and what the terminal shows comes out as text.
///
/// Playback stands still while screens are compared, so that no time that passes is in them.
@Suite("Every key of the player, as a person sees it", .inTurn, .needs("tmux"))
struct PlayKeysTests {
  private static let clear = "\u{1b}[2J\u{1b}[H"

  private func recording() throws -> MadeLog {
    try MadeLog([
      (0, "start\r\n"), (1000, "one\r\n"), (2000, "needle two\r\n"), (3000, Self.clear + "three\r\n"),
      (10_000, "needle ten\r\n"), (60_000, Self.clear + "sixty\r\n"), (3_600_000, "hour\r\n"),
    ])
  }

  /// The status line at one second of the recording.
  private func status(_ word: String, _ second: Int, _ more: String = "", note: String = "") -> String {
    let time = "\(second / 60):\(second % 60 < 10 ? "0" : "")\(second % 60).0"
    let wall = 20 + second
    let clock = "22:\(13 + wall / 60):\(wall % 60 < 10 ? "0" : "")\(wall % 60)"
    return " \(note.isEmpty ? "" : note + "  ")\(word) \(time)/1:00:00.0\(more)  2023-11-14 \(clock)Z  ? help"
  }

  @Test(". and , go an event on and back, right and left five seconds")
  func steps() async throws {
    let screen = try await PlayedScreen(recording())
    try await screen.expect([], status("paused", 0))
    // The first event is the size of the window.
    for (key, lines, second) in [
      (".", [], 0), (".", ["start"], 0), (".", ["start", "one"], 1), (",", ["start"], 0), (",", [], 0),
      ("Right", ["three"], 5), ("Right", ["three", "needle ten"], 10), ("Right", ["three", "needle ten"], 15),
      ("Left", ["three", "needle ten"], 10), ("Left", ["three"], 5), ("Left", ["start"], 0), ("Left", ["start"], 0),
    ] as [(String, [String], Int)] {
      try await screen.press(key)
      try await screen.expect(lines, status("paused", second), after: key)
    }
    try await screen.quit()
  }

  @Test("digits and G go to a time in both directions, g to the start, G to the end")
  func places() async throws {
    let screen = try await PlayedScreen(recording())
    try await screen.press("1", ":", "0", "0")
    try await screen.expect([], status("paused", 0, note: "1:00"))
    try await screen.press("G")
    try await screen.expect(["sixty"], status("paused", 60))
    try await screen.press("2", "G")
    try await screen.expect(["start", "one", "needle two"], status("paused", 2))
    try await screen.press("G")
    try await screen.expect(["sixty", "hour"], " end 1:00:00.0/1:00:00.0  2023-11-14 23:13:20Z  ? help")
    try await screen.press("g")
    try await screen.expect(["start"], status("paused", 0))
    try await screen.quit()
  }

  @Test("/ searches the screen, n and N on and back, and Escape gives up what is typed")
  func search() async throws {
    let screen = try await PlayedScreen(recording())
    try await screen.press("/", "N", "e", "x")
    try await screen.expect([], status("paused", 0, note: "/Nex"))
    try await screen.press("BSpace", "e")
    try await screen.expect([], status("paused", 0, note: "/Nee"))
    try await screen.press("Enter")
    try await screen.expect(["start", "one", "needle two"], status("paused", 2))
    try await screen.press("n")
    try await screen.expect(["three", "needle ten"], status("paused", 10))
    try await screen.press("N")
    try await screen.expect(["start", "one", "needle two"], status("paused", 2))
    try await screen.press("N")
    try await screen.expect(["start", "one", "needle two"], status("paused", 2, note: "not found"))
    try await screen.press("/", "q")
    try await screen.expect(["start", "one", "needle two"], status("paused", 2, note: "/q"))
    try await screen.press("Escape")
    try await screen.expect(["start", "one", "needle two"], status("paused", 2))
    try await screen.quit()
  }

  @Test("} and { change the speed within limits, DEL sets it back, i skips idle time")
  func speed() async throws {
    let screen = try await PlayedScreen(recording())
    for (key, more) in [
      ("}", " x2"), ("}", " x4"), ("}", " x8"), ("}", " x16"), ("}", " x16"), ("{", " x8"), ("BSpace", ""),
      ("{", " x1/2"), ("{", " x1/4"), ("{", " x1/8"), ("{", " x1/16"), ("{", " x1/16"), ("}", " x1/8"),
      ("BSpace", ""), ("i", " idle skipped"), ("i", ""),
    ] {
      try await screen.press(key)
      try await screen.expect([], status("paused", 0, more), after: key)
    }
    try await screen.quit()
  }

  @Test("space and p pause and go on", arguments: ["Space", "p"])
  func pause(key: String) async throws {
    let screen = try await PlayedScreen(recording())
    try await screen.expect([], status("paused", 0))
    try await screen.press(key)
    try await screen.expect("playing") { $0.first == "start" && $0.last?.hasPrefix(" playing 0:0") == true }
    try await screen.press(key)
    try await screen.expect("paused") { $0.first == "start" && $0.last?.hasPrefix(" paused 0:0") == true }
    // It stands: where it went to is where it stays.
    try await screen.press("g")
    try await screen.expect(["start"], status("paused", 0))
    try await screen.quit()
  }

  @Test("? shows the keys and s hides the status line, each until pressed again")
  func help() async throws {
    let screen = try await PlayedScreen(recording())
    try await screen.press(".", ".", "?")
    try await screen.expect("the keys") { lines in
      lines.first == "start" && lines.last == status("paused", 0)
        && lines.suffix(7).dropLast() == [
          "space p   pause                      } {       twice, half as fast",
          "DEL       speed as recorded          . ,       next, last event",
          "right left  5 seconds on, back       12:30G    go to that time",
          "g G       start, end                 /text     search; n N again, backwards",
          "i         skip idle time             h j k l   move a screen that is too large",
          "s         status line                q         quit",
        ]
    }
    try await screen.press("?")
    try await screen.expect(["start"], status("paused", 0))
    try await screen.press("s")
    try await screen.expect("no status line") { $0.first == "start" && $0.dropFirst().allSatisfy(\.isEmpty) }
    try await screen.press("s")
    try await screen.expect(["start"], status("paused", 0))
    try await screen.quit()
  }

  @Test("h j k l move a screen that is larger than the terminal, as far as it goes")
  func pan() async throws {
    let rows = (10..<60).map { "\($0) " + String(repeating: ".", count: 110) + " end" }
    var header = MadeLog.Header()
    header.window = "120x50"
    let screen = try await PlayedScreen(MadeLog([(0, rows.joined(separator: "\r\n"))], header: header))
    let status = " end 0:00.0/0:00.0 recorded 120x50, move by hjkl  2023-11-14 22:13:20Z  ? help"
    try await screen.press(".", ".")
    // Columns and rows that were moved by. The terminal shows 90 of 120, and 35 of 50 above its status line.
    for (key, column, row) in [
      ("h", 0, 0), ("k", 0, 0), ("l", 8, 0), ("l", 16, 0), ("h", 8, 0), ("j", 8, 4), ("j", 8, 8), ("k", 8, 4),
      ("l", 16, 4), ("l", 24, 4), ("l", 30, 4), ("l", 30, 4), ("j", 30, 8), ("j", 30, 12), ("j", 30, 15), ("j", 30, 15),
    ] {
      try await screen.press(key)
      let shown = rows[row..<(row + 35)].map { PlayedScreen.trimmed(String($0.dropFirst(column).prefix(90))) }
      try await screen.expect(shown, status, after: "\(key) to \(column), \(row)")
    }
    try await screen.quit()
  }

  @Test("keys that mean nothing do nothing, even with a terminal's answers among them")
  func others() async throws {
    let screen = try await PlayedScreen(recording())
    try await screen.press(".", ".", "a", "Z", "Up", "Down", "F5", "Home", "PPage", "C-a", "Tab")
    try await screen.press("Escape", "[", "?", "6", "4", ";", "1", "c", "Escape", "]", "5", "2", ";", "q", "C-g")
    try await screen.press(".")
    try await screen.expect(["start", "one"], status("paused", 1))
    try await screen.quit()
  }
}
