import API
import Access
import Foundation
import HTTPTypes
import Hummingbird

/// Signing in and out, and who watched what.
extension Routes {
  static let sessionRoutes = [
    Route(
      .post, "/v1/session", .anybody, "Sign in, by a link or to an account", body: .json("SessionRequest"),
      answer: .empty(.noContent)
    ) { try await $0.signIn($1) },
    Route(.get, "/v1/session", .role(.viewer), "Who is signed in", answer: .json("SessionAnswer")) { _, ask in
      let person = ask.person ?? .local
      return try json(
        SessionAnswer(
          name: person.name, role: person.role.rawValue, csrf: person.csrf,
          ends: person.ends.map { timestamp(milliseconds: $0) }))
    },
    Route(.delete, "/v1/session", .role(.viewer), "Sign out", answer: .empty(.noContent)) { try await $0.signOut($1) },
    Route(
      .get, "/v1/audit", .role(.auditor),
      "Who watched, read, exported and ended what, and changed accounts; the latest first",
      parameters: [
        .init("count", .number(1...RecordingPage.countMax), "Entries a page; 100."),
        .init("after", .text, "`next` of the page before."),
      ], answer: .json("AuditPage")
    ) { routes, ask in
      let count = try ask.query.number("count", 1...RecordingPage.countMax) ?? 100
      guard let page = try await routes.archive.audit(after: ask.query.text("after"), count: count) else {
        throw Problem(error: "malformed", why: "after is `next` of another page")
      }
      return try json(page)
    },
  ]

  private func signIn(_ ask: Ask) async throws -> Response {
    // A form of another site cannot say this.
    guard ask.request.headers[.contentType]?.hasPrefix("application/json") == true else {
      throw Problem(error: "malformed", why: "the request's content-type is application/json")
    }
    let request: SessionRequest = try await decoded(ask)
    let address = ask.context.address
    let token: String
    switch (request.link, request.user, request.password) {
    case (let link?, nil, nil):
      token = try await sessions.signIn(link: link, address: address, now: now())
    case (nil, let user?, let password?):
      token = try await sessions.signIn(user: user, password: password, address: address, now: now())
    default: throw Problem(error: "malformed", why: "either link, or user and password")
    }
    return Response(status: .noContent, headers: [.setCookie: Self.cookie(token)])
  }

  private func signOut(_ ask: Ask) async throws -> Response {
    if let cookie = ask.request.stenoCookie { try await sessions.signOut(cookie: cookie) }
    return Response(status: .noContent, headers: [.setCookie: Self.cookie("") + "; Max-Age=0"])
  }

  private static func cookie(_ value: String) -> String {
    "\(Request.cookieName)=\(value); Path=/; Secure; HttpOnly; SameSite=Strict"
  }
}
