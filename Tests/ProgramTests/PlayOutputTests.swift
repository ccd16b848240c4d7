import Foundation
import TestSupport
import Testing

/// What `tlog-play` and `steno` print at once, and what they end with.
@Suite("What is printed of a recording, and where to", .inTurn)
struct PlayOutputTests {
  private static let player = Surroundings.ours("tlog-play")
  private static let steno = Surroundings.ours("steno")
  private static let output = "hello \u{1b}]52;c;aGk=\u{7}\u{1b}[c\u{1b}]0;title\u{7}\u{1b}[1mbold\u{1b}[0m\r\n"
  /// What a player writes last where output is no terminal.
  private static let end = "\u{1b}[0m\u{1b}[?25h\n\0"

  private func recording() throws -> MadeLog {
    try MadeLog(parts: [
      MadeLog.Part(milliseconds: 0, output: "$ "), MadeLog.Part(milliseconds: 10, input: "ls\u{1b}"),
      MadeLog.Part(milliseconds: 20, output: Self.output),
    ])
  }

  private func run(
    _ program: String, _ arguments: [String], input: DrivenProgram.Input = .nothing, expecting status: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> DrivenProgram {
    let program = try DrivenProgram(onPipes: [program] + arguments, input: input)
    #expect(try await program.end() == .status(status), "\(arguments)", sourceLocation: sourceLocation)
    return program
  }

  @Test("steno says what it can do, also into a pipe")
  func help() async throws {
    for words in [["--help"], ["admin", "--help"], ["admin", "user", "add", "--help"]] {
      #expect(try await run(Self.steno, words).text.contains("USAGE: steno"))
    }
    #expect(try await run(Self.steno, ["--version"]).text.hasPrefix("steno "))
  }

  // MARK: tlog-play

  @Test("--text prints what was on the screen, and --input what was typed, as visible text")
  func text() async throws {
    let log = try recording()
    #expect(try await run(Self.player, ["--text", "-i", log.path]).text == "$ hello bold\n")
    let typed = try await run(Self.player, ["--raw", "--input", "-i", log.path])
    #expect(typed.text == "$ ⟨ls\\u{1b}⟩" + Self.output)
  }

  @Test("--raw to a pipe is what was recorded")
  func rawToPipe() async throws {
    let log = try recording()
    #expect(try await run(Self.player, ["--raw", "-i", log.path]).text == "$ " + Self.output)
  }

  @Test("--raw to a terminal lets text and colours through; --unsafe lets all through")
  func rawToTerminal() async throws {
    let log = try recording()
    let filtered = try DrivenProgram(onTerminal: [Self.player, "--raw", "-i", log.path])
    #expect(try await filtered.end() == .status(0))
    #expect(filtered.text.contains("\u{1b}[1mbold"))
    for part in ["\u{1b}]", "aGk=", "\u{1b}[c", "title"] { #expect(!filtered.text.contains(part), "\(part)") }
    let unsafe = try DrivenProgram(onTerminal: [Self.player, "--raw", "--unsafe", "-i", log.path])
    #expect(try await unsafe.end() == .status(0))
    for part in ["\u{1b}]52;c;aGk=\u{7}", "\u{1b}[c", "\u{1b}]0;title\u{7}"] {
      #expect(unsafe.text.contains(part), "\(part)")
    }
  }

  @Test("a small file that expands to 200 MB is refused within 40 MB of memory", arguments: ["gzip", "zstd"])
  func bomb(program: String) async throws {
    let scratch = try ScratchDirectory()
    let script = """
      truncate -s 200000000 zeros; \(program) -c zeros >bomb; rm zeros
      [ $(stat -c %s bomb) -lt 400000 ] || exit 9
      ulimit -v 40000; exec \(Self.player) --raw -i bomb
      """
    let player = try DrivenProgram(onPipes: ["/bin/sh", "-c", script], directory: scratch.path)
    #expect(try await player.end() == .status(1))
    #expect(player.errorText.hasPrefix("Message line is longer than 1048576 bytes\n"), "\(player.errorText)")
  }

  @Test("--show-dropped counts what was kept from the terminal")
  func dropped() async throws {
    let log = try recording()
    let shell = "exec \(Self.player) --raw --show-dropped -i \(log.path) 2>\(log.scratch.file("dropped"))"
    let player = try DrivenProgram(onTerminal: ["/bin/sh", "-c", shell])
    #expect(try await player.end() == .status(0))
    let lines = Set(log.scratch.text("dropped").split(separator: "\n"))
    #expect(lines == ["1\tCSI c", "1\tOSC 0", "1\tOSC 52"])
  }

  @Test("--input shows what was typed at the foot of the terminal", .needs("tmux"))
  func inputOnTerminal() async throws {
    let screen = try await PlayedScreen(recording(), "--input")
    try await screen.press(".", ".", ".")
    try await screen.expect("what was typed") { $0.first == "$" && $0.dropLast().last == " typed: ls\\u{1b}" }
    try await screen.quit()
  }

  @Test("a list spells out the controls of names, and those that turn text around")
  func hostileNames() async throws {
    var header = MadeLog.Header()
    header.recording = "r\u{7}"
    header.user = "u\u{1b}]0;a\u{7}\u{2066}"
    header.host = "h\u{202e}x\u{9b}31m"
    header.terminal = "\u{1b}[c\u{202e}"
    let log = try MadeLog([(0, "a")], header: header)
    for (program, arguments) in [(Self.player, ["--list", "--utc", "-i"]), (Self.steno, ["ls", "--utc"])] {
      let lines = try await run(program, arguments + [log.path]).text.split(separator: "\n")
      try #require(lines.count == 2)
      let words = lines[1].split(separator: " ")
      #expect(words.prefix(3) == ["r\\u{7}", "u\\u{1b}]0;a\\u{7}\\u{2066}", "h\\u{202e}x\\u{9b}31m"])
    }
  }

  @Test(
    "whatever standard input is, all is played",
    arguments: [DrivenProgram.Input.nothing, .closed, .pipe], [["play"], ["play", "--goto=end"]])
  func input(input: DrivenProgram.Input, arguments: [String]) async throws {
    let log = try recording()
    let player = try await run(Self.steno, arguments + [log.path], input: input)
    #expect(player.text == "$ " + Self.output + Self.end)
    #expect(player.errorText == "")
  }

  @Test("a recording may come through a pipe, in pieces, and late; what comes there are no keys")
  func piped() async throws {
    // As a key, the first q would end it.
    let log = try MadeLog([(0, "q$ "), (20, Self.output)])
    let bytes = log.scratch.bytes("log")
    let (program, path) = (Self.player, "/dev/stdin")
    for (arguments, expected) in [
      (["-i", path], "q$ " + Self.output + Self.end), (["--raw", "-i", path], "q$ " + Self.output),
      (["--text", "-i", path], "q$ hello bold\n"),
    ] {
      let player = try DrivenProgram(onPipes: [program] + arguments, input: .pipe)
      try await feed(bytes, to: player)
      #expect(try await player.end() == .status(0))
      #expect(player.text == expected, "\(arguments)")
    }
    for (program, arguments) in [(program, ["--list", "-i"]), (Self.steno, ["ls"])] {
      let lister = try DrivenProgram(onPipes: [program] + arguments + [path], input: .pipe)
      try await feed(bytes, to: lister)
      #expect(try await lister.end() == .status(0))
      #expect(lister.text.split(separator: "\n").map { $0.prefix { $0 != " " } } == ["recording", "r"])
    }
  }

  /// Gives a program its input in two halves, each once it waits for it.
  private func feed(_ bytes: [UInt8], to program: DrivenProgram) async throws {
    for half in [bytes.prefix(bytes.count / 2), bytes.dropFirst(bytes.count / 2)] {
      try await program.until("wait for input") { ProcessFacts(program.pid)?.state == "S" }
      try await program.send(Array(half))
    }
    program.closeInput()
  }

  // MARK: steno

  @Test("steno ls lists files and folders, as text and as JSON")
  func lists() async throws {
    var header = MadeLog.Header()
    header.recording = "other"
    header.user = "\u{202e}"
    let logs = try [recording(), MadeLog([(0, "a"), (5000, "b")], header: header)]
    let both = try await run(Self.steno, ["ls"] + logs.map(\.path)).text.split(separator: "\n")
    #expect(both.map { $0.prefix { $0 != " " } } == ["recording", "r", "other"])
    // A folder's files, but for those that hide.
    try logs[1].scratch.write(".hidden", logs[0].scratch.bytes("log"))
    let found = try await summaries(logs[1].scratch.path)
    #expect(found.count == 1)
    #expect(found[0]["user"] as? String == "\u{202e}")
  }

  private func summaries(_ words: String...) async throws -> [[String: Any]] {
    let json = try await run(Self.steno, ["ls", "--json"] + words).text
    return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
  }

  @Test("steno ls --json describes a file's recordings with a centre's keys, ids and times")
  func summary() async throws {
    let scratch = try ScratchDirectory()
    try scratch.write("log", [Self.startLine, Self.dataLine, Self.endLine].joined())
    let found = try #require(try await summaries(scratch.file("log")).first)
    let texts = [
      "rec": "r-1", "host": "h1", "user": "u", "start": "2025-11-25T08:00:00.000Z", "end": "2025-11-25T08:00:02.500Z",
      "state": "complete", "trust": "trusted", "term": "xterm", "tty": "/dev/pts/1", "cmd": "bash", "why": "exit",
      // base32(SHA-256("h1", 0, "r-1")), as a centre names it.
      "id": Self.id,
    ]
    for (key, text) in texts { #expect(found[key] as? String == text, "\(key)") }
    let numbers = [
      "duration_ms": 2500, "messages": 3, "exit": 7, "columns": 80, "rows": 24, "gaps": 0,
      "bytes": (Self.startLine + Self.dataLine + Self.endLine).utf8.count,
    ]
    for (key, number) in numbers { #expect(found[key] as? Int == number, "\(key)") }
    #expect(found["has_input"] as? Bool == false)
    #expect(Set(found.keys) == Set(texts.keys).union(numbers.keys).union(["has_input"]))
    // Two messages are missing, and something was typed.
    try scratch.write("log", Self.startLine + Self.line(4, #""prev":"","off":19"#, timing: "<1"))
    let broken = try #require(try await summaries(scratch.file("log")).first)
    #expect(broken["gaps"] as? Int == 2 && broken["has_input"] as? Bool == true && broken["columns"] as? Int == 0)
    // Without its end nobody knows how it ended.
    try scratch.write("log", Self.startLine + Self.dataLine)
    let open = try #require(try await summaries(scratch.file("log")).first)
    #expect(open["state"] as? String == "abandoned" && open["why"] == nil && open["duration_ms"] as? Int == 2500)
  }

  private static let id = "e2h7hrxd2l25cjp7"
  private static let startLine = line(
    1,
    #""kind":"start","prev":"","off":9,"uid":0,"loginuid":0,"parent":"","tty":"/dev/pts/1","cmd":"bash","#
      + #""trust":"trusted","guard":"full""#)
  private static let dataLine = line(2, #""prev":"","off":19"#, timing: "=80x24>2+1500>3+1000", output: "hello")
  private static let endLine = line(
    3, #""kind":"end","prev":"","off":29,"exit":7,"why":"exit","in_bytes":0,"out_bytes":5"#, milliseconds: 2500)

  private static func line(
    _ seq: Int, _ more: String, timing: String = "", output: String = "", milliseconds: Int = 0
  ) -> String {
    let time = milliseconds == 0 ? "1764057600.000" : "1764057602.500"
    return #"{"ver":"2.4","host":"h1","rec":"r-1","user":"u","term":"xterm","session":1,"id":\#(seq),"#
      + #""pos":\#(milliseconds),"time":\#(time),"timing":"\#(timing)","in_txt":"","in_bin":[],"#
      + #""out_txt":"\#(output)","out_bin":[],\#(more)}"# + "\n"
  }

  @Test("steno show and steno export take a file that holds one recording, and refuse one that holds several")
  func oneOrSeveral() async throws {
    let scratch = try ScratchDirectory()
    let lines = [Self.startLine, Self.dataLine, Self.endLine].joined()
    try scratch.write("one", lines)
    let shown = try await run(Self.steno, ["show", "--utc", scratch.file("one")]).text
    for row in ["id        \(Self.id)", "duration  0:02", "why       exit, exit status 7", "trust     trusted"] {
      #expect(shown.split(separator: "\n").contains { $0 == row }, "\(row)")
    }
    for (form, text) in [("tlog", lines), ("raw", "hello"), ("text", "hello\n")] {
      #expect(try await run(Self.steno, ["export", "--format", form, scratch.file("one")]).text == text)
    }
    try scratch.write("two", lines + Self.startLine.replacing("r-1", with: "r-2"))
    for words in [["show"], ["export", "--format", "raw"], ["export", "--format", "tlog"]] {
      let program = try await run(Self.steno, words + [scratch.file("two")], expecting: 1)
      #expect(program.text == "")
      #expect(program.errorText.contains("it holds 2 recordings, and one is needed\nhint: "))
    }
    // What is damaged comes out as far as it can be read, and the status says so.
    try scratch.write("torn", Self.startLine + Self.dataLine + "{\n" + Self.endLine)
    let torn = try await run(Self.steno, ["export", "--format", "raw", scratch.file("torn")], expecting: 1)
    #expect(torn.text == "hello")
  }

  @Test("the columns of a list stand under each other, however wide or narrow the characters of names are")
  func columns() async throws {
    let logs = try ["plain", "日本", "e\u{301}e\u{301}"].map { user in
      var header = MadeLog.Header()
      header.recording = user
      header.user = user
      return try MadeLog([(0, "a")], header: header)
    }
    let lines = try await run(Self.steno, ["ls", "--utc"] + logs.map(\.path)).text.split(separator: "\n")
    let times = "2023-11-14 22:13:20Z  2023-11-14 22:13:20Z  1         abandoned"
    #expect(
      lines.dropFirst() == [
        "plain      plain  h     \(times)", "日本       日本   h     \(times)",
        "e\u{301}e\u{301}         e\u{301}e\u{301}     h     \(times)",
      ])
  }

  @Test("steno ends with 0 when done, 1 when it failed, 2 when misused, 3 when nothing was found")
  func statuses() async throws {
    let log = try recording()
    for (arguments, status) in [
      (["help"], 0), (["--version"], 0), ([], 0), (["ls", log.path], 0), (["play", log.path], 0),
      (["play", "--text", log.path], 0),
      (["ls", "/nowhere"], 1), (["play", "/nowhere"], 1), (["nothing"], 2), (["ls"], 2), (["ls", "--no"], 2),
      (["play"], 2), (["play", "--speed=x", log.path], 2), (["ls", "/dev/null"], 3),
      (["ls", "--json", "/dev/null"], 3),
    ] as [([String], Int32)] {
      let program = try await run(Self.steno, arguments, expecting: status)
      #expect(status == 0 || status == 3 ? program.errorText == "" : program.errorText != "", "\(arguments)")
    }
  }
}
