package import API
package import Archive
import Foundation
import GRDB

/// Accounts of this centre's own.
extension Archive {
  /// Names that lists of who did what have for those without an account.
  private static let reservedNames = ["link", "local"]

  /// A user's name is shown and logged: nothing in it may act, and nobody is to be taken for another.
  package static func isUserName(_ text: String) -> Bool {
    !reservedNames.contains(text) && (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "@"):
          true
        default: false
        }
      }
  }

  /// Shorter ones are guessed, and longer ones are hashed for nothing.
  package static let passwordByteCounts = 8...1024

  /// Makes an account, or changes it; whoever is signed in to it is signed out.
  ///
  /// - Parameters:
  ///   - name: ``isUserName(_:)`` holds.
  ///   - password: Of ``passwordByteCounts`` bytes.
  ///   - scope: Counts for viewers.
  package func setUser(
    _ name: String, password: String, role: AccessRole, scope: Scope, by person: Person, now: Int64
  ) async throws {
    precondition(
      Self.isUserName(name) && Self.passwordByteCounts.contains(password.utf8.count), "checked by the caller")
    let kept = try PasswordHash(of: password)
    try await pool.write { db in
      try self.note(.account, ofAccount: name, by: person, now: now, db)
      try db.execute(sql: "DELETE FROM sessions WHERE user = ?", arguments: [name])
      try db.execute(
        sql: """
          INSERT INTO users (name, role, scope, salt, hash, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
          ON CONFLICT (name) DO UPDATE SET role = ?2, scope = ?3, salt = ?4, hash = ?5
          """, arguments: [name, role.rawValue, try scope.text, kept.salt, kept.hash, now])
    }
  }

  /// Takes an account away, and signs out whoever is signed in to it.
  ///
  /// - Returns: Whether there was one.
  package func removeUser(_ name: String, by person: Person, now: Int64) async throws -> Bool {
    try await pool.write { db in
      try db.execute(sql: "DELETE FROM sessions WHERE user = ?", arguments: [name])
      try db.execute(sql: "DELETE FROM users WHERE name = ?", arguments: [name])
      if db.changesCount == 0 { return false }
      try self.note(.removed, ofAccount: name, by: person, now: now, db)
      return true
    }
  }

  /// By name, and the oldest token first.
  package func accounts() async throws -> AccountList {
    try await pool.read { db in
      let users = "SELECT name, role, scope, made FROM users ORDER BY name"
      let tokens = "SELECT name, role, scope, made FROM access_tokens ORDER BY made"
      return AccountList(
        users: try Row.fetchAll(db, sql: users).map { try Account($0) },
        tokens: try Row.fetchAll(db, sql: tokens).map { try Account($0) })
    }
  }

  func passwordHash(ofUser name: String) async throws -> PasswordHash? {
    try await pool.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT salt, hash FROM users WHERE name = ?", arguments: [name])
      return row.map { PasswordHash(salt: $0["salt"], hash: $0["hash"]) }
    }
  }
}

extension Account {
  fileprivate init(_ row: Row) throws {
    let scope = try Scope(text: row["scope"])
    self.init(
      name: row["name"], role: row["role"], hosts: scope.hosts, users: scope.users,
      made: timestamp(milliseconds: row["made"]))
  }
}
