package import Archive
import Foundation
import GRDB
import Identity

/// What somebody with an access token may do.
package enum AccessRole: String, Sendable, CaseIterable {
  /// Everything.
  case admin
  /// List, show, play and export.
  case auditor
}

extension Archive {
  /// Makes a token with which `host` may enrol once within the hour.
  ///
  /// - Parameter replaces: Whether a host of that name may be enrolled already; its old key ends then.
  package func makeJoinToken(host: String, replaces: Bool, now: Int64) throws -> String {
    precondition(HostCertificate.isHostName(host), "a host name")
    let token = newToken()
    try pool.write { db in
      try db.execute(
        sql: "INSERT INTO join_tokens (hash, host, ends, replaces) VALUES (?, ?, ?, ?)",
        arguments: [tokenHash(token), host, now + Fleet.joinTokenLifetime, replaces])
    }
    return token
  }

  package func makeAccessToken(role: AccessRole, now: Int64) throws -> String {
    let token = newToken()
    try pool.write { db in
      try db.execute(
        sql: "INSERT INTO access_tokens (hash, role, made) VALUES (?, ?, ?)",
        arguments: [tokenHash(token), role.rawValue, now])
    }
    return token
  }

  /// - Returns: nil when it is no access token.
  package func role(ofToken token: String) async throws -> AccessRole? {
    let hash = tokenHash(token)
    let role = try await pool.read {
      try String.fetchOne($0, sql: "SELECT role FROM access_tokens WHERE hash = ?", arguments: [hash])
    }
    return role.flatMap { AccessRole(rawValue: $0) }
  }
}

/// 32 random bytes, base64url.
private func newToken() -> String {
  var generator = SystemRandomNumberGenerator()
  let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
  return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
