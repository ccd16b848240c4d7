package import API
import Archive
import Crypto
import Events
import Foundation
import GRDB
package import Identity

/// The hosts' ledgers: what they say of themselves, signed, kept as it was sent (THREATS 18).
extension Fleet {
  /// Keeps an entry, and returns when it is on disk.
  ///
  /// - Throws: `Problem` when it is not what docs/protocol.md describes, or not signed by the host's ledger key;
  ///   `ArchiveError.full`.
  package func record(
    _ submission: LedgerSubmission, from certificate: HostCertificate, now: Int64
  ) async throws -> LedgerAnswer {
    guard archive.hasRoom() else { throw ArchiveError.full }
    let bytes = Data(submission.entry.utf8)
    guard let entry = try? JSONDecoder().decode(LedgerEntry.self, from: bytes), entry.host == certificate.host,
      entry.n >= 1, entry.n <= UInt64(Int64.max), entry.epoch.utf8.count <= 64,
      max(entry.heads.count, entry.starts.count, entry.ends.count) <= LedgerEntry.nameCountMax
    else { throw Problem(error: "malformed", why: "the entry is not one of this host's ledger") }
    return try await archive.pool.write { db in
      try check(submission, bytes, host: entry.host, in: db)
      let answer = try keep(entry, bytes, submission, now: now, in: db)
      let skew = milliseconds(timestamp: entry.time).map { $0.subtracting(now) }
      try db.execute(
        sql: "UPDATE hosts SET seen = ?, skew = ? WHERE name = ?", arguments: [now, skew, entry.host])
      return answer
    }
  }

  private func check(_ submission: LedgerSubmission, _ bytes: Data, host: String, in db: Database) throws {
    let key = try Data.fetchOne(db, sql: "SELECT ledger_key FROM hosts WHERE name = ?", arguments: [host])
    guard let key, let signature = Data(base64Encoded: submission.signature),
      try Curve25519.Signing.PublicKey(rawRepresentation: key).isValidSignature(signature, for: bytes)
    else { throw Problem(error: "signature", why: "the entry is not signed by the host's ledger key") }
  }

  private func keep(
    _ entry: LedgerEntry, _ bytes: Data, _ submission: LedgerSubmission, now: Int64, in db: Database
  ) throws -> LedgerAnswer {
    let hash = base64URLHash(of: bytes)
    let place: StatementArguments = [entry.host, entry.epoch]
    let head = try Row.fetchOne(
      db, sql: "SELECT n, hash FROM ledger WHERE host = ? AND epoch = ? ORDER BY n DESC LIMIT 1", arguments: place
    ).map { LedgerDecision.Head(n: try $0.count("n"), hash: try $0.value("hash")) }
    let kept = try String.fetchOne(
      db, sql: "SELECT hash FROM ledger WHERE host = ? AND epoch = ? AND n = ?",
      arguments: place + [Int64(entry.n)])
    let isFirst =
      try Row.fetchOne(db, sql: "SELECT 1 FROM ledger WHERE host = ? AND epoch != ? LIMIT 1", arguments: place) == nil
    let decision = LedgerDecision(
      head: head, isFirstEpoch: isFirst, n: entry.n, previous: entry.prev, hash: hash, kept: kept)
    switch decision {
    case .held: return LedgerAnswer(status: .held, n: head?.n ?? 0)
    case .fork:
      try note("another ledger entry \(entry.n) of the same epoch: was the host's state copied?", entry, now, in: db)
      return LedgerAnswer(status: .fork, n: head?.n ?? 0)
    case .takeNoting(let what): try note(what, entry, now, in: db)
    case .take: break
    }
    try db.execute(
      sql: "INSERT INTO ledger (host, epoch, n, hash, entry, signature, received) VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        entry.host, entry.epoch, Int64(entry.n), hash, submission.entry, submission.signature, now,
      ])
    try compare(entry, now, in: db)
    return LedgerAnswer(status: .held, n: entry.n)
  }

  /// What the host believes to be here must be here: the same number, the same hash.
  private func compare(_ entry: LedgerEntry, _ now: Int64, in db: Database) throws {
    for open in entry.heads where open.seq > 0 {
      let id = RecordingID(host: Array(entry.host.utf8), rec: Array(open.rec.utf8))
      let sql = "SELECT seq, hash FROM heads JOIN recordings ON number = recording WHERE id = ?"
      guard let head = try Row.fetchOne(db, sql: sql, arguments: [id.description]) else {
        try note("the host has sent a recording that is not here: \(id)", entry, now, in: db)
        continue
      }
      let seq = try head.count("seq")
      if seq < open.seq {
        try note("recording \(id) ends here at message \(seq), and the host has sent \(open.seq)", entry, now, in: db)
      } else if seq == open.seq && head["hash"] as String != open.hash {
        try note("message \(seq) of recording \(id) is another one than the host has sent", entry, now, in: db)
      }
    }
  }

  private func note(_ what: String, _ entry: LedgerEntry, _ now: Int64, in db: Database) throws {
    try db.execute(
      sql: "INSERT INTO incidents (at, host, what) VALUES (?, ?, ?)", arguments: [now, entry.host, what])
  }

  /// Incidents, the newest first: all of them, page by page, so that many new ones hide no old one.
  ///
  /// - Parameter mark: `next` of the page before.
  /// - Returns: nil when `mark` is none.
  package func incidents(after mark: String?, count: Int) async throws -> IncidentPage? {
    guard let before = mark.map({ Int64($0) }) ?? .max else { return nil }
    let found = try await archive.pool.read { db in
      try Row.fetchAll(
        db, sql: "SELECT number, at, host, what FROM incidents WHERE number < ? ORDER BY number DESC LIMIT ?",
        arguments: [before, count + 1]
      ).map { row in
        (
          number: row["number"] as Int64,
          incident: Incident(at: timestamp(milliseconds: row["at"]), host: row["host"], what: row["what"])
        )
      }
    }
    let shown = found.prefix(count)
    return IncidentPage(
      incidents: shown.map(\.incident), next: found.count > count ? shown.last.map { String($0.number) } : nil)
  }
}

private func base64URLHash(of bytes: Data) -> String {
  Data(Crypto.SHA256.hash(data: bytes)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    .replacing("=", with: "")
}
