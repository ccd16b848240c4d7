import Events
import Screen
import Testing

/// THREATS 22: what comes in is hostile.
@Suite struct BoundsTests {
  @Test("THREATS 22: a window of any size is cut to 512 by 256, and an unknown one is 80 by 24")
  func windows() {
    #expect(Terminal(columns: 65535, rows: 65535).window == Window(columns: 512, rows: 256))
    #expect(Terminal(columns: 1, rows: 1).window == Window(columns: 1, rows: 1))
    for (columns, rows): (UInt16, UInt16) in [(0, 0), (0, 50), (100, 0)] {
      #expect(Terminal(columns: columns, rows: rows).window == .usual)
      let terminal = Terminal(columns: 10, rows: 5)
      terminal.resize(columns: columns, rows: rows)
      #expect(terminal.window == .usual)
    }
    let terminal = Terminal()
    terminal.resize(columns: 65535, rows: 1)
    #expect(terminal.window == Window(columns: 512, rows: 1))
  }

  @Test("THREATS 22: a million combining characters leave six code points in a cell")
  func combining() {
    let terminal = Terminal(columns: 10, rows: 3)
    terminal.feed("a")
    let marks = [[UInt8]](repeating: [0xcc, 0x81], count: 100_000).flatMap { $0 }
    for _ in 0..<10 { terminal.feed(marks) }
    #expect(terminal.cell(0, 0).text.unicodeScalars.count == Cell.scalarsMax)
    #expect(terminal.cursor.column == 1)
  }

  @Test("THREATS 22: cells with clusters and styles of their own, many screens full, stay right")
  func tables() {
    let terminal = Terminal(columns: 40, rows: 10)
    for number in 0..<20_000 {
      terminal.feed("\u{1b}[38;2;\(number >> 8);\(number & 255);7me\u{301}")
    }
    let last = terminal.cell(39, 9)
    #expect(last.text == "e\u{301}")
    #expect(last.style.foreground == .rgb(78, 31, 7))
    #expect(terminal.cell(0, 0).style.foreground == .rgb(76, 144, 7))
    #expect(terminal.resumed().cells == terminal.cells)
  }

  @Test("THREATS 22: a string without an end is kept to its bound, and ends where it is broken off")
  func strings() {
    let terminal = Terminal()
    terminal.feed("\u{1b}]0;")
    for _ in 0..<10 { terminal.feed([UInt8](repeating: 0x61, count: 100_000)) }
    #expect(!terminal.isBetweenSequences)
    terminal.feed("\u{7}b")
    #expect(terminal.title.utf8.count == Emulator.titleByteCountMax)
    #expect(terminal.lines[0] == "b")
  }

  @Test("a title is cut between characters")
  func titles() {
    let terminal = Terminal()
    terminal.feed("\u{1b}]2;" + String(repeating: "界", count: 1000) + "\u{7}")
    #expect(terminal.title == String(repeating: "界", count: Emulator.titleByteCountMax / 3))
    terminal.feed("\u{1b}]2;a\u{1}\u{9b}b\u{7}")
    #expect(terminal.title == "ab")
  }

  @Test("THREATS 22: numbers at the edge of 16 bits and beyond do what the largest does")
  func numbers() {
    for final in "@ABCDEFGHIJKLMPSTXZ`abdefghlmrstu" {
      for number in ["65535", "65536", "99999999999999999999999999", "65535;65535;65535"] {
        let terminal = Terminal(columns: 7, rows: 3)
        terminal.feed("ab\r\ncd\u{1b}[\(number)\(final)x")
        #expect(terminal.brokenInvariants.isEmpty, "\(number)\(final)")
      }
    }
  }

  @Test("THREATS 22: the reader forgets a sequence that does not end, and goes on behind it")
  func endlessSequence() {
    let terminal = Terminal()
    terminal.feed("\u{1b}[" + String(repeating: "0", count: 100_000) + "5Cx")
    #expect(terminal.lines[0] == "x")
  }
}
