package import API
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
  let frames: SealedIndex?
  /// Lines behind those of the sealed file are rows.
  let isUnsealed: Bool
  let startMilliseconds: Int64

  static let columns = """
    SELECT r.*, h.seq, h.hash, h.off, h.duration, h.bytes, h.received
    FROM recordings r JOIN heads h ON h.recording = r.number
    """

  init(_ row: Row) throws {
    let start: Int64 = row["start"]
    let duration: Int64 = row["duration"]
    number = row["number"]
    startMilliseconds = start
    path = row["path"]
    let index: String? = row["frames"]
    isUnsealed = row["unsealed"]
    frames = try index.map { try JSONDecoder().decode(SealedIndex.self, from: Data($0.utf8)) }
    head = Head(seq: UInt64(row["seq"] as Int64), hash: row["hash"], off: UInt64(row["off"] as Int64))
    guard let state = RecordingSummary.State(rawValue: row["state"]) else { throw ArchiveError.damaged }
    summary = RecordingSummary(
      id: row["id"], rec: row["rec"], host: row["host"], user: row["user"], start: timestamp(milliseconds: start),
      end: timestamp(milliseconds: start + duration), durationMilliseconds: UInt64(duration), state: state,
      bytes: UInt64(row["bytes"] as Int64), messages: head.seq, trust: row["trust"], term: row["term"], tty: row["tty"],
      cmd: row["cmd"], why: row["why"], exit: row["exit"], signal: row["signal"])
  }

  static func fetch(_ db: Database, id: RecordingID) throws -> RecordingRow? {
    let statement = try db.cachedStatement(sql: columns + " WHERE r.id = ?")
    return try Row.fetchOne(statement, arguments: [id.description]).map { try RecordingRow($0) }
  }

  /// Number of the last message in the sealed file; 0 without one.
  var sealedSeq: UInt64 { frames?.frames.last?.last ?? 0 }

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
  /// sealed file of it stays, and is continued when the recording ends.
  static func reopen(_ number: Int64, in db: Database) throws {
    try db.cachedStatement(sql: "UPDATE recordings SET state = 'live', unsealed = 1 WHERE number = ?").execute(
      arguments: [number])
  }

  /// Takes over what a `start` and an `end` said.
  static func update(_ number: Int64, with facts: RecordingFacts, in db: Database) throws {
    if let start = facts.start {
      try db.cachedStatement(sql: "UPDATE recordings SET trust = ?, tty = ?, cmd = ? WHERE number = ?").execute(
        arguments: [start.trust, start.tty, start.command, number])
    }
    if let end = facts.end {
      try db.cachedStatement(
        sql: "UPDATE recordings SET state = 'complete', why = ?, exit = ?, signal = ? WHERE number = ?"
      ).execute(arguments: [end.why, end.exit, end.signal, number])
    }
  }
}
