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
  package func setUser(_ name: String, password: String, role: AccessRole, scope: Scope, now: Int64) throws {
    precondition(
      Self.isUserName(name) && Self.passwordByteCounts.contains(password.utf8.count), "checked by the caller")
    let kept = try PasswordHash(of: password)
    try pool.write { db in
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
  package func removeUser(_ name: String) throws -> Bool {
    try pool.write { db in
      try db.execute(sql: "DELETE FROM sessions WHERE user = ?", arguments: [name])
      try db.execute(sql: "DELETE FROM users WHERE name = ?", arguments: [name])
      return db.changesCount > 0
    }
  }

  /// Names, roles and limits, by name.
  package func users() throws -> [(name: String, role: String, scope: Scope)] {
    try pool.read { db in
      try Row.fetchAll(db, sql: "SELECT name, role, scope FROM users ORDER BY name").map {
        ($0["name"], $0["role"], try Scope(text: $0["scope"]))
      }
    }
  }

  func passwordHash(ofUser name: String) async throws -> PasswordHash? {
    try await pool.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT salt, hash FROM users WHERE name = ?", arguments: [name])
      return row.map { PasswordHash(salt: $0["salt"], hash: $0["hash"]) }
    }
  }
}
