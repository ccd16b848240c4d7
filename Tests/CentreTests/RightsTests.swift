import API
import Access
import Foundation
import TestSupport
import Testing

@testable import Web

@Suite("who may do what at a centre", .serialized) struct RightsTests {
  private enum Asker: CaseIterable { case nobody, wrong, viewer, strangeViewer, auditor, admin }

  /// A request for each route, and what each asker gets.
  private struct Cell {
    let method, path: String
    let answers: [Asker: Int]
  }

  private func cells(_ id: String) -> [Cell] {
    func cell(_ method: String, _ path: String, _ statuses: [Int]) -> Cell {
      Cell(method: method, path: path, answers: Dictionary(uniqueKeysWithValues: zip(Asker.allCases, statuses)))
    }
    let open = [200, 200, 200, 200, 200, 200]
    // A viewer of other hosts does not learn that there is such a recording.
    let seen = [401, 401, 200, 404, 200, 200]
    return [
      cell("GET", "/", open), cell("GET", "/recordings", open), cell("GET", "/recordings/\(id)", open),
      cell("GET", "/hosts", open),
      cell("GET", "/assets/0/nothing.js", [404, 404, 404, 404, 404, 404]), cell("GET", "/healthz", open),
      cell("GET", "/v1/openapi.json", open),
      cell("POST", "/v1/enrol", [400, 400, 400, 400, 400, 400]),
      cell("POST", "/v1/renew", [400, 400, 400, 400, 400, 400]),
      cell("POST", "/v1/messages", [401, 401, 401, 401, 401, 401]),
      cell("POST", "/v1/ledger", [401, 401, 401, 401, 401, 401]),
      cell("POST", "/v1/heads", [401, 401, 401, 401, 401, 401]),
      cell("GET", "/v1/orders", [401, 401, 401, 401, 401, 401]),
      cell("POST", "/v1/session", [400, 400, 400, 400, 400, 400]),
      cell("GET", "/v1/session", [401, 401, 200, 200, 200, 200]),
      cell("DELETE", "/v1/session", [401, 401, 204, 204, 204, 204]),
      cell("GET", "/v1/audit", [401, 401, 403, 403, 200, 200]),
      cell("GET", "/v1/users", [401, 401, 403, 403, 403, 200]),
      cell("PUT", "/v1/users/bob", [401, 401, 403, 403, 403, 400]),
      cell("DELETE", "/v1/users/bob", [401, 401, 403, 403, 403, 404]),
      cell("GET", "/metrics", [401, 401, 403, 403, 200, 200]),
      cell("GET", "/v1/incidents", [401, 401, 403, 403, 200, 200]),
      cell("GET", "/v1/hosts", [401, 401, 403, 403, 200, 200]),
      cell("GET", "/v1/names", [401, 401, 200, 200, 200, 200]),
      cell("GET", "/v1/recordings", [401, 401, 200, 200, 200, 200]),
      cell("GET", "/v1/recordings/watch", [401, 401, 200, 200, 200, 200]),
      cell("GET", "/v1/recordings/\(id)", seen), cell("GET", "/v1/recordings/\(id)/messages", seen),
      cell("GET", "/v1/recordings/\(id)/activity", seen), cell("GET", "/v1/recordings/\(id)/events", seen),
      cell("GET", "/v1/recordings/\(id)/keyframe", seen), cell("GET", "/v1/recordings/\(id)/live", seen),
      cell("GET", "/v1/recordings/\(id)/scrollback", seen), cell("GET", "/v1/recordings/\(id)/export", seen),
      // It has ended: whoever may is told so.
      cell("POST", "/v1/recordings/\(id)/end", [401, 401, 403, 403, 403, 409]),
    ]
  }

  @Test("every route gives every kind of asker what its row says")
  func matrix() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5", "--end")
    let id = try await centre.id(of: "r-1")
    let tokens: [Asker: String] = [
      .wrong: "wrong", .viewer: try await centre.stenod("token", "--role", "viewer", "--hosts", "h*", "--users", "ada"),
      .strangeViewer: try await centre.stenod("token", "--role", "viewer", "--hosts", "web-*"),
      .auditor: try await centre.stenod("token", "--role", "auditor"),
      .admin: try await centre.stenod("token", "--role", "admin"),
    ]
    let cells = cells(id)
    let named = Set(
      cells.map {
        let path = $0.path.replacing(id, with: "{id}").replacing("0/nothing.js", with: "{release}/{name}")
        return "\($0.method) \(path.replacing("bob", with: "{user}"))"
      })
    #expect(named == Set(Routes.all.map { "\($0.method) \($0.path)" }), "a route has no row, or a row no route")
    for cell in cells {
      for asker in Asker.allCases {
        let status = try await status(cell.method, cell.path, tokens[asker], at: centre)
        #expect(status == cell.answers[asker], "\(cell.method) \(cell.path) for \(asker)")
      }
    }
  }

  /// Streams do not end: of these only the status is waited for.
  private func status(_ method: String, _ path: String, _ token: String?, at centre: Centre) async throws -> Int {
    let headers = token.map { ["authorization=Bearer " + $0] } ?? []
    guard path.hasSuffix("/watch") else { return try await centre.ask(method, path, headers: headers).status }
    let program = try centre.listening(path, count: 0, headers: headers)
    try await program.end()
    return program.events.first.flatMap { Int($0.data) } ?? 200
  }

  @Test("a viewer's list and watched list hold what their patterns name, and nothing else")
  func scope() async throws {
    let centre = try await Centre()
    for host in ["web-1", "db-1"] {
      try await centre.join(host)
      _ = try await centre.send("send", host, host, "r-\(host)", "3")
    }
    let token = try await centre.stenod("token", "--role", "viewer", "--hosts", "web-?")
    let page: RecordingPage = try await centre.ask("GET", "/v1/recordings", token: token).decoded()
    #expect(page.recordings.map(\.host) == ["web-1"])
    let watching = try centre.listening("/v1/recordings/watch", count: 1, headers: ["authorization=Bearer " + token])
    // The first is not theirs: until the second is told, both have been sent again and again.
    for count in 4...50 where watching.events.isEmpty {
      for host in ["db-1", "web-1"] { _ = try await centre.send("send", host, host, "r-\(host)", String(count)) }
      try watching.receive()
    }
    try await watching.end()
    #expect(watching.events.first?.data.contains("web-1") == true)
  }

  @Test("every watching is written down before its first byte, once an hour for each viewer and recording")
  func audit() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5", "--end")
    let id = try await centre.id(of: "r-1")
    let token = try await centre.stenod("token", "--role", "auditor", "--name", "ann")
    for path in ["events?from=20", "events?from=30", "live", "export?format=raw", "messages"] {
      #expect(try await centre.ask("GET", "/v1/recordings/\(id)/\(path)", token: token).status == 200)
    }
    let page: AuditPage = try await centre.ask("GET", "/v1/audit", token: token).decoded()
    // The hour may have turned between the first two.
    #expect(page.entries.map(\.what).filter { $0 != .watched } == [.read, .exported, .followed])
    #expect((1...2).contains(page.entries.count { $0.what == .watched }))
    #expect(page.entries.allSatisfy { $0.who == "token:ann" && $0.recording == id })
    #expect(page.entries.last?.from == 20)
    let first: AuditPage = try await centre.ask("GET", "/v1/audit?count=2", token: token).decoded()
    let mark = try #require(first.next)
    let rest: AuditPage = try await centre.ask("GET", "/v1/audit?count=100&after=\(mark)", token: token).decoded()
    #expect(first.entries + rest.entries == page.entries)
  }
}
