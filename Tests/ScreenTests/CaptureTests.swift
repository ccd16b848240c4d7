import Events
import Foundation
import Screen
import TestSupport
import Testing

/// Output of real programs (Captures/make) on our screen and on others'.
@Suite struct CaptureTests {
  private static let names = ["vim", "less", "top", "mc", "tmux"]
  private static let (columns, rows): (UInt16, UInt16) = (100, 30)

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: SequenceCase.folder.appending(path: "Captures/\(name).raw")))
  }

  /// Prefixes of a capture that end between sequences: some on the way, and all of it.
  private func prefixes(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let steps = 8
    var prefixes: [ArraySlice<UInt8>] = []
    for step in 1...steps {
      var end = bytes.count * step / steps
      // Just before an ESC nothing is begun.
      while end < bytes.count && bytes[end] != 0x1b { end += 1 }
      prefixes.append(bytes[..<end])
    }
    return prefixes
  }

  @Test(
    "a capture shows the same on ours and on libvterm, at its end and on the way",
    .enabled(if: Oracle.isLibvtermInstalled))
  func libvterm() async throws { try await compare(.libvterm) }

  @Test("a capture shows the same on ours and on pyte, at its end and on the way", .enabled(if: Oracle.isPyteInstalled))
  func pyte() async throws { try await compare(.pyte) }

  @Test("a capture shows the same on ours and on tmux, at its end and on the way", .enabled(if: Oracle.isTmuxInstalled))
  func tmux() async throws { try await compare(.tmux) }

  private func compare(_ oracle: Oracle.Name) async throws {
    let directory = try ScratchDirectory()
    let other = try #require(try await Oracle(oracle, in: directory))
    let listed = try Differences.captures(oracle)
    for name in Self.names {
      let prefixes = prefixes(try bytes(name))
      let theirs = try await other.pictures(prefixes.map { (Self.columns, Self.rows, Array($0)) })
      try #require(theirs.count == prefixes.count)
      var isDifferent = false
      for (prefix, theirs) in zip(prefixes, theirs) {
        let terminal = Terminal(columns: Self.columns, rows: Self.rows)
        terminal.feed(prefix)
        let ours = Picture(terminal)
        isDifferent = isDifferent || ours != theirs
        if !listed.contains(name) { #expect(ours == theirs, "\(name) up to byte \(prefix.count)") }
      }
      if listed.contains(name) { #expect(isDifferent, "listed as a difference, and is none: \(name)") }
    }
  }

  @Test("a capture in pieces, the window stated before each, ends as the capture played whole", arguments: names)
  func pieces(name: String) throws {
    let bytes = try bytes(name)
    let whole = Terminal(columns: Self.columns, rows: Self.rows)
    whole.feed(bytes)
    for size in pieceSizes {
      let terminal = Terminal(columns: Self.columns, rows: Self.rows)
      terminal.feed(bytes, inPiecesOf: size)
      #expect(terminal.cells == whole.cells && terminal.cursor == whole.cursor, "\(name) in pieces of \(size)")
      #expect(terminal.unwrapped == whole.unwrapped, "\(name) in pieces of \(size)")
    }
  }

  @Test("a capture resumed from a dump at any of 200 places ends as the capture played whole", arguments: names)
  func seeks(name: String) throws {
    let bytes = try bytes(name)
    let whole = Terminal(columns: Self.columns, rows: Self.rows)
    whole.feed(bytes)
    var random = SeededNumbers(seed: 4)
    let terminal = Terminal(columns: Self.columns, rows: Self.rows)
    var place = 0
    for cut in (0..<200).map({ _ in random.below(bytes.count) }).sorted() {
      terminal.feed(bytes[place..<max(place, cut)])
      place = max(place, cut)
      while !terminal.isBetweenSequences && place < bytes.count {
        terminal.feed([bytes[place]])
        place += 1
      }
      let resumed = terminal.resumed()
      #expect(resumed.dump == terminal.dump, "\(name) at byte \(place)")
    }
    let resumed = terminal.resumed()
    resumed.feed(bytes[place...])
    #expect(resumed.cells == whole.cells)
  }
}
