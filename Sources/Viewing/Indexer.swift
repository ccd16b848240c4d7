import API
package import Archive
import Events
import Foundation
import GRDB
package import Identity
import Screen

/// Makes keyframes and activity of recordings: in the background once they are sealed, and for whoever asks before that.
///
/// One pass over a recording at a time, and few passes at all (``EmulatorPool``). A pass begins at the last keyframe, and never
/// holds more than a frame of lines.
package actor Indexer {
  /// Keyframes between two commits.
  private static let keyframesPerCommit = 16
  /// Lines of a live recording that may be without keyframes: so many are read for a seek.
  private static let behindByteCountMax = Keyframe.lineSpacing

  private let archive: Archive
  private var passes: [RecordingID: Task<Void, any Error>] = [:]
  private let pool: EmulatorPool

  init(archive: Archive, pool: EmulatorPool) {
    self.archive = archive
    self.pool = pool
  }

  /// Recordings to be indexed in the background: sealed ones first, then live ones that have grown.
  package nonisolated func due(limit: Int = 20) async throws -> [RecordingID] {
    try await archive.pool.read { db in
      let sealed = try String.fetchAll(
        db, sql: "SELECT id FROM recordings WHERE NOT unsealed AND indexed_whole = 0 ORDER BY number LIMIT ?",
        arguments: [limit])
      let grown = try String.fetchAll(
        db,
        sql: """
          SELECT id FROM recordings r JOIN heads h ON h.recording = r.number
          WHERE r.state = 'live' AND h.bytes > r.indexed_bytes + ? LIMIT ?
          """, arguments: [Int64(Self.behindByteCountMax), limit])
      return (sealed + grown).compactMap { RecordingID($0) }
    }
  }

  /// Indexes a recording up to its head; returns at once when nothing is to be done.
  package func index(_ row: RecordingRow) async throws {
    guard let id = RecordingID(row.summary.id), !row.isIndexedWhole, row.isSealed || row.indexedSeq < row.head.seq
    else { return }
    if let pass = passes[id] { return try await pass.value }
    let task = Task { [pool] in try await pool.using { try await pass(row) } }
    passes[id] = task
    defer { passes[id] = nil }
    try await task.value
  }

  /// Indexes a recording unless what is missing is little.
  func indexRoughly(_ row: RecordingRow) async throws {
    if row.summary.bytes > row.indexedByteCount + 2 * Self.behindByteCountMax { try await index(row) }
  }

  // MARK: - A pass

  private nonisolated func pass(_ row: RecordingRow) async throws {
    guard let id = RecordingID(row.summary.id) else { return }
    let (activity, counted) = try await keptActivity(row)
    let reading = IndexPass(from: try await archive.lastKeyframe(of: row), activity: activity, countedSeq: counted)
    while reading.seq < row.head.seq {
      do {
        let lines = try await archive.lines(of: id, from: reading.seq + 1)
        if lines.isEmpty { break }
        for line in lines where line.seq <= row.head.seq { reading.take(line) }
      } catch {
        // A damaged frame: what is behind it is indexed all the same.
        guard let next = try await archive.firstSeq(after: reading.seq + 1, in: row) else { break }
        reading.skip(to: next)
      }
      if reading.made.count >= Self.keyframesPerCommit { try await keep(reading, row, isWhole: false) }
      await Task.yield()
    }
    try await keep(reading, row, isWhole: row.isSealed)
  }

  private nonisolated func keptActivity(_ row: RecordingRow) async throws -> (Activity, UInt64) {
    try await archive.pool.read { db in
      let sql = "SELECT seq, body FROM activities WHERE recording = ?"
      guard let found = try Row.fetchOne(db, sql: sql, arguments: [row.number]) else { return (Activity(), 0) }
      return (try JSONDecoder().decode(Activity.self, from: try found.value("body")), try found.count("seq"))
    }
  }

  private nonisolated func keep(_ reading: IndexPass, _ row: RecordingRow, isWhole: Bool) async throws {
    let made = reading.takeMade()
    let body = try JSONEncoder().encode(reading.activity)
    let (seq, byteCount) = (Int64(reading.seq), Int64(reading.lineByteCount))
    try await archive.pool.write { [archive] db in
      for keyframe in made { try archive.insert(keyframe, of: row, in: db) }
      try db.execute(
        sql: """
          INSERT INTO activities (recording, seq, body) VALUES (?1, ?2, ?3)
          ON CONFLICT (recording) DO UPDATE SET seq = ?2, body = ?3
          """, arguments: [row.number, seq, body])
      // A recording that has gone on meanwhile is not whole any more, even when it was sealed again.
      try db.execute(
        sql: """
          UPDATE recordings SET indexed = ?1, indexed_bytes = ?2, indexed_whole = ?3 AND NOT unsealed
            AND EXISTS (SELECT 1 FROM heads WHERE recording = number AND seq = ?4) WHERE number = ?5
          """, arguments: [seq, byteCount, isWhole, Int64(row.head.seq), row.number])
    }
  }

  /// What is known of when something happened in the recording.
  func activity(of row: RecordingRow) async throws -> Activity {
    try await index(row)
    return try await keptActivity(row).0
  }
}

/// Reads on from a keyframe, and makes the next ones.
private final class IndexPass {
  private var emulator: Emulator
  private var messages: MessageReader
  private(set) var activity: Activity
  /// What this message and those before did is in the activity already.
  private let countedSeq: UInt64
  private(set) var seq: UInt64
  private(set) var lineByteCount: UInt64
  private var eventCount: UInt64
  private var outputByteCount: UInt64
  private var milliseconds: UInt64
  private var last: Keyframe
  private(set) var made: [Keyframe] = []

  init(from keyframe: Keyframe, activity: Activity, countedSeq: UInt64) {
    emulator = Emulator(window: keyframe.window)
    messages = keyframe.makeReader()
    self.activity = activity
    self.countedSeq = countedSeq
    seq = keyframe.seq - 1
    lineByteCount = keyframe.lineByteCount
    eventCount = keyframe.eventCount
    outputByteCount = keyframe.outputByteCount
    milliseconds = keyframe.milliseconds
    last = keyframe
    keyframe.dump.withUnsafeBufferPointer { emulator.feed($0, at: keyframe.milliseconds) }
  }

  func takeMade() -> [Keyframe] {
    defer { made = [] }
    return made
  }

  func skip(to next: UInt64) { seq = next - 1 }

  func take(_ line: StoredLine) {
    keepKeyframe(before: line.seq)
    // The reader's pointers are used inside this closure only.
    line.bytes.withUnsafeBufferPointer { bytes in
      // A line that cannot be read is skipped here: whoever watches is told.
      guard let message = try? messages.read(bytes) else { return }
      while let event = try? messages.next() { take(event, line.seq) }
      note(message, at: max(milliseconds, messages.milliseconds), line.seq)
    }
    seq = line.seq
    lineByteCount += UInt64(line.bytes.count) + 1
  }

  private func take(_ event: MessageEvent, _ seq: UInt64) {
    milliseconds = max(milliseconds, event.milliseconds)
    eventCount += 1
    let isNew = seq > countedSeq
    switch event.content {
    case .data(.input, let mark, let bytes):
      guard isNew else { return }
      activity.note(input: bytes.count, at: milliseconds)
      // A line end is an act, and hides nothing.
      if mark != .none, bytes.contains(where: { $0 != 0x0d && $0 != 0x0a }) { activity.noteMasked(at: milliseconds) }
    case .data(_, _, let bytes):
      outputByteCount += UInt64(bytes.count)
      emulator.feed(bytes, at: milliseconds)
      if isNew { activity.note(output: bytes.count, at: milliseconds) }
    case .window(let window):
      emulator.resize(to: window)
      // What a recording begins with is no change.
      if isNew && eventCount > 1 {
        activity.note(.init(ms: milliseconds, kind: .resize, columns: window.columns, rows: window.rows))
      }
    }
  }

  private func note(_ message: Message, at time: UInt64, _ seq: UInt64) {
    guard seq > countedSeq else { return }
    if let time = message.wallClockMilliseconds { activity.note(wallMilliseconds: time, at: message.milliseconds) }
    switch message.kind {
    case .gap(let loss):
      let why = String(decoding: loss.why, as: UTF8.self)
      activity.note(.init(ms: time, kind: .gap, why: why))
    case .end(let end):
      let why = end.why.map { "\($0.name)" }
      activity.note(.init(ms: time, kind: .end, why: why))
    case .data, .start, .other: break
    }
  }

  private func keepKeyframe(before seq: UInt64) {
    let isDue =
      outputByteCount >= last.outputByteCount + Keyframe.outputSpacing
      || lineByteCount >= last.lineByteCount + Keyframe.lineSpacing
    guard isDue, emulator.isBetweenSequences, let window = messages.window else { return }
    var dump = ByteBuilder(capacity: 4096)
    emulator.dump(into: &dump)
    last = Keyframe(
      seq: seq, milliseconds: milliseconds, eventCount: eventCount, outputByteCount: outputByteCount,
      lineByteCount: lineByteCount, window: window, dump: dump.array)
    made.append(last)
  }
}
