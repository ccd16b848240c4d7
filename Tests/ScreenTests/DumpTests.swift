import Events
import Screen
import TestSupport
import Testing

/// DESIGN: a keyframe holds all that later bytes depend on.
@Suite struct DumpTests {
  @Test("what nothing was written to is dumped as next to nothing")
  func empty() {
    #expect(Terminal().dump.count < 40)
  }

  @Test(
    "a dump brings back lines that wrap",
    arguments: [
      (10, "0123456789abc"), (10, "0123456789   abc\u{1b}[?7l"), (10, "123456789界語"), (10, "  3456789 x\r\u{1b}[2;1H"),
      (10, "12345678界\u{1b}[44m     \u{1b}[K"), (2, "abcdef界"), (1, "abc"),
      (10, "0123456789abc\u{1b}[?1049h0123456789abc"),
      (10, "\u{1b}[?69h\u{1b}[1;4sabcdefgh"), (10, "0123456789a\r\u{1b}[44m\u{1b}[10@"),
    ])
  func wraps(columns: Int, output: String) {
    let terminal = Terminal(columns: UInt16(columns), rows: 4)
    terminal.feed(output)
    let resumed = terminal.resumed()
    #expect(resumed.unwrapped == terminal.unwrapped)
    #expect(resumed.cells == terminal.cells)
    #expect(resumed.dump == terminal.dump)
    terminal.resize(columns: UInt16(columns) + 5, rows: 5)
    #expect(terminal.resumed().unwrapped == terminal.unwrapped)
    #expect(terminal.resumed().dump == terminal.dump)
  }

  @Test(
    "dump then resume equals never having stopped, for random output cut anywhere between sequences", arguments: 0..<300
  )
  func cells(seed: UInt64) {
    var random = RandomOutput(seed: seed)
    let terminal = Terminal(columns: UInt16(1 + random.below(14)), rows: UInt16(1 + random.below(8)))
    for _ in 0..<4 {
      terminal.feed(random.bytes(pieces: 1 + random.below(25)))
      while !terminal.isBetweenSequences { terminal.feed(random.bytes(pieces: 1)) }
      let resumed = terminal.resumed()
      #expect(resumed.cells == terminal.cells, "seed \(seed)")
      #expect(resumed.dump == terminal.dump, "seed \(seed)")
      let rest = random.bytes(pieces: 20)
      let both = [terminal, resumed]
      for one in both { one.feed(rest) }
      #expect(resumed.cells == terminal.cells, "seed \(seed), after more")
      #expect(resumed.cursor == terminal.cursor, "seed \(seed), after more")
      #expect(terminal.brokenInvariants.isEmpty, "seed \(seed)")
    }
  }

  @Test(
    "10 000 random streams end the same whole, in pieces with the window stated before each, and resumed from a dump")
  func many() {
    for seed: UInt64 in 1_000..<11_000 {
      var random = RandomOutput(seed: seed)
      let window = (UInt16(1 + random.below(12)), UInt16(1 + random.below(6)))
      let start = random.bytes(pieces: 1 + random.below(20))
      let rest = random.bytes(pieces: 8) + [0x18]
      let terminal = Terminal(columns: window.0, rows: window.1)
      terminal.feed(start)
      let resumed = terminal.isBetweenSequences ? terminal.resumed() : nil
      terminal.feed(rest)
      let whole = terminal.dump
      resumed?.feed(rest)
      let pieces = Terminal(columns: window.0, rows: window.1)
      // Few byte by byte, which takes longest.
      pieces.feed(start + rest, inPiecesOf: seed % 8 == 0 ? 1 : 7)
      guard resumed.map({ $0.dump == whole }) ?? true, pieces.dump == whole else {
        Issue.record("seed \(seed)")
        return
      }
    }
  }

  @Test("random output fed byte by byte gives what it gives whole", arguments: 0..<200)
  func byteByByte(seed: UInt64) {
    var random = RandomOutput(seed: 50_000 + seed)
    let bytes = random.bytes(pieces: 60) + [0x18]
    let (whole, split) = (Terminal(columns: 20, rows: 6), Terminal(columns: 20, rows: 6))
    whole.feed(bytes)
    split.feed(bytes, inPiecesOf: 1)
    #expect(whole.dump == split.dump, "seed \(seed)")
    #expect(whole.cells == split.cells, "seed \(seed)")
  }

  @Test("random resizes between random output break nothing and can be dumped", arguments: 0..<200)
  func resizes(seed: UInt64) {
    var random = RandomOutput(seed: 90_000 + seed)
    let terminal = Terminal(columns: 20, rows: 6)
    for _ in 0..<10 {
      terminal.feed(random.bytes(pieces: 10) + [0x18])
      terminal.resize(columns: UInt16(random.below(24)), rows: UInt16(random.below(9)))
      #expect(terminal.brokenInvariants.isEmpty, "seed \(seed)")
      let resumed = terminal.resumed()
      #expect(resumed.dump == terminal.dump, "seed \(seed)")
      let rest = random.bytes(pieces: 10) + [0x18]
      terminal.feed(rest)
      resumed.feed(rest)
      #expect(resumed.dump == terminal.dump, "seed \(seed)")
    }
  }
}
