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

  @Test("dump then resume equals never having stopped, for 10 000 random streams")
  func many() {
    for seed: UInt64 in 1_000..<11_000 {
      var random = RandomOutput(seed: seed)
      let terminal = Terminal(columns: UInt16(1 + random.below(12)), rows: UInt16(1 + random.below(6)))
      terminal.feed(random.bytes(pieces: 1 + random.below(30)))
      while !terminal.isBetweenSequences { terminal.feed(random.bytes(pieces: 1)) }
      let resumed = terminal.resumed()
      let same = resumed.dump == terminal.dump
      let rest = random.bytes(pieces: 8) + [0x18]
      terminal.feed(rest)
      resumed.feed(rest)
      guard same && resumed.dump == terminal.dump else {
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
    for byte in bytes { split.feed([byte]) }
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
