import TestSupport
import Testing

/// THREATS 20: the auditor's terminal is a pty here, and the test answers on it as an xterm would.
@Suite("THREATS 20: a recording that asks the auditor's terminal gets no answer", .inTurn)
struct PlayQueriesTests {
  private static let ours = Surroundings.ours("tlog-play")

  /// Queries (xterm's ctlseqs), and what an xterm sends as if it were typed.
  private static let queries: [(query: String, answer: String)] = [
    ("\u{5}", "xterm"),
    ("\u{1b}[c", "\u{1b}[?64;1;2;6;9;15;16;17;18;21;22;28c"),  // DA1
    ("\u{1b}Z", "\u{1b}[?64;1;2c"),  // DECID
    ("\u{1b}[>c", "\u{1b}[>41;379;0c"),  // DA2
    ("\u{1b}[=c", "\u{1b}P!|00000000\u{1b}\\"),  // DA3
    ("\u{1b}[5n", "\u{1b}[0n"),  // DSR
    ("\u{1b}[6n", "\u{1b}[1;1R"),  // CPR
    ("\u{1b}[?6n", "\u{1b}[?1;1R"),  // DECXCPR
    ("\u{1b}[?15n", "\u{1b}[?13n"),  // printer
    ("\u{1b}[x", "\u{1b}[2;1;1;128;128;1;0x"),  // DECREQTPARM
    ("\u{1b}[?25$p", "\u{1b}[?25;1$y"),  // DECRQM
    ("\u{1b}[>q", "\u{1b}P>|XTerm(379)\u{1b}\\"),  // XTVERSION
    ("\u{1b}[18t", "\u{1b}[8;30;100t"), ("\u{1b}[21t", "\u{1b}]lq\u{1b}\\"),  // size, title
    ("\u{1b}]52;c;?\u{7}", "\u{1b}]52;c;cQ==\u{7}"),  // pasteboard
    ("\u{1b}]10;?\u{1b}\\", "\u{1b}]10;rgb:0000/0000/0000\u{1b}\\"),  // colour
    ("\u{1b}]4;1;?\u{7}", "\u{1b}]4;1;rgb:cdcd/0000/0000\u{7}"),
    ("\u{1b}P$qm\u{1b}\\", "\u{1b}P1$r0m\u{1b}\\"),  // DECRQSS
    ("\u{1b}P+q544e\u{1b}\\", "\u{1b}P1+r544e=787465726d\u{1b}\\"),  // XTGETTCAP
    ("\u{1b}[?u", "\u{1b}[?0u"), ("\u{1b}[1;1;1;1;1;1*y", "\u{1b}P1!~0000\u{1b}\\"),  // keyboard, DECRQCRA
  ]

  /// Does what an xterm does with what the program sent so far.
  ///
  /// - Returns: The queries that were in it, each once.
  private func answer(_ program: DrivenProgram) async throws -> [String] {
    var answered: [String] = []
    for (query, answer) in Self.queries where program.text.unicodeScalars.contains(query) {
      answered.append(query.debugDescription)
      if try program.isRunning() { try await program.type(answer) }
    }
    return answered
  }

  /// Every query twice: whole in one message, and split over two.
  private func recording() throws -> MadeLog {
    let pieces = Self.queries.flatMap { query, _ in [query, String(query.prefix(1)), String(query.dropFirst()) + "."] }
    return try MadeLog((["before\r\n"] + pieces + ["\r\nafter\r\n"]).map { (0, $0) })
  }

  @Test("THREATS 20: no query of a recording reaches the terminal it is played on, and none is answered")
  func played() async throws {
    let log = try recording()
    let player = try DrivenProgram(
      onTerminal: [Self.ours, "--paused", "-i", log.path], columns: 100, rows: 30)
    try await player.expect("paused")
    // On to the end in steps, back in between, and to the end at once.
    for keys in [String(repeating: ".", count: 30), ",,,", "G"] {
      try await player.type(keys)
      #expect(try await answer(player) == [])
    }
    try await player.expect("after")
    try await player.type("q")
    #expect(try await player.end() == .status(0))
    #expect(try await answer(player) == [])
  }

  @Test("THREATS 20: no query gets through --raw to a terminal, but with --unsafe all do")
  func raw() async throws {
    let log = try recording()
    let filtered = try DrivenProgram(onTerminal: [Self.ours, "--raw", "-i", log.path], columns: 100, rows: 30)
    #expect(try await filtered.end() == .status(0))
    #expect(filtered.text.contains("after"))
    #expect(try await answer(filtered) == [])
    // The same questions are seen where nothing keeps them back.
    let unsafe = try DrivenProgram(
      onTerminal: [Self.ours, "--raw", "--unsafe", "-i", log.path], columns: 100, rows: 30)
    #expect(try await unsafe.end() == .status(0))
    #expect(try await answer(unsafe).count == Self.queries.count)
  }
}

extension String.UnicodeScalarView {
  /// Scalar by scalar: a control and what follows it may be one Character.
  fileprivate func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    let all = Array(String(self).utf8)
    guard all.count >= wanted.count else { return false }
    return (0...(all.count - wanted.count)).contains { all[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }
}
