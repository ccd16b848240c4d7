package import API
package import Archive
import GRDB
package import Identity

/// Who watched what, and who changed accounts. An entry is on disk before the first byte of a recording goes out (THREATS 21).
extension Archive {
  /// - Parameters:
  ///   - place: Milliseconds from the recording's start; nil without one.
  ///   - isHourly: One entry an hour is enough: a player asks for events many times a minute.
  package func note(
    _ what: AuditEntry.What, of recording: RecordingID, by person: Person, from place: UInt64?, isHourly: Bool = false,
    now: Int64
  ) async throws {
    let hour = isHourly ? now / 3_600_000 : nil
    if let hour, try await isNoted(what, recording, person, hour) { return }
    try await pool.write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO audit (at, who, what, recording, place, hour) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [now, person.name, what.rawValue, recording.description, place.map { Int64(clamping: $0) }, hour])
    }
  }

  /// Within the transaction that changes an account.
  func note(_ what: AuditEntry.What, ofAccount name: String, by person: Person, now: Int64, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO audit (at, who, what, account) VALUES (?, ?, ?, ?)",
      arguments: [now, person.name, what.rawValue, name])
  }

  private func isNoted(
    _ what: AuditEntry.What, _ recording: RecordingID, _ person: Person, _ hour: Int64
  ) async throws -> Bool {
    try await pool.read { db in
      let sql = "SELECT 1 FROM audit WHERE who = ? AND what = ? AND recording = ? AND hour = ?"
      return try Bool.fetchOne(
        db, sql: sql, arguments: [person.name, what.rawValue, recording.description, hour]) ?? false
    }
  }

  /// - Parameter mark: `next` of the page before; nil for the first.
  /// - Returns: nil when `mark` is none.
  package func audit(after mark: String?, count: Int) async throws -> AuditPage? {
    var before = Int64.max
    if let mark {
      guard let number = Int64(mark) else { return nil }
      before = number
    }
    let found = try await pool.read { [before] db in
      let sql = "SELECT * FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?"
      return try Row.fetchAll(db, sql: sql, arguments: [before, count + 1]).map {
        (number: $0["number"] as Int64, entry: try AuditEntry($0))
      }
    }
    let shown = found.prefix(count)
    let next = found.count > count ? shown.last.map { String($0.number) } : nil
    return AuditPage(entries: shown.map(\.entry), next: next)
  }
}

extension AuditEntry {
  fileprivate init(_ row: Row) throws {
    guard let what = What(rawValue: row["what"]) else { throw ArchiveError.damaged }
    let place: Int64? = row["place"]
    self.init(
      at: timestamp(milliseconds: row["at"]), who: row["who"], what: what, recording: row["recording"],
      from: place.map { UInt64($0) }, account: row["account"])
  }
}
