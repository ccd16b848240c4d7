import Events
import Playback
import Screen
import TestSupport
import Testing

@Suite("Painter")
struct PainterTests {
  @Test("what it writes makes a terminal show the same cells as the recording's screen")
  func same() throws {
    var numbers = SeededNumbers()
    let timeline = try SmallRecording(SmallRecording.random(&numbers, messageCount: 200)).timeline()
    let window = Window(columns: 80, rows: 24)
    var painter = Painter(terminal: window)
    var terminal = Emulator(window: window)
    var output = ByteBuilder(capacity: 4096)
    while try timeline.head.peek() != nil {
      timeline.head.advance()
      guard numbers.below(3) == 0 else { continue }
      output.clear()
      painter.paint(timeline.head.emulator, generation: timeline.head.generation, footer: [], into: &output)
      terminal.feed(output.bytes, at: 0)
      try expectSameCells(terminal, timeline.head.emulator, "seed \(numbers.seed), event \(timeline.head.ordinal)")
    }
  }

  private func expectSameCells(_ one: borrowing Emulator, _ other: borrowing Emulator, _ comment: String) throws {
    for row in 0..<24 {
      for column in 0..<80 {
        var cell = other.cell(column: column, row: row)
        if other.isReversed { cell.style.attributes.formSymmetricDifference(.inverse) }
        let shown = one.cell(column: column, row: row)
        try #require(shown == cell, "\(comment), row \(row), column \(column)")
      }
    }
    #expect(one.cursor.isVisible == other.cursor.isVisible, "\(comment)")
    if other.cursor.isVisible {
      #expect(one.cursor.column == other.cursor.column && one.cursor.row == other.cursor.row, "\(comment)")
    }
  }

  @Test("nothing is written again that the terminal shows already")
  func still() throws {
    let timeline = try SmallRecording([(0, "hello\r\nthere")]).timeline()
    try timeline.seek(to: .end)
    var painter = Painter(terminal: Window(columns: 80, rows: 24))
    var first = ByteBuilder(capacity: 64)
    painter.paint(timeline.head.emulator, generation: 0, footer: [Array("line".utf8)], into: &first)
    var second = ByteBuilder(capacity: 64)
    painter.paint(timeline.head.emulator, generation: 0, footer: [Array("line".utf8)], into: &second)
    #expect(second.count < 32)
    #expect(!String(decoding: second.bytes, as: UTF8.self).contains("hello"))
  }

  @Test("a smaller terminal shows the part that was panned to, a wide character cut in half as a blank")
  func pan() throws {
    let timeline = try SmallRecording([(0, "0123漢89\u{1b}[24;1Hbottom")]).timeline()
    try timeline.seek(to: .end)
    let small = Window(columns: 5, rows: 4)
    var painter = Painter(terminal: small)
    var terminal = Emulator(window: small)
    func show() -> [String] {
      var output = ByteBuilder(capacity: 64)
      painter.paint(timeline.head.emulator, generation: 0, footer: [], into: &output)
      terminal.feed(output.bytes, at: 0)
      return (0..<4).map { row in
        var text = ByteBuilder(capacity: 8)
        terminal.appendText(ofRow: row, to: &text)
        return String(decoding: text.bytes, as: UTF8.self)
      }
    }
    #expect(show() == ["0123", "", "", ""])
    painter.pan(columns: 5, rows: 0, over: timeline.head.emulator.window, footerCount: 0)
    #expect(show() == [" 89", "", "", ""])
    painter.pan(columns: -99, rows: 99, over: timeline.head.emulator.window, footerCount: 0)
    #expect(show() == ["", "", "", "botto"])
  }
}
