import API
import Foundation
import TestSupport
import Testing

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
    let right = #"{"user":"eve","password":"correct horse"}"#
    let cookie = try #require(try await centre.signIn(right))
    let session: SessionAnswer = try await centre.ask("GET", "/v1/session", headers: [cookie]).decoded()
    #expect(session.name == "eve" && session.role == "auditor")
    for name in ["eve", "nobody", "eve", "eve", "eve"] {
      let wrong = #"{"user":"\#(name)","password":"wrong horse"}"#
      let answer = try await centre.ask("POST", "/v1/session", headers: ["content-type=application/json"], body: wrong)
      #expect(answer.status == 401 && answer.error == "sign-in")
    }
    // Now even the right one has to wait.
    let late = try await centre.ask("POST", "/v1/session", headers: ["content-type=application/json"], body: right)
    #expect(late.status == 429 && late.headers["retry-after"] != nil)
    // Who is signed in is not touched by that, until the account goes.
    #expect(try await centre.ask("GET", "/v1/session", headers: [cookie]).status == 200)
    _ = try await centre.stenod("user", "remove", "--name", "eve")
    #expect(try await centre.ask("GET", "/v1/session", headers: [cookie]).status == 401)
  }
}

extension Centre {
  func addUser(_ name: String, password: String, _ words: String...) async throws {
    let program = try DrivenProgram(
      onPipes: ["/bin/sh", "-c", #"printf '%s\n' "$0" | "$@""#, password] + [
        Self.program, "user", "add", "--name", name,
      ]
        + words + ["--data", directory.file("data")])
    #expect(try await program.end() == .status(0))
  }
}
