package import API
package import Archive
import Crypto
import Foundation
import GRDB
package import Identity
import SwiftASN1
import X509

/// Which hosts may speak, and how they come to: join tokens, enrolment, renewal, revocation.
///
/// The authority's key is used here and nowhere else.
package struct Fleet: Sendable {
  /// A join token is good for one enrolment within an hour.
  package static let joinTokenLifetime: Int64 = 3_600_000
  /// A known key may renew this long after its certificate ended.
  package static let renewalGrace: Int64 = 30 * 86_400_000

  let archive: Archive
  let waiters = OrderWaiters()
  private let authority: Authority

  package init(archive: Archive, authority: Authority) {
    self.archive = archive
    self.authority = authority
  }

  // MARK: - Joining

  /// Enrols a host, and spends the token.
  ///
  /// - Parameter now: Milliseconds since the Epoch.
  package func enrol(_ request: EnrolmentRequest, now: Int64) async throws -> CertificateAnswer {
    guard HostCertificate.isHostName(request.host), let signing = SigningRequest(pem: request.csr) else {
      throw Problem(error: "malformed", why: "no host name, or no signed request for a P-256 key")
    }
    guard let ledgerKey = Data(base64Encoded: request.ledgerKey),
      (try? Curve25519.Signing.PublicKey(rawRepresentation: ledgerKey)) != nil
    else { throw Problem(error: "malformed", why: "ledger_key is not an Ed25519 public key in base64") }
    let certificate = try self.certificate(host: request.host, key: signing.key, now: now)
    let hash = tokenHash(request.token)
    let problem = try await archive.pool.write { db -> Problem? in
      if let problem = try spend(hash, host: request.host, now: now, in: db) { return problem }
      try db.execute(
        sql: """
          INSERT INTO hosts (name, state, key, ledger_key, enrolled, certified) VALUES (?1, 'enrolled', ?2, ?3, ?4, ?5)
          ON CONFLICT (name) DO UPDATE SET state = 'enrolled', key = ?2, ledger_key = ?3, enrolled = ?4, certified = ?5
          """, arguments: [request.host, signing.keyFingerprint, ledgerKey, now, certificate.ends])
      return nil
    }
    if let problem { throw problem }
    return certificate.answer
  }

  /// Looks whether a token is good, marks it as used, and remembers it as an incident when it was used before.
  private func spend(_ hash: Data, host: String, now: Int64, in db: Database) throws -> Problem? {
    let refused = Problem(error: "token", why: "the join token is not one for this host, was used, or has ended")
    guard let token = try Row.fetchOne(db, sql: "SELECT * FROM join_tokens WHERE hash = ?", arguments: [hash]) else {
      return refused
    }
    let used: Int64? = token["used"]
    if used != nil {
      try db.execute(
        sql: "INSERT INTO incidents (at, host, what) VALUES (?, ?, 'a used join token was presented again')",
        arguments: [now, token["host"] as String])
      return refused
    }
    guard token["host"] as String == host, token["ends"] as Int64 > now else { return refused }
    let isKnown = try Bool.fetchOne(db, sql: "SELECT 1 FROM hosts WHERE name = ?", arguments: [host]) ?? false
    guard !isKnown || token["replaces"] as Bool else {
      return Problem(error: "enrolled", why: "the host is enrolled already: its token needs --replace")
    }
    try db.execute(sql: "UPDATE join_tokens SET used = ? WHERE hash = ?", arguments: [now, hash])
    return nil
  }

  /// The next certificate for a key that is known. Whoever can sign the request has that key.
  package func renew(_ request: RenewalRequest, now: Int64) async throws -> CertificateAnswer {
    guard let signing = SigningRequest(pem: request.csr) else {
      throw Problem(error: "malformed", why: "no signed request for a P-256 key")
    }
    let host = try await archive.pool.read { db in
      try String.fetchOne(
        db, sql: "SELECT name FROM hosts WHERE key = ? AND state = 'enrolled' AND certified > ?",
        arguments: [signing.keyFingerprint, now - Self.renewalGrace])
    }
    guard let host else {
      throw Problem(error: "unknown-key", why: "no enrolled host has this key: it must join again")
    }
    let certificate = try certificate(host: host, key: signing.key, now: now)
    try await archive.pool.write { db in
      try db.execute(
        sql: "UPDATE hosts SET certified = ? WHERE name = ? AND key = ?",
        arguments: [certificate.ends, host, signing.keyFingerprint])
    }
    return certificate.answer
  }

  private func certificate(
    host: String, key: Certificate.PublicKey, now: Int64
  ) throws -> (answer: CertificateAnswer, ends: Int64) {
    let date = Date(timeIntervalSince1970: Double(now) / 1000)
    let certificate = try authority.certificate(forHost: host, key: key, now: date)
    let ends = Int64(certificate.notValidAfter.timeIntervalSince1970) * 1000
    return (CertificateAnswer(certificate: try certificate.serializeAsPEM().pemString), ends)
  }

  // MARK: - Speaking

  /// Whether the host may speak now: asked for each batch, so that revoking works at once.
  package func admits(_ certificate: HostCertificate) async throws -> Bool {
    try await archive.pool.read { db in
      try Bool.fetchOne(
        db, sql: "SELECT 1 FROM hosts WHERE name = ? AND key = ? AND state = 'enrolled'",
        arguments: [certificate.host, certificate.keyFingerprint]) ?? false
    }
  }

  package func revoke(_ host: String) async throws {
    try await archive.pool.write { db in
      try db.execute(sql: "UPDATE hosts SET state = 'revoked' WHERE name = ?", arguments: [host])
    }
  }

  package func hosts() async throws -> [HostSummary] {
    try await archive.pool.read { db in
      let sql = """
        SELECT name, state, enrolled,
          seen, skew,
          (SELECT count(*) FROM recordings r WHERE r.host = hosts.name AND r.state = 'live') AS live
        FROM hosts ORDER BY name
        """
      return try Row.fetchAll(db, sql: sql).map { row in
        let seen: Int64? = try row.optional("seen")
        return HostSummary(
          name: try row.value("name"), state: try row.value("state"),
          enrolled: timestamp(milliseconds: try row.value("enrolled")),
          seen: seen.map { timestamp(milliseconds: $0) }, live: try row.value("live"),
          clockMilliseconds: try row.optional("skew"))
      }
    }
  }
}
