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
  /// Its `end` is here: nothing may follow.
  let hasEnd: Bool
  let isDamaged: Bool

  /// All but the index of the sealed file, which is long: see ``Archive/sealedIndex(_:in:)``.
  static let columns = """
    SELECT r.number, r.id, r.host, r.rec, r.user, r.term, r.session, r.start, r.trust, r.tty, r.cmd, r.state, r.why,
      r.exit, r.signal, r.path, r.window_columns, r.window_rows, r.gaps, r.has_input, r.sealed, r.unsealed,
      r.indexed, r.indexed_bytes, r.indexed_whole, r.damaged, h.seq, h.hash, h.off, h.duration, h.bytes, h.received,
      h.lag, h.wall, h.skew, s.seen
    FROM recordings r JOIN heads h ON h.recording = r.number LEFT JOIN hosts s ON s.name = r.host
    """

  /// - Parameter now: When it is looked at, for a live one's duration; nil: that of what is held of it.
  /// - Throws: ``ArchiveError/damaged``.
  init(_ row: Row, at now: Int64? = nil) throws {
    let start: Int64 = try row.value("start")
    let held: Int64 = try row.value("duration")
    guard let state = RecordingState(rawValue: try row.value("state")) else { throw ArchiveError.damaged }
    var (duration, silent): (Int64, Int64?) = (held, nil)
    if let now, state == .live {
      let clock = LiveClock(
        heldMilliseconds: held, lagMilliseconds: try row.value("lag"), received: try row.value("received"),
        hostSeen: (try? row.optional("seen")) ?? nil)
      (duration, silent) = clock.reading(at: now)
    }
    let end = (try row.optional("wall") ?? start.adding(held)).adding(duration.subtracting(held))
    number = try row.value("number")
    startMilliseconds = start
    path = try row.optional("path")
    sealedSeq = try row.count("sealed")
    isUnsealed = try row.value("unsealed")
    indexedSeq = try row.count("indexed")
    indexedByteCount = try row.count("indexed_bytes")
    isIndexedWhole = try row.value("indexed_whole")
    head = try row.head()
    let why: String? = try row.optional("why")
    hasEnd = why != nil
    isDamaged = try row.value("damaged")
    summary = RecordingSummary(
      id: try row.value("id"), rec: try row.value("rec"), host: try row.value("host"), user: try row.value("user"),
      start: timestamp(milliseconds: start), end: timestamp(milliseconds: end),
      durationMilliseconds: UInt64(clamping: duration), state: state, bytes: try row.count("bytes"),
      messages: head.seq, trust: try row.value("trust"), term: try row.value("term"), tty: try row.value("tty"),
      cmd: try row.value("cmd"), why: why, exit: try row.optional("exit"), signal: try row.optional("signal"),
      columns: UInt16(clamping: try row.value("window_columns") as Int),
      rows: UInt16(clamping: try row.value("window_rows") as Int), gaps: try row.value("gaps"),
      hasInput: try row.value("has_input"), silent: silent.map { timestamp(milliseconds: $0) },
      clockMilliseconds: try row.optional("skew"))
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

  /// Takes over what a `start` and an `end` said. With an end it is no longer live: see ``close(_:in:)``.
  static func update(_ number: Int64, with facts: RecordingFacts, in db: Database) throws {
    if let start = facts.start {
      try db.cachedStatement(sql: "UPDATE recordings SET trust = ?, tty = ?, cmd = ? WHERE number = ?").execute(
        arguments: [start.trust, start.tty, start.command, number])
    }
    if let end = facts.end {
      try db.cachedStatement(sql: "UPDATE recordings SET why = ?, exit = ?, signal = ? WHERE number = ?").execute(
        arguments: [end.why, end.exit, end.signal, number])
    }
  }

  /// Gives a recording the word that it has when no more comes.
  static func close(_ number: Int64, in db: Database) throws {
    guard let state = try closedState(number, in: db) else { return }
    try db.cachedStatement(
      sql: """
        UPDATE recordings SET state = ?,
          ended_duration = (SELECT duration FROM heads WHERE recording = number),
          ended_bytes = (SELECT bytes FROM heads WHERE recording = number) WHERE number = ?
        """
    ).execute(arguments: [state.rawValue, number])
  }

  /// What it is, or would be if no more came.
  static func closedState(_ number: Int64, in db: Database) throws -> RecordingState? {
    let sql = "SELECT trust, gaps, damaged, why FROM recordings WHERE number = ?"
    return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [number]).map { try RecordingState(ended: $0) }
  }

  /// Takes over what lists show of new lines; most lines have nothing of it.
  static func update(
    _ number: Int64, shown: RecordingSummary?, with lines: ArraySlice<Submission.Line>, in db: Database
  ) throws {
    let gaps = lines.count { $0.loss != nil }
    let isDamaged = lines.contains { $0.loss?.isDamage ?? false }
    let hasInput = lines.contains { $0.hasInput } && shown?.hasInput != true
    let window = shown?.columns ?? 0 == 0 ? lines.lazy.compactMap(\.window).first : nil
    if gaps == 0 && !hasInput && window == nil { return }
    try db.cachedStatement(
      sql: """
        UPDATE recordings SET gaps = gaps + ?, damaged = damaged OR ?, has_input = has_input OR ?,
          window_columns = iif(window_columns = 0, ?, window_columns), window_rows = iif(window_rows = 0, ?, window_rows)
        WHERE number = ?
        """
    ).execute(arguments: [gaps, isDamaged, hasInput, window?.columns ?? 0, window?.rows ?? 0, number])
  }
}

extension RecordingState {
  /// - Parameter row: `trust`, `gaps`, `damaged` and `why` of a recording of which no more comes.
  init(ended row: Row) throws {
    let why: String? = try row.optional("why")
    var facts = Facts()
    facts.isTrusted = try row.value("trust") as String == "trusted"
    facts.hasGaps = try row.value("gaps") as Int > 0
    facts.isDamaged = try row.value("damaged")
    facts.hasEnd = why != nil
    facts.why = why.flatMap { SessionEnd.Why(named: Array($0.utf8)) }
    self.init(facts)
  }
}
