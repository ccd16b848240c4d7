import Events
import Screen
import Testing

/// What can be scrolled back to.
@Suite struct ScrollbackTests {
  private func emulator(columns: UInt16 = 10, rows: UInt16 = 3, lines: Int = 100) -> Terminal {
    let terminal = Terminal(columns: columns, rows: rows)
    terminal.keepScrollback(lines: lines)
    return terminal
  }

  private func texts(_ lines: [StyledLine]) -> [String] {
    lines.map { line in line.runs.map { String(decoding: $0.text, as: UTF8.self) }.joined() }
  }

  @Test("lines that left at the top are kept, and the screen is what is left")
  func scrolled() {
    let terminal = emulator()
    terminal.feed("one\r\ntwo\r\nthree\r\nfour\r\n")
    #expect(texts(terminal.scrollbackLines) == ["one", "two"])
    #expect(texts(terminal.screenLines) == ["three", "four"])
  }

  @Test("a line that wrapped is one line, also when its end is still on the screen")
  func wrapped() {
    let terminal = emulator()
    terminal.feed("0123456789abc\r\nx\r\ny\r\n")
    #expect(texts(terminal.scrollbackLines) == ["0123456789abc"])
    let half = emulator()
    half.feed("0123456789abcdefghij01234567890123456789")
    #expect(texts(half.scrollbackLines) == ["0123456789"])
    #expect(texts(half.screenLines) == ["abcdefghij01234567890123456789"])
  }

  @Test("text keeps its style, in runs")
  func styled() {
    let terminal = emulator()
    terminal.feed("a\u{1b}[1;31mbc\u{1b}[m漢\r\n\r\n\r\n")
    let runs = terminal.scrollbackLines.first?.runs ?? []
    #expect(runs.map { String(decoding: $0.text, as: UTF8.self) } == ["a", "bc", "漢"])
    #expect(runs.map(\.style.foreground) == [.standard, .indexed(1), .standard])
    #expect(runs.map { $0.style.attributes.contains(.bold) } == [false, true, false])
  }

  @Test("the alternate screen, deleted lines and lower regions leave nothing to scroll back to")
  func others() {
    let terminal = emulator()
    terminal.feed("\u{1b}[?1049h1\r\n2\r\n3\r\n4\r\n")
    #expect(terminal.isAlternateScreen)
    terminal.feed("\u{1b}[?1049l\u{1b}[Hone\r\ntwo\u{1b}[H\u{1b}[M")
    terminal.feed("\u{1b}[2;3r\u{1b}[3H\n\n\n\u{1b}[r")
    #expect(terminal.scrollbackLines.isEmpty)
    terminal.feed("\u{1b}[H\u{1b}[S")
    #expect(terminal.scrollbackLines.count == 1)
  }

  @Test("no more lines are kept than were asked for, the newest ones")
  func bounded() {
    let terminal = emulator(lines: 5)
    for number in 0..<1000 { terminal.feed("\(number)\r\n") }
    #expect(texts(terminal.scrollbackLines) == (993..<998).map { "\($0)" })
  }
}
