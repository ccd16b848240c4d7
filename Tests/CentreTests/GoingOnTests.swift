import API
import Events
import Foundation
import GRDB
import Identity
import TestSupport
import Testing

@testable import Archive
@testable import Viewing

/// A recording that was sealed as abandoned and goes on has a file and rows: whoever looks at it sees one recording.
@Suite("recordings that go on, looked at") struct GoingOnTests {
  private let scene: ArchiveScene
  private var recording = MadeRecording()

  init() throws { scene = try ArchiveScene() }

  private var row: RecordingRow {
    get async throws { try #require(try await scene.row(recording)) }
  }

  /// Adds and sends messages of one event each, of letters that are not packed to nothing.
  private mutating func grow(_ count: Int, _ numbers: inout SeededNumbers, now: Int64 = 7) async throws {
    for _ in 0..<count {
      let text = String((0..<4000).map { _ in Character(Unicode.Scalar(UInt8(97 + numbers.below(26)))) })
      try recording.add([(UInt64(recording.messageCount) * 10, .output(text))])
    }
    try await recording.send(to: scene.archive, now: now)
  }

  private func abandonAndSeal() async throws {
    try await scene.archive.abandon(before: 8)
    try await scene.archive.seal(recording.id)
    #expect(try await row.isSealed)
  }

  /// The times of all events, asked for from the start on.
  private func times() async throws -> [UInt64] {
    var range = EventRange()
    var all: [UInt64] = []
    while true {
      let answer = try ViewingTests.Answer(try await scene.projector.events(of: try await row, range))
      all += answer.events.map(\.0)
      guard let next = answer.next else { return all }
      range.from = next
    }
  }

  private func expectWhole(_ comment: Comment) async throws {
    #expect(try await times() == (0..<recording.messageCount).map { UInt64($0) * 10 }, comment)
  }

  private var keyframePlaces: [Int64] {
    get async throws {
      try await scene.archive.pool.read { try Int64.fetchAll($0, sql: "SELECT seq FROM keyframes ORDER BY seq") }
    }
  }

  /// What stenod does each few seconds.
  private func indexWhatIsDue() async throws {
    for id in try await scene.projector.indexer.due() {
      if let row = try await scene.archive.recording(id) { try await scene.projector.indexer.index(row) }
    }
  }

  @Test(
    "keyframes go on where they ended when it was sealed, and it is indexed in the background once for each sealing")
  mutating func keyframes() async throws {
    var numbers = SeededNumbers()
    var places: [Int64] = []
    for round in 1...3 {
      try await grow(150, &numbers)
      try await expectWhole("round \(round), live")
      try await abandonAndSeal()
      #expect(try await scene.projector.indexer.due() == [recording.id])
      try await indexWhatIsDue()
      #expect(try await scene.projector.indexer.due().isEmpty)
      let later = try await keyframePlaces
      #expect(later.starts(with: places) && later.count >= places.count + 2, "round \(round)")
      places = later
      try await expectWhole("round \(round), sealed")
      #expect(try await row.indexedSeq == UInt64(recording.messageCount))
    }
  }

  @Test("one that was looked at to its end before it was sealed does not stay due for ever")
  mutating func indexedBefore() async throws {
    var numbers = SeededNumbers()
    try await grow(3, &numbers)
    _ = try await scene.projector.activity(of: try await row, bucketCount: 10)
    #expect(try await row.indexedSeq == 3)
    try await abandonAndSeal()
    try await indexWhatIsDue()
    #expect(try await scene.projector.indexer.due().isEmpty)
  }

  @Test("lists say that it is live again, and sort it as what it has become")
  mutating func lists() async throws {
    var numbers = SeededNumbers()
    try await grow(2, &numbers)
    try await abandonAndSeal()
    try await grow(5, &numbers)
    for sort in RecordingSort.allCases {
      let page = try #require(
        try await scene.archive.page(RecordingFilter(), sort: sort, isAscending: false, after: nil, count: 10))
      #expect(page.recordings.map(\.state) == [.live])
      #expect(page.recordings.map(\.messages) == [7])
    }
    #expect(try await endedDuration == nil)
    try await abandonAndSeal()
    #expect(try await endedDuration == 60)
    var filter = RecordingFilter()
    filter.state = .abandoned
    let page = try #require(
      try await scene.archive.page(filter, sort: .duration, isAscending: true, after: nil, count: 10))
    #expect(page.recordings.map(\.durationMilliseconds) == [60])
  }

  private var endedDuration: Int64? {
    get async throws {
      try await scene.archive.pool.read { try Int64.fetchOne($0, sql: "SELECT ended_duration FROM recordings") }
    }
  }

  @Test("those who watch the list are told that it was abandoned, and that it goes on")
  mutating func changes() async throws {
    var numbers = SeededNumbers()
    try await grow(2, &numbers)
    let number = scene.archive.changes.subscribe {}
    try await scene.archive.abandon(before: 8)
    #expect(scene.archive.changes.take(number) == [recording.id])
    try await scene.archive.seal(recording.id)
    try await grow(1, &numbers)
    #expect(scene.archive.changes.take(number) == [recording.id])
    scene.archive.changes.unsubscribe(number)
  }

  @Test("a follower who has not been told of the end when it goes on is given the rest; one who was asks again")
  mutating func followers() async throws {
    var numbers = SeededNumbers()
    try await grow(2, &numbers)
    let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let follower = try scene.projector.follow(try await row, EventRange()) { bell.yield() }
    let other = try scene.projector.follow(try await row, EventRange()) {}
    var ring = bells.makeAsyncIterator()
    #expect(try await positions(follower) == [2])
    #expect(try await positions(other) == [2])
    for round in 1...3 {
      try await scene.archive.abandon(before: 8)
      // The tail has ended: whoever looks only now finds the recording live again.
      _ = await ring.next()
      try await scene.archive.seal(recording.id)
      try await grow(1, &numbers)
      #expect(try await positions(follower).last == UInt64(2 + round))
      #expect(try await positions(other).last == UInt64(2 + round))
    }
    try await abandonAndSeal()
    _ = await ring.next()
    for follower in [follower, other] {
      guard case .over(let summary) = try await follower.news() else {
        Issue.record("the end is not told")
        continue
      }
      #expect(summary.state == .abandoned && summary.messages == 5)
      await follower.leave()
    }
  }

  /// Where the events end that a follower is given now.
  private func positions(_ follower: Follower) async throws -> [UInt64] {
    var all: [UInt64] = []
    while case .events(_, let position) = try await follower.news() { all.append(position.seq) }
    return all
  }

  @Test("a backup that has its file from an earlier time gets the longer one, and is whole each time")
  mutating func backup() async throws {
    var numbers = SeededNumbers()
    let target = try ScratchDirectory()
    for (round, copied) in [(1, 1), (2, 1), (3, 1)] {
      try await grow(80, &numbers)
      try await abandonAndSeal()
      #expect(try scene.archive.backUp(to: URL(fileURLWithPath: target.path)) == copied)
      #expect(try scene.archive.backUp(to: URL(fileURLWithPath: target.path)) == 0)
      try await expectWhole("round \(round)", inCopyOf: target)
    }
    // Live, with a file: the rows are in the catalogue.
    try await grow(10, &numbers)
    #expect(try scene.archive.backUp(to: URL(fileURLWithPath: target.path)) == 0)
    try await expectWhole("live", inCopyOf: target)
  }

  private func expectWhole(_ comment: Comment, inCopyOf target: ScratchDirectory) async throws {
    let copy = try ScratchDirectory()
    try FileManager.default.removeItem(atPath: copy.path)
    try FileManager.default.copyItem(atPath: target.path, toPath: copy.path)
    let archive = try Archive(directory: URL(fileURLWithPath: copy.path))
    var read: [[UInt8]] = []
    while case let lines = try await archive.lines(of: recording.id, from: UInt64(read.count) + 1), !lines.isEmpty {
      read += lines.map { Array($0.bytes) }
    }
    #expect(read == recording.lines, comment)
    try archive.close()
  }

  @Test("a damaged frame of its file is told as a gap, and what came after it was sealed is shown")
  mutating func damage() async throws {
    var numbers = SeededNumbers()
    try await grow(100, &numbers)
    try await abandonAndSeal()
    let file = scene.directory.file(try #require(try await row.path))
    try await grow(10, &numbers)
    let handle = try #require(FileHandle(forUpdatingAtPath: file))
    let byteCount = try handle.seekToEnd()
    try handle.seek(toOffset: byteCount - 2000)
    try handle.write(contentsOf: Data(repeating: 0, count: 1000))
    try handle.close()
    let times = try await times()
    #expect(times.suffix(10) == (100..<110).map { UInt64($0) * 10 }[...])
    #expect(times.first == 0 && times.count < 110)
  }
}

/// Catalogues of earlier schemas, brought up.
@Suite("catalogues of earlier programs") struct MigrationTests {
  @Test("one with a sealed, a live and a reopened recording gets what lists and readers need")
  func sealedSeq() throws {
    let scratch = try ScratchDirectory()
    let queue = try DatabaseQueue(path: scratch.file("catalogue.sqlite"))
    try Self.earlier(queue)
    try queue.close()
    let archive = try Archive(directory: URL(fileURLWithPath: scratch.path))
    let rows = try archive.pool.read { db in
      try Row.fetchAll(db, sql: "SELECT sealed, unsealed, ended_bytes FROM recordings ORDER BY number")
    }
    #expect(rows.map { $0["sealed"] as Int64 } == [9, 0, 4, 0])
    #expect(rows.map { $0["unsealed"] as Bool } == [false, true, true, true])
    #expect(rows.map { $0["ended_bytes"] as Int64? } == [90, nil, nil, 90])
    try archive.close()
  }

  /// Sealed; live; sealed and live again; ended and not sealed yet. Made by the migrations before those for viewing.
  private static func earlier(_ queue: DatabaseQueue) throws {
    try Schema.migrations.migrate(queue, upTo: "reopening")
    try queue.write { db in
      for (number, state, path, unsealed) in [
        (1, "abandoned", "recordings/1", 0), (2, "live", nil, 1), (3, "live", "recordings/3", 1),
        (4, "complete", nil, 1),
      ] as [(Int, String, String?, Int)] {
        try db.execute(
          sql: """
            INSERT INTO recordings (number, id, host, rec, user, term, session, start, state, path, unsealed)
            VALUES (?1, 'id' || ?1, 'h', 'r' || ?1, 'u', '', 1, 0, ?2, ?3, ?4)
            """, arguments: [number, state, path, unsealed])
        try db.execute(sql: "INSERT INTO heads VALUES (?, 9, '', 0, 5, 90, 0)", arguments: [number])
        if unsealed == 1 {
          let first = path == nil ? 1 : 5
          try db.execute(sql: "INSERT INTO live VALUES (?, ?, 9, x'00')", arguments: [number, first])
        }
      }
    }
  }
}
