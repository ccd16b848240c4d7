import API
import Archive
import Events
import Foundation
import GRDB
import Identity
import Intake
import Screen
import TestSupport
import Testing

@testable import Viewing

/// What the centre shows and exports of a recording depends on what was written, and not on which messages it came in.
@Suite("the centre's views of one stream, cut into messages anywhere") struct CutTests {
  /// A stream of messages that an archive holds.
  fileprivate struct Held {
    let scene: ArchiveScene
    let id: RecordingID

    init(_ stream: CutStream, _ cut: CutStream.Cut) async throws {
      scene = try ArchiveScene()
      id = RecordingID(host: Array(stream.host.utf8), rec: Array(stream.recording.utf8))
      let bytes = [UInt8](stream.lines(cut, isEnded: true).joined())
      let batch = try Batch.read(bytes, isCompressed: false, host: stream.host)
      #expect(try await scene.archive.append(batch.submissions, now: 7).map(\.status) == [.held])
    }

    func row() async throws -> RecordingRow { try #require(try await scene.archive.recording(id)) }

    func export(_ format: ExportFormat) async throws -> String {
      let export = try scene.projector.export(try await row(), as: format)
      var bytes: [UInt8] = []
      while let piece = try await export.next() { bytes += piece }
      await export.close()
      return String(decoding: bytes, as: UTF8.self)
    }

    func events(_ range: EventRange = EventRange()) async throws -> ViewingTests.Answer {
      try ViewingTests.Answer(try await scene.projector.events(of: try await row(), range))
    }
  }

  /// What was written, however many events it is in.
  private struct Shown: Equatable {
    var text: String
    var raw: String
    var castHeader: String?
    var castOutput = ""
    var castWindows: [String] = []
    var output = ""
    var windows: [String] = []

    init(_ held: Held) async throws {
      text = try await held.export(.text)
      raw = try await held.export(.raw)
      for line in try await held.export(.asciicast).split(separator: "\n") {
        guard let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any] else {
          castHeader = String(line)
          continue
        }
        let data = try #require(event[2] as? String)
        if event[1] as? String == "o" { castOutput += data }
        if event[1] as? String == "r" { castWindows.append(data) }
      }
      for event in try await held.events().events {
        if event.1 == "o" { output += event.2 }
        if event.1 == "r" { windows.append(event.2) }
      }
    }
  }

  @Test("text, raw bytes, asciicast and the events for a browser are the same for every cut")
  func views() async throws {
    var numbers = SeededNumbers()
    let stream = Self.work(&numbers, pieceCount: 150)
    let whole = try await Shown(try await Held(stream, .whole))
    #expect(whole.castHeader?.contains(#""width":100,"height":30"#) == true)
    // The header says the first window.
    #expect(whole.castWindows == ["90x20", "100x30"])
    #expect(whole.windows == ["100x30", "90x20", "100x30"])
    for cut in CutStream.Cut.all where cut != .whole {
      #expect(try await Shown(try await Held(stream, cut)) == whole, "\(cut), seed \(numbers.seed)")
    }
  }

  @Test("a recording without a size is 80x24 in lists, headers and events")
  func noSize() async throws {
    let none = Window(columns: 0, rows: 0)
    let stream = CutStream([(0, .window(none)), (0, .output(Array("hello from no size".utf8)))])
    for cut in CutStream.Cut.all {
      let held = try await Held(stream, cut)
      let summary = try await held.row().summary
      #expect(summary.columns == 80 && summary.rows == 24)
      let shown = try await Shown(held)
      #expect(shown.text == "hello from no size\n")
      #expect(shown.castHeader?.contains(#""width":80,"height":24"#) == true)
      #expect(shown.castWindows == [] && shown.windows == ["80x24"])
    }
  }

  @Test(
    "a keyframe counts the events before it as whoever reads them one by one",
    arguments: [.whole, .agent, .bytes(2048)] as [CutStream.Cut])
  func counts(cut: CutStream.Cut) async throws {
    var numbers = SeededNumbers()
    let held = try await Held(Self.work(&numbers, pieceCount: 9000), cut)
    let keyframes = try await held.keyframes()
    #expect(keyframes.count >= 2, "seed \(numbers.seed)")
    for (seq, count) in keyframes {
      #expect(try await held.eventCount(before: seq) == count, "seed \(numbers.seed), message \(seq)")
    }
  }

  @Test("keyframes and activity that an earlier version made are made anew")
  func indexedBefore() async throws {
    var numbers = SeededNumbers()
    let held = try await Held(Self.work(&numbers, pieceCount: 9000), .agent)
    try await held.scene.archive.seal(held.id)
    try await held.scene.projector.indexer.index(try await held.row())
    #expect(try await held.row().isIndexedWhole)
    let made = try await held.keyframes()
    // As the version before left it.
    try await held.scene.archive.pool.write { db in
      try db.execute(sql: "UPDATE keyframes SET events = events + seq")
      try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = 'index of changed windows'")
    }
    let directory = URL(fileURLWithPath: held.scene.directory.path)
    let archive = try Archive(directory: directory, bounds: ArchiveBounds())
    let projector = Projector(archive: archive)
    #expect(try await projector.indexer.due() == [held.id])
    let row = try #require(try await archive.recording(held.id))
    #expect(!row.isIndexedWhole && row.indexedSeq == 0)
    try await projector.indexer.index(row)
    #expect(try await held.keyframes().map(\.events) == made.map(\.events))
  }

  /// A shell's work: prompts, long lines, a full-screen program, a bar below a scrolling region, and two resizes.
  private static func work(_ numbers: inout SeededNumbers, pieceCount: Int) -> CutStream {
    var stream = CutStream([(0, .window(Window(columns: 100, rows: 30)))])
    for number in 0..<pieceCount {
      let time = UInt64(number) * 20
      let text =
        switch numbers.below(6) {
        case 0: "ada@h:~$ ls -l /srv/data/\(number)\r\n"
        case 1: String(repeating: "a long line \(number) ", count: 12) + "\r\n"
        case 2: "\u{1b}[1;29r\u{1b}7\u{1b}[30;1HProgress: [\(number)%]\u{1b}8"
        case 3: "\u{1b}[?1049h\u{1b}[2J\u{1b}[5;5Hvim \(number)\u{1b}[?1049l"
        case 4: String(repeating: "x", count: 100)
        default: "\u{1b}[3\(number % 8)mcolour é 界\u{1b}[m\r\n"
        }
      stream.events.append((time, .output(Array(text.utf8))))
      if numbers.below(4) == 0 { stream.events.append((time, .input(Array("k".utf8)))) }
      if number == pieceCount / 3 { stream.events.append((time, .window(Window(columns: 90, rows: 20)))) }
      if number == pieceCount / 2 { stream.events.append((time, .window(Window(columns: 100, rows: 30)))) }
    }
    return stream
  }
}

extension CutTests.Held {
  /// All that the index has made.
  fileprivate func keyframes() async throws -> [(seq: UInt64, events: UInt64)] {
    try await scene.projector.indexer.index(try await row())
    return try await scene.archive.pool.read { db in
      try Row.fetchAll(db, sql: "SELECT seq, events FROM keyframes ORDER BY seq").map {
        (UInt64($0["seq"] as Int64), UInt64($0["events"] as Int64))
      }
    }
  }

  /// Events that a reader finds before a message.
  fileprivate func eventCount(before seq: UInt64) async throws -> UInt64 {
    var count: UInt64 = 0
    var messages = MessageReader(window: nil)
    var next: UInt64 = 1
    while next < seq {
      let lines = try await scene.archive.lines(of: id, from: next)
      for line in lines where line.seq < seq {
        try line.bytes.withUnsafeBufferPointer { bytes in
          _ = try messages.read(bytes)
          while try messages.next() != nil { count += 1 }
        }
      }
      next = try #require(lines.last).seq + 1
    }
    return count
  }
}
