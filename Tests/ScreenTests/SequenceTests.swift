import Foundation
import TestSupport
import Testing

@Suite struct SequenceTests {
  @Test("each sequence of the table shows what the table says")
  func table() {
    #expect(SequenceCase.all.count >= 150)
    #expect(Set(SequenceCase.all.map(\.name)).count == SequenceCase.all.count)
    for one in SequenceCase.all {
      let terminal = Terminal(columns: one.columns, rows: one.rows)
      terminal.feed(one.input)
      #expect(Picture(terminal) == Picture(rows: one.expected), "\(one.name)")
    }
  }

  @Test("each sequence of the table shows the same in pieces, the window stated before each")
  func tableInPieces() {
    for one in SequenceCase.all {
      for size in pieceSizes {
        let terminal = Terminal(columns: one.columns, rows: one.rows)
        terminal.feed(one.input, inPiecesOf: size)
        #expect(Picture(terminal) == Picture(rows: one.expected), "\(one.name), in pieces of \(size)")
      }
    }
  }

  @Test("each sequence of the table can be cut at every byte, and dumped and resumed where it may be")
  func tableCut() {
    for one in SequenceCase.all {
      for cut in 0...one.input.count {
        var terminal = Terminal(columns: one.columns, rows: one.rows)
        terminal.feed(one.input[..<cut])
        if terminal.isBetweenSequences { terminal = terminal.resumed() }
        terminal.resize(columns: one.columns, rows: one.rows)
        terminal.feed(one.input[cut...])
        #expect(Picture(terminal) == Picture(rows: one.expected), "\(one.name), cut at \(cut)")
      }
    }
  }

  @Test(
    "the table agrees with libvterm, but for the differences listed with the document that decides",
    .enabled(if: Oracle.isLibvtermInstalled, "not installed: libvterm-dev (`make deps` installs what tests need)"))
  func libvterm() async throws { try await compare(.libvterm) }

  @Test(
    "the table agrees with pyte, but for the differences listed with the document that decides",
    .enabled(if: Oracle.isPyteInstalled, "not installed: python3-pyte (`make deps` installs what tests need)"))
  func pyte() async throws { try await compare(.pyte) }

  @Test(
    "the table agrees with tmux, but for the differences listed with the document that decides",
    .enabled(if: Oracle.isTmuxInstalled, "not installed: tmux (`make deps` installs what tests need)"))
  func tmux() async throws { try await compare(.tmux) }

  private func compare(_ name: Oracle.Name) async throws {
    let directory = try ScratchDirectory()
    let oracle = try #require(try await Oracle(name, in: directory))
    let cases = SequenceCase.all
    let pictures = try await oracle.pictures(cases.map { ($0.columns, $0.rows, $0.input) })
    try #require(pictures.count == cases.count)
    let listed = try Differences.cases(name)
    var found: Set<String> = []
    for (one, theirs) in zip(cases, pictures) where theirs != Picture(rows: one.expected) {
      found.insert(one.name)
      if !listed.contains(one.name) { Issue.record("\(one.name): \(name.rawValue) shows \(theirs)") }
    }
    for name in listed.subtracting(found) { Issue.record("listed as a difference, and is none: \(name)") }
  }
}
