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
}
