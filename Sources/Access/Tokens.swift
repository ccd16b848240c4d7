package import API
package import Archive
import Foundation
import GRDB
import Identity

/// Tokens for the `steno` command and scripts.
extension Archive {
  /// - Parameters:
  ///   - name: What the audit list calls whoever uses it.
  ///   - scope: Counts for viewers.
  package func makeAccessToken(
    role: AccessRole, name: String = "token", scope: Scope = .everything, now: Int64
  ) throws -> String {
    let token = newToken()
    try pool.write { db in
      try db.execute(
        sql: "INSERT INTO access_tokens (hash, role, made, name, scope) VALUES (?, ?, ?, ?, ?)",
        arguments: [tokenHash(token), role.rawValue, now, name, try scope.text])
    }
    return token
  }

  /// Takes the access tokens of a name away.
  ///
  /// - Returns: How many there were.
  package func removeAccessTokens(named name: String) throws -> Int {
    try pool.write { db in
      try db.execute(sql: "DELETE FROM access_tokens WHERE name = ?", arguments: [name])
      return db.changesCount
    }
  }

  /// - Returns: nil when it is no access token.
  package func person(ofToken token: String) async throws -> Person? {
    let hash = tokenHash(token)
    return try await pool.read { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT role, name, scope FROM access_tokens WHERE hash = ?", arguments: [hash])
      guard let row, let role = AccessRole(rawValue: row["role"]) else { return nil }
      return Person(name: "token:" + (row["name"] as String), role: role, scope: try Scope(text: row["scope"]))
    }
  }
}

extension Scope {
  /// As it is kept.
  var text: String {
    get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
  }

  init(text: String) throws { self = try JSONDecoder().decode(Scope.self, from: Data(text.utf8)) }
}
