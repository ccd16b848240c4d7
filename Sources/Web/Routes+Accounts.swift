import API
import Access
import Archive
import Foundation
import HTTPTypes
import Hummingbird

/// Who may come in, by a browser or with a token.
extension Routes {
  static let accountRoutes = [
    Route(.get, "/v1/users", .role(.admin), "Accounts and tokens", answer: .json("AccountList")) { routes, _ in
      try json(try await routes.archive.accounts())
    },
    Route(
      .put, "/v1/users/{user}", .role(.admin), "Make an account, or change it; it is signed out",
      body: .json("AccountRequest"), answer: .empty(.noContent)
    ) { try await $0.setUser($1) },
    Route(
      .delete, "/v1/users/{user}", .role(.admin), "Take an account away, and sign it out", answer: .empty(.noContent)
    ) { routes, ask in
      guard try await routes.archive.removeUser(userName(ask), by: ask.person ?? .local, now: routes.now()) else {
        throw Problem(error: "not-found", why: "no such account")
      }
      return Response(status: .noContent)
    },
  ]

  private static func userName(_ ask: Ask) -> String {
    ask.context.parameters.get("user")?.removingPercentEncoding ?? ""
  }

  private func setUser(_ ask: Ask) async throws -> Response {
    let name = Self.userName(ask)
    guard Archive.isUserName(name) else {
      throw Problem(error: "malformed", why: "a name has letters, digits, and . - _ @, and is not link or local")
    }
    let request: AccountRequest = try await decoded(ask)
    guard let role = AccessRole(rawValue: request.role) else {
      throw Problem(error: "malformed", why: "role is admin, auditor or viewer")
    }
    let scope = Scope(hosts: request.hosts ?? [], users: request.users ?? [])
    guard role == .viewer || scope == .everything else {
      throw Problem(error: "malformed", why: "only a viewer is limited to hosts and users")
    }
    guard Archive.passwordByteCounts.contains(request.password.utf8.count) else {
      let counts = Archive.passwordByteCounts
      throw Problem(error: "malformed", why: "a password has \(counts.lowerBound) to \(counts.upperBound) bytes")
    }
    try await archive.setUser(
      name, password: request.password, role: role, scope: scope, by: ask.person ?? .local, now: now())
    return Response(status: .noContent)
  }
}
