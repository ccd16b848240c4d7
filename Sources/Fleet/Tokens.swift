package import Archive
import Foundation
import GRDB
import Identity

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
}
