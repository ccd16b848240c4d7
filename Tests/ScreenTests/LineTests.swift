import Screen
import Testing

/// Lines as they come to rest, with their times.
@Suite struct LineTests {
  private final class Notes: LineObserver {
    var lines: [String] = []
    var strings: [String] = []

    func settled(line text: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64) {
      lines.append("\(milliseconds) \(String(decoding: text, as: UTF8.self))")
    }

    func received(osc: [UInt8], isCut: Bool) { strings.append(String(decoding: osc, as: UTF8.self)) }
  }

  private func observed(columns: UInt16 = 20, rows: UInt16 = 3) -> (Terminal, Notes) {
    let (terminal, notes) = (Terminal(columns: columns, rows: rows), Notes())
    terminal.report(to: notes)
    return (terminal, notes)
  }

  @Test("a line that scrolls off is reported with the time it was written")
  func scroll() {
    let (terminal, notes) = observed()
    terminal.feed("one\r\n", at: 10)
    terminal.feed("two\r\nthree\r\nfour", at: 20)
    #expect(notes.lines == ["10 one"])
  }

  @Test("a line that stays is reported once, when it has stayed long enough")
  func settles() {
    let (terminal, notes) = observed()
    terminal.feed("one\r\n", at: 10)
    terminal.feed("x", at: 9 + Emulator.settleMilliseconds)
    #expect(notes.lines.isEmpty)
    terminal.feed("y", at: 10 + Emulator.settleMilliseconds)
    #expect(notes.lines == ["10 one"])
    terminal.feed("\u{1b}[2J", at: 11 + Emulator.settleMilliseconds)
    #expect(notes.lines == ["10 one", "\(10 + Emulator.settleMilliseconds) xy"])
    terminal.reportAll()
    #expect(notes.lines.count == 2)
  }

  @Test("a line that was reported and changes is reported again, as it is then")
  func changes() {
    let (terminal, notes) = observed()
    terminal.feed("one", at: 0)
    terminal.feed("\u{1b}[m", at: 5000)
    terminal.feed(" more", at: 5001)
    terminal.reportAll()
    #expect(notes.lines == ["0 one", "5001 one more"])
  }

  @Test("a typed line is reported as it ended")
  func corrections() {
    let (terminal, notes) = observed()
    for (time, key) in ["l", "x", "\u{8} \u{8}", "s", "\r\n"].enumerated() { terminal.feed(key, at: UInt64(time)) }
    terminal.reportAll()
    #expect(notes.lines == ["3 ls"])
  }

  @Test("erasing, switching the screen, a reset and a resize report what goes")
  func goes() {
    for what in ["\u{1b}[2J", "\u{1b}[2K", "\u{1b}[?1049h", "\u{1b}c", "\u{1b}#8", "\u{1b}[M"] {
      let (terminal, notes) = observed()
      terminal.feed("one", at: 1)
      terminal.feed(what, at: 2)
      #expect(notes.lines == ["1 one"], "\(what.debugDescription)")
    }
    let (terminal, notes) = observed()
    terminal.feed("one", at: 1)
    terminal.resize(columns: 10, rows: 2)
    #expect(notes.lines == ["1 one"])
  }

  @Test("lines that only move are not reported again")
  func moves() {
    let (terminal, notes) = observed()
    terminal.feed("one\r\ntwo\r\nthree", at: 1)
    terminal.feed("\u{1b}[m", at: 9000)
    terminal.feed("\r\nfour", at: 9001)
    terminal.feed("\u{1b}[m", at: 20000)
    #expect(notes.lines == ["1 one", "1 two", "1 three", "9001 four"])
  }

  @Test("OSC strings are handed on beside the screen")
  func strings() {
    let (terminal, notes) = observed()
    terminal.feed("\u{1b}]8;;http://x\u{1b}\\a\u{1b}]133;A\u{7}\u{1b}]52;c;aGk=\u{7}")
    #expect(notes.strings == ["8;;http://x", "133;A", "52;c;aGk="])
    #expect(terminal.lines[0] == "a")
  }

  @Test("the version of a row grows when it changes, and only then")
  func versions() {
    let terminal = Terminal(columns: 10, rows: 3)
    let before = (0..<3).map { terminal.version(ofRow: $0) }
    terminal.feed("\u{1b}[2;1Hx")
    #expect(terminal.version(ofRow: 0) == before[0])
    #expect(terminal.version(ofRow: 1) > before[1])
    #expect(terminal.version(ofRow: 2) == before[2])
    let after = (0..<3).map { terminal.version(ofRow: $0) }
    terminal.feed("\u{1b}[?1049h")
    for row in 0..<3 { #expect(terminal.version(ofRow: row) > after[row]) }
  }

  // MARK: - Lines over several rows

  @Test("a line that wraps is the line that was written, on the screen and when it is reported")
  func wraps() {
    let (terminal, notes) = observed(columns: 10, rows: 4)
    terminal.feed("0123456789abc\r\nx", at: 1)
    #expect(terminal.unwrapped == ["0123456789abc", "x"])
    terminal.feed("\u{1b}[m", at: 5000)
    #expect(notes.lines == ["1 0123456789abc", "1 x"])
    terminal.reportAll()
    #expect(notes.lines.count == 2)
  }

  @Test("spaces at the end of a row that goes on are part of the line, room that a wide character left is not")
  func spaces() {
    let terminal = Terminal(columns: 10, rows: 4)
    terminal.feed("12345678  ab\r\n1234567 x界")
    #expect(terminal.unwrapped == ["12345678  ab", "1234567 x界"])
  }

  @Test("a line that leaves the screen row by row is reported once, whole, at its end")
  func scrollsOff() {
    let (terminal, notes) = observed(columns: 10, rows: 2)
    for (time, digit) in "0123456789".enumerated() {
      terminal.feed(String(repeating: digit, count: 10), at: UInt64(time))
    }
    #expect(notes.lines.isEmpty)
    let line = "0123456789".map { String(repeating: $0, count: 10) }.joined()
    terminal.feed("\r\n\n", at: 20)
    #expect(notes.lines == ["9 \(line)"])
    terminal.reportAll()
    #expect(notes.lines.count == 1)
  }

  @Test("a line that settles while its start has left the screen is reported whole, and again when it goes on")
  func settlesInPart() {
    let (terminal, notes) = observed(columns: 4, rows: 2)
    terminal.feed("aaaabbbbcc", at: 1)
    terminal.feed("d", at: 5000)
    terminal.feed("\r\n\n", at: 5001)
    #expect(notes.lines == ["1 aaaabbbbcc", "5000 aaaabbbbccd"])
  }

  @Test("a line that wraps for ever is reported in pieces of a bounded length")
  func endless() {
    let (terminal, notes) = observed(columns: 100, rows: 3)
    let bytes = [UInt8](repeating: 0x61, count: 3 * Emulator.lineHeadByteCountMax)
    terminal.feed(bytes, at: 1)
    terminal.reportAll()
    #expect(notes.lines.count == 3)
    #expect(notes.lines.allSatisfy { $0.utf8.count <= Emulator.lineHeadByteCountMax + 400 })
    #expect(notes.lines.map { $0.utf8.count - 2 }.reduce(0, +) == bytes.count)
  }

  @Test(
    "what changes the last column of a row or erases the start of the next ends the line there",
    arguments: [
      "\u{1b}[1;9H\u{1b}[K", "\u{1b}[1;10HX", "\u{1b}[1;1H\u{1b}[P", "\u{1b}[1;1H\u{1b}[@", "\u{1b}[2;1H\u{1b}[K",
      "\u{1b}[2;1H\u{1b}[L", "\u{1b}[2;3r\u{1b}[S", "\u{1b}[2;3r\u{1b}[T", "\u{1b}[ @", "\u{1b}[2J\u{1b}[1;1Hab",
    ])
  func ends(what: String) {
    let terminal = Terminal(columns: 10, rows: 4)
    terminal.feed("0123456789abc\(what)\u{1b}[2;5Hz")
    #expect(terminal.unwrapped.count > 1)
  }

  @Test("a command line that readline wraps with a space and CR is one line")
  func readline() {
    let (terminal, notes) = observed(columns: 20, rows: 3)
    terminal.feed("$ echo 0123456789012 \r34567890\r\n", at: 1)
    terminal.reportAll()
    #expect(notes.lines == ["1 $ echo 012345678901234567890"])
  }

  @Test("a resize keeps lines together, and reports none that stays")
  func resizes() {
    let (terminal, notes) = observed(columns: 10, rows: 3)
    terminal.feed("0123456789abc", at: 1)
    terminal.resize(columns: 20, rows: 4)
    #expect(terminal.unwrapped == ["0123456789abc"])
    #expect(notes.lines.isEmpty)
    terminal.feed("d", at: 2)
    terminal.resize(columns: 10, rows: 1)
    terminal.reportAll()
    #expect(notes.lines == ["2 0123456789abcd"])
  }

  @Test("lines are reported the same however the stream is cut, and the window stated before each piece")
  func pieces() {
    var random = RandomOutput(seed: 7)
    for _ in 0..<100 {
      let bytes = random.bytes(pieces: 40) + [0x18]
      let (whole, all) = observed(columns: 10, rows: 4)
      whole.feed(bytes)
      whole.reportAll()
      for size in pieceSizes {
        let (terminal, notes) = observed(columns: 10, rows: 4)
        terminal.feed(bytes, inPiecesOf: size)
        terminal.reportAll()
        #expect(notes.lines == all.lines)
      }
    }
  }

  @Test(
    "a window that is stated again changes nothing: margins, pending wrap and what REP repeats stay, no line is reported"
  )
  func restated() {
    let (terminal, notes) = observed(columns: 10, rows: 4)
    terminal.feed("\u{1b}[1;3rab")
    let version = terminal.version(ofRow: 0)
    terminal.resize(columns: 10, rows: 4)
    #expect(terminal.version(ofRow: 0) == version && notes.lines.isEmpty)
    terminal.feed("\u{1b}[2b")
    #expect(terminal.lines[0] == "abbb")
    terminal.feed("\u{1b}[3;1H0123456789")
    terminal.resize(columns: 10, rows: 4)
    terminal.feed("x")
    #expect(terminal.lines == ["", "0123456789", "x", ""])
  }

  @Test("a resize resets margins and origin mode, and keeps tab stops and pending wrap")
  func resizeAsXterm() {
    let terminal = Terminal(columns: 10, rows: 4)
    terminal.feed("\u{1b}[3g\u{1b}[4G\u{1b}H\u{1b}[2;3r\u{1b}[?6h\u{1b}[1;1H0123456789")
    terminal.resize(columns: 12, rows: 4)
    terminal.feed("x")
    #expect(terminal.lines == ["", "0123456789", "x", ""])
    terminal.feed("\u{1b}[1;1H\ty\tz")
    #expect(terminal.lines[0] == "   y       z")
  }
}
