package import API
import Events
import Foundation
import GRDB
import Identity

/// A recording as the catalogue has it.
package struct RecordingRow: Sendable {
  package let number: Int64
  package let summary: RecordingSummary
  package let head: Head
  /// Of the sealed file, below the data directory; nil while it has none.
  package let path: String?
  /// Number of the last message in the sealed file; 0 without one.
  let sealedSeq: UInt64
  /// Lines behind those of the sealed file are rows.
  let isUnsealed: Bool
  package let startMilliseconds: Int64
  /// The message up to which there are keyframes, and the bytes of all lines up to it.
  package let indexedSeq: UInt64
  package let indexedByteCount: UInt64
  /// All of it was looked at for keyframes, and nothing has come since.
  package let isIndexedWhole: Bool

  /// All but the index of the sealed file, which is long: see ``Archive/sealedIndex(_:in:)``.
  static let columns = """
    SELECT r.number, r.id, r.host, r.rec, r.user, r.term, r.session, r.start, r.trust, r.tty, r.cmd, r.state, r.why,
      r.exit, r.signal, r.path, r.window_columns, r.window_rows, r.gaps, r.has_input, r.sealed, r.unsealed,
      r.indexed, r.indexed_bytes, r.indexed_whole, h.seq, h.hash, h.off, h.duration, h.bytes, h.received
    FROM recordings r JOIN heads h ON h.recording = r.number
    """

  init(_ row: Row) throws {
    let start: Int64 = row["start"]
    let duration: Int64 = row["duration"]
    number = row["number"]
    startMilliseconds = start
    path = row["path"]
    sealedSeq = UInt64(row["sealed"] as Int64)
    isUnsealed = row["unsealed"]
    indexedSeq = UInt64(row["indexed"] as Int64)
    indexedByteCount = UInt64(row["indexed_bytes"] as Int64)
    isIndexedWhole = row["indexed_whole"]
    head = Head(seq: UInt64(row["seq"] as Int64), hash: row["hash"], off: UInt64(row["off"] as Int64))
    guard let state = RecordingSummary.State(rawValue: row["state"]) else { throw ArchiveError.damaged }
    summary = RecordingSummary(
      id: row["id"], rec: row["rec"], host: row["host"], user: row["user"], start: timestamp(milliseconds: start),
      end: timestamp(milliseconds: start + duration), durationMilliseconds: UInt64(duration), state: state,
      bytes: UInt64(row["bytes"] as Int64), messages: head.seq, trust: row["trust"], term: row["term"], tty: row["tty"],
      cmd: row["cmd"], why: row["why"], exit: row["exit"], signal: row["signal"],
      columns: UInt16(clamping: row["window_columns"] as Int), rows: UInt16(clamping: row["window_rows"] as Int),
      gaps: row["gaps"], hasInput: row["has_input"])
  }

  static func fetch(_ db: Database, id: RecordingID) throws -> RecordingRow? {
    let statement = try db.cachedStatement(sql: columns + " WHERE r.id = ?")
    return try Row.fetchOne(statement, arguments: [id.description]).map { try RecordingRow($0) }
  }

  /// All of it lies in a sealed file; it may go on all the same when it was abandoned.
  package var isSealed: Bool { path != nil && !isUnsealed }

  static func liveCount(_ db: Database, host: String) throws -> Int {
    let sql = "SELECT count(*) FROM recordings WHERE host = ? AND state = 'live'"
    return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [host]) ?? 0
  }

  /// - Returns: The new recording's number.
  static func insert(_ submission: Submission, in db: Database) throws -> Int64 {
    let facts = submission.facts
    try db.cachedStatement(
      sql: """
        INSERT INTO recordings (id, host, rec, user, term, session, start, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'live')
        """
    ).execute(arguments: [
      submission.id.description, facts.host, facts.rec, facts.user, facts.terminal, Int64(facts.session),
      Int64(clamping: facts.startMilliseconds),
    ])
    return db.lastInsertedRowID
  }

  /// What comes after an abandoned recording's last message follows its head, so it was not over: it is live again. A
  /// sealed file of it stays, and is continued when the recording ends; so do its keyframes, with those of what comes.
  static func reopen(_ number: Int64, in db: Database) throws {
    try db.cachedStatement(
      sql: """
        UPDATE recordings SET state = 'live', unsealed = 1, indexed_whole = 0, ended_duration = NULL, ended_bytes = NULL
        WHERE number = ?
        """
    ).execute(arguments: [number])
  }

  /// Takes over what a `start` and an `end` said.
  static func update(_ number: Int64, with facts: RecordingFacts, in db: Database) throws {
    if let start = facts.start {
      try db.cachedStatement(sql: "UPDATE recordings SET trust = ?, tty = ?, cmd = ? WHERE number = ?").execute(
        arguments: [start.trust, start.tty, start.command, number])
    }
    if let end = facts.end {
      try db.cachedStatement(
        sql: """
          UPDATE recordings SET state = 'complete', why = ?, exit = ?, signal = ?,
            ended_duration = (SELECT duration FROM heads WHERE recording = number),
            ended_bytes = (SELECT bytes FROM heads WHERE recording = number) WHERE number = ?
          """
      ).execute(arguments: [end.why, end.exit, end.signal, number])
    }
  }

  /// Takes over what lists show of new lines; most lines have nothing of it.
  static func update(
    _ number: Int64, shown: RecordingSummary?, with lines: ArraySlice<Submission.Line>, in db: Database
  ) throws {
    let gaps = lines.count { $0.isGap }
    let hasInput = lines.contains { $0.hasInput } && shown?.hasInput != true
    let window = shown?.columns ?? 0 == 0 ? lines.lazy.compactMap(\.window).first : nil
    if gaps == 0 && !hasInput && window == nil { return }
    try db.cachedStatement(
      sql: """
        UPDATE recordings SET gaps = gaps + ?, has_input = has_input OR ?,
          window_columns = iif(window_columns = 0, ?, window_columns), window_rows = iif(window_rows = 0, ?, window_rows)
        WHERE number = ?
        """
    ).execute(arguments: [gaps, hasInput, window?.columns ?? 0, window?.rows ?? 0, number])
  }
}
