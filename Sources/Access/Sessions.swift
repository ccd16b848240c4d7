import API
package import Archive
import Foundation
import GRDB
import Identity

/// Signing in and out, and what a browser's cookie stands for.
package final class Sessions: Sendable {
  /// How long sessions last.
  package struct Limits: Sendable {
    /// Without a request.
    package var idleMilliseconds: Int64 = 3_600_000
    /// From signing in.
    package var wholeMilliseconds: Int64 = 12 * 3_600_000

    package init() {}
  }

  /// A link is good once, within an hour.
  package static let linkLifetime: Int64 = 3_600_000
  /// Use is written down at most so often: not each request is worth a sync.
  private static let noteInterval: Int64 = 60_000
  /// One hash at a time takes 32 MiB; more than this waiting are turned away.
  private static let waitingCountMax = 8

  private let archive: Archive
  private let limits: Limits
  private let limit = SignInLimit()
  private let checker = PasswordChecker(waitingCountMax: waitingCountMax)

  package init(archive: Archive, limits: Limits = Limits()) {
    self.archive = archive
    self.limits = limits
  }

  // MARK: - Signing in

  /// Signs in by a link, and spends it.
  ///
  /// - Returns: What the cookie holds.
  package func signIn(link: String, address: String, now: Int64) async throws -> String {
    try check(name: nil, address, now)
    let hash = tokenHash(link)
    let token = newToken()
    let isGood = try await archive.pool.write { db in
      let role = try String.fetchOne(
        db, sql: "DELETE FROM links WHERE hash = ? AND ends > ? RETURNING role", arguments: [hash, now])
      guard let role else { return false }
      try Self.insert(token, name: "link", user: nil, role: role, now: now, in: db)
      return true
    }
    guard isGood else {
      limit.failed(name: nil, address: address, now: now)
      throw Problem(error: "sign-in", why: "the link was used or has ended: stenod link prints another")
    }
    return token
  }

  /// Signs in to an account.
  ///
  /// - Returns: What the cookie holds.
  package func signIn(user: String, password: String, address: String, now: Int64) async throws -> String {
    let refused = Problem(error: "sign-in", why: "no such user, or the password is wrong")
    guard Archive.isUserName(user), password.utf8.count <= Archive.passwordByteCounts.upperBound else { throw refused }
    try check(name: user, address, now)
    guard try await checker.matches(password, try await archive.passwordHash(ofUser: user)) else {
      limit.failed(name: user, address: address, now: now)
      throw refused
    }
    limit.succeeded(name: user, address: address)
    let token = newToken()
    try await archive.pool.write { db in
      let role = try String.fetchOne(db, sql: "SELECT role FROM users WHERE name = ?", arguments: [user])
      try Self.insert(token, name: user, user: user, role: role ?? "", now: now, in: db)
    }
    return token
  }

  private func check(name: String?, _ address: String, _ now: Int64) throws {
    let pause = limit.pause(name: name, address: address, now: now)
    guard pause == 0 else { throw SignInRefusal.later(seconds: Int((pause + 999) / 1000)) }
  }

  private static func insert(
    _ token: String, name: String, user: String?, role: String, now: Int64, in db: Database
  ) throws {
    try db.execute(
      sql: "INSERT INTO sessions (hash, name, user, role, csrf, began, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
      arguments: [tokenHash(token), name, user, role, newToken(), now])
  }

  // MARK: - Being signed in

  /// Whom a cookie stands for now; nil when its session has ended. Role and limits are the account's as they are now.
  ///
  /// - Parameter isUse: Whether this counts against the idle limit's clock.
  package func person(ofCookie token: String, now: Int64, isUse: Bool = true) async throws -> Person? {
    let hash = tokenHash(token)
    let found = try await archive.pool.read { db in
      try KeptSession.fetch(db, hash)
    }
    guard let found, let role = AccessRole(rawValue: found.role) else { return nil }
    if found.user != nil && found.account == nil { return nil }
    let ends = found.began + limits.wholeMilliseconds
    guard now < ends, now < found.used + limits.idleMilliseconds else { return nil }
    if isUse && now > found.used + min(Self.noteInterval, limits.idleMilliseconds / 4) { try await note(hash, now) }
    let scope = try found.scope.map { try Scope(text: $0) }
    return Person(name: found.name, role: role, scope: scope ?? .everything, csrf: found.csrf, ends: ends)
  }

  private func note(_ hash: Data, _ now: Int64) async throws {
    try await archive.pool.write { db in
      try db.execute(sql: "UPDATE sessions SET used = ? WHERE hash = ?", arguments: [now, hash])
    }
  }

  package func signOut(cookie token: String) async throws {
    let hash = tokenHash(token)
    try await archive.pool.write { db in
      try db.execute(sql: "DELETE FROM sessions WHERE hash = ?", arguments: [hash])
    }
  }

  /// Forgets sessions and links that have ended.
  package func clean(now: Int64) async throws {
    try await archive.pool.write { [limits] db in
      try db.execute(
        sql: "DELETE FROM sessions WHERE began < ? OR used < ?",
        arguments: [now - limits.wholeMilliseconds, now - limits.idleMilliseconds])
      try db.execute(sql: "DELETE FROM links WHERE ends < ?", arguments: [now])
    }
  }
}

private struct KeptSession {
  let name, role, csrf: String
  /// Of whom the session is, and whether there is such an account.
  let user, account, scope: String?
  let began, used: Int64

  static func fetch(_ db: Database, _ hash: Data) throws -> KeptSession? {
    let sql = """
      SELECT s.name, s.user, s.csrf, s.began, s.used, ifnull(u.role, s.role) AS role, u.scope, u.name AS account
      FROM sessions s LEFT JOIN users u ON u.name = s.user WHERE s.hash = ?
      """
    return try Row.fetchOne(db, sql: sql, arguments: [hash]).map { row in
      KeptSession(
        name: row["name"], role: row["role"], csrf: row["csrf"], user: row["user"], account: row["account"],
        scope: row["scope"], began: row["began"], used: row["used"])
    }
  }
}

/// Why nobody was signed in, where a ``Problem`` would not do.
package enum SignInRefusal: Error, Equatable {
  /// Too many have failed: not before so many seconds.
  case later(seconds: Int)
}

extension Archive {
  /// Makes a link's token, good for signing in once.
  package func makeLink(role: AccessRole, now: Int64) throws -> String {
    let token = newToken()
    try pool.write { db in
      try db.execute(
        sql: "INSERT INTO links (hash, role, ends) VALUES (?, ?, ?)",
        arguments: [tokenHash(token), role.rawValue, now + Sessions.linkLifetime])
    }
    return token
  }
}

/// Hashes one password after the other: each takes memory and a processor for a while.
private actor PasswordChecker {
  private let waitingCountMax: Int
  private var waitingCount = 0
  private var last: Task<Bool, any Error>?

  init(waitingCountMax: Int) { self.waitingCountMax = waitingCountMax }

  /// - Parameter kept: nil for nobody: it takes as long, so that nobody learns who has an account.
  func matches(_ password: String, _ kept: PasswordHash?) async throws -> Bool {
    guard waitingCount < waitingCountMax else { throw SignInRefusal.later(seconds: 1) }
    waitingCount += 1
    defer { waitingCount -= 1 }
    let before = last
    let task = Task.detached {
      _ = await before?.result
      let hash = kept ?? PasswordHash(salt: Data(count: 16), hash: Data(count: 32))
      return try hash.matches(password) && kept != nil
    }
    last = task
    return try await task.value
  }
}
