import API
import Foundation
import TestSupport
import Testing

@testable import Access

@Suite("signing in at a centre", .serialized) struct SignInTests {
  @Test("the link that the centre prints signs in once; the session says who, and ends by signing out")
  func link() async throws {
    let centre = try await Centre()
    try await centre.program.expect("#link=")
    try await centre.program.expect("\n")
    let body = "{\"link\":\"\(centre.link)\"}"
    let first = try await centre.ask("POST", "/v1/session", headers: ["content-type=application/json"], body: body)
    #expect(first.status == 204)
    let cookie = try #require(first.headers["set-cookie"])
    #expect(cookie.hasPrefix("__Host-steno="))
    for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] { #expect(cookie.contains("; " + attribute)) }
    let header = "cookie=" + cookie.prefix { $0 != ";" }
    let session: SessionAnswer = try await centre.ask("GET", "/v1/session", headers: [header]).decoded()
    #expect(session.name == "link" && session.role == "admin" && session.ends != nil)
    let csrf = try #require(session.csrf)
    // The link is spent.
    #expect(try await centre.signIn(body) == nil)
    // What changes something needs the word that another site cannot know.
    #expect(try await centre.ask("DELETE", "/v1/session", headers: [header]).error == "csrf")
    #expect(try await centre.ask("DELETE", "/v1/session", headers: [header, "x-steno-csrf=wrong"]).error == "csrf")
    #expect(try await centre.ask("DELETE", "/v1/session", headers: [header, "x-steno-csrf=\(csrf)"]).status == 204)
    #expect(try await centre.ask("GET", "/v1/session", headers: [header]).status == 401)
  }

  @Test("a token that was revoked is not known any more, and others are")
  func revokedToken() async throws {
    let centre = try await Centre()
    let ann = try await centre.stenod("token", "--role", "admin", "--name", "ann")
    let bob = try await centre.stenod("token", "--role", "viewer", "--name", "bob", "--hosts", "db-*")
    let lines = try await centre.admin("user", "list").split(separator: "\n").map { $0.split(separator: " ") }
    #expect(
      lines.map { $0.prefix(4) } == [
        ["NAME", "ROLE", "HOSTS", "USERS"], ["token:ann", "admin", "*", "*"], ["token:bob", "viewer", "db-*", "*"],
      ])
    #expect(try await centre.ask("GET", "/v1/session", token: ann).status == 200)
    _ = try await centre.stenod("revoke", "--token", "ann")
    #expect(try await centre.ask("GET", "/v1/session", token: ann).status == 401)
    #expect(try await centre.ask("GET", "/v1/session", token: bob).status == 200)
  }

  @Test("a form of another site signs nobody in")
  func formOfAnotherSite() async throws {
    let centre = try await Centre()
    let token = try await centre.stenod("link").split(separator: "=").last ?? ""
    let answer = try await centre.ask(
      "POST", "/v1/session", headers: ["content-type=text/plain"], body: "{\"link\":\"\(token)\"}")
    #expect(answer.status == 400)
    #expect(try await centre.signIn("{\"link\":\"\(token)\"}") != nil)
  }

  @Test("an account signs in with its password; guessing is slowed down; its session ends with the account")
  func account() async throws {
    let centre = try await Centre()
    try await centre.addUser("eve", password: "correct horse", "--role", "auditor")
    // Lists of who did what have these names for others.
    for name in ["link", "local", "eve/"] {
      let said = try await centre.admin("user", "add", name, "--role", "auditor", input: "correct horse", status: 1)
      #expect(said.contains("is not link or local"))
    }
    let right = #"{"user":"eve","password":"correct horse"}"#
    let cookie = try #require(try await centre.signIn(right))
    let session: SessionAnswer = try await centre.ask("GET", "/v1/session", headers: [cookie]).decoded()
    #expect(session.name == "eve" && session.role == "auditor")
    var statuses: [Int] = []
    for number in 0..<20 where statuses.last != 429 {
      let wrong = #"{"user":"\#(number < 2 ? "nobody" : "eve")","password":"wrong horse"}"#
      let answer = try await centre.ask("POST", "/v1/session", headers: ["content-type=application/json"], body: wrong)
      statuses.append(answer.status)
      #expect(answer.error == (answer.status == 429 ? "later" : "sign-in"))
      #expect((answer.headers["retry-after"] != nil) == (answer.status == 429))
    }
    // The sixth of hers has to wait, unless it came late itself.
    #expect(statuses.count >= 8 && statuses.last == 429 && statuses.dropLast().allSatisfy { $0 == 401 })
    // Who is signed in is not touched by that, until the account goes.
    #expect(try await centre.ask("GET", "/v1/session", headers: [cookie]).status == 200)
    _ = try await centre.admin("user", "remove", "eve")
    #expect(try await centre.ask("GET", "/v1/session", headers: [cookie]).status == 401)
    _ = try await centre.admin("user", "remove", "eve", status: 3)
  }

  @Test("accounts are made, changed, listed and taken away from afar, which is written down; bad ones are not made")
  func accountsFromAfar() async throws {
    let centre = try await Centre()
    let token = try await centre.stenod("token", "--role", "admin", "--name", "ann")
    func admin(_ words: String..., input: String = "", status: Int32 = 0) async throws -> String {
      try await centre.admin(["user"] + words, input: input, status: status, token: token)
    }
    _ = try await admin("add", "bob@ops", "--role", "viewer", "--hosts", "db-*", "--hosts", "x", input: "correct horse")
    let cookie = try #require(try await centre.signIn(#"{"user":"bob@ops","password":"correct horse"}"#))
    // A change signs out.
    _ = try await admin("add", "bob@ops", "--role", "auditor", input: "horse correct")
    #expect(try await centre.ask("GET", "/v1/session", headers: [cookie]).status == 401)
    #expect(try await centre.signIn(#"{"user":"bob@ops","password":"correct horse"}"#) == nil)
    for (words, sentence) in [
      (["--role", "king"], "role is admin, auditor or viewer"),
      (["--role", "admin", "--users", "a"], "only a viewer is limited to hosts and users"),
    ] {
      let said = try await centre.admin(
        ["user", "add", "eve"] + words, input: "correct horse", status: 1, token: token)
      #expect(said.contains(sentence))
    }
    #expect(try await admin("add", "eve", "--role", "admin", input: "short", status: 1).contains("8 to 1024 bytes"))
    let list = try JSONDecoder().decode(AccountList.self, from: Data(try await admin("list", "--json").utf8))
    #expect(list.users.map(\.name) == ["bob@ops"] && list.users.first?.role == "auditor")
    #expect(list.users.first?.hosts == [] && list.tokens.map(\.name) == ["ann"])
    _ = try await admin("remove", "bob@ops")
    let page: AuditPage = try await centre.ask("GET", "/v1/audit", token: token).decoded()
    #expect(page.entries.map(\.what) == [.removed, .account, .account])
    #expect(page.entries.allSatisfy { $0.who == "token:ann" && $0.account == "bob@ops" })
  }
}

@Suite("slowing down who guesses") struct SignInLimitTests {
  @Test("five failures are free, then each doubles the pause, up to five minutes; others are not touched")
  func pauses() {
    let limit = SignInLimit()
    var now: Int64 = 1000
    for _ in 0..<5 {
      #expect(limit.pause(name: "eve", address: "a", now: now) == 0)
      limit.failed(name: "eve", address: "a", now: now)
    }
    for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] as [Int64] {
      #expect(limit.pause(name: "eve", address: "a", now: now) == pause * 1000)
      #expect(limit.pause(name: "eve", address: "b", now: now) == 0)
      #expect(limit.pause(name: "ann", address: "a", now: now) == 0)
      now += pause * 1000
      #expect(limit.pause(name: "eve", address: "a", now: now) == 0)
      limit.failed(name: "eve", address: "a", now: now)
    }
    limit.succeeded(name: "ann", address: "a")
    #expect(limit.pause(name: "eve", address: "a", now: now) > 0, "an account of one's own forgives no guesses")
    limit.succeeded(name: "eve", address: "a")
    #expect(limit.pause(name: "eve", address: "a", now: now) == 0)
  }

  @Test("nobody shuts an account, or those with a link, out from elsewhere, however often they fail")
  func elsewhere() {
    let limit = SignInLimit()
    for number in 0..<1000 {
      limit.failed(name: "eve", address: "2001:db8::\(String(number, radix: 16))", now: 5)
      limit.failed(name: nil, address: "::ffff:192.0.2.1", now: 5)
    }
    #expect(limit.pause(name: "eve", address: "2001:db8::ffff", now: 5) > 0, "all of a /64 are one place")
    for address in ["2001:db8:0:1::1", "::ffff:192.0.2.2", "192.0.2.2"] {
      #expect(limit.pause(name: "eve", address: address, now: 5) == 0)
      #expect(limit.pause(name: nil, address: address, now: 5) == 0)
    }
  }

  @Test("who tries many accounts from one place is slowed down for all of them, and after an hour it is forgotten")
  func manyAccounts() {
    let limit = SignInLimit()
    for number in 0..<50 {
      #expect(limit.pause(name: "\(number)", address: "a", now: 5) == 0)
      limit.failed(name: "\(number)", address: "a", now: 5)
    }
    #expect(limit.pause(name: "another", address: "a", now: 5) > 0)
    #expect(limit.pause(name: nil, address: "a", now: 5) > 0)
    limit.failed(name: "another", address: "a", now: 4_000_000)
    #expect(limit.pause(name: "another", address: "a", now: 4_000_000) == 0)
  }
}

extension Centre {
  func addUser(_ name: String, password: String, _ words: String...) async throws {
    _ = try await admin(["user", "add", name] + words, input: password)
  }

  func admin(_ words: String..., input: String = "", status: Int32 = 0) async throws -> String {
    try await admin(words, input: input, status: status)
  }

  /// What `steno admin` says.
  ///
  /// - Parameter token: nil: over the centre's own socket.
  func admin(_ words: [String], input: String = "", status: Int32 = 0, token: String? = nil) async throws -> String {
    var environment: [String: String?] = ["STENO_SERVER": "unix:" + directory.file("data/stenod.sock")]
    if let token {
      environment = ["STENO_SERVER": url, "STENO_CA": directory.file("data/ca.pem"), "STENO_TOKEN": token]
    }
    environment["HOME"] = directory.path
    let program = try DrivenProgram(
      onPipes: [Self.built("steno"), "admin"] + words, input: .pipe, environment: environment)
    try await program.type(input + "\n")
    program.closeInput()
    #expect(try await program.end() == .status(status), "\(words): \(program.errorText)")
    return program.text + program.errorText
  }
}
