import API
import Fleet
import Foundation
import GRDB
import TestSupport
import Testing

/// THREATS 18: what a centre makes of what hosts say of themselves.
@Suite("ledgers at a centre") struct LedgerTests {
  @Test(
    "an entry is taken when it follows; a hole is noted; another one of the same number is a fork",
    arguments: [
      (nil, true, 1, "", nil, .take), (nil, false, 1, "", nil, .takeNoting("a new ledger begins")),
      (nil, true, 4, "x", nil, .takeNoting("a ledger goes on of which this centre has no beginning")),
      (.init(n: 3, hash: "h3"), true, 4, "h3", nil, .take), (.init(n: 3, hash: "h3"), true, 4, "other", nil, .fork),
      (.init(n: 3, hash: "h3"), true, 3, "h2", "e", .held), (.init(n: 3, hash: "h3"), true, 3, "h2", "other", .fork),
      (.init(n: 3, hash: "h3"), true, 2, "h1", nil, .fork),
      (.init(n: 3, hash: "h3"), true, 7, "h6", nil, .takeNoting("entries 4 to 6 of the ledger are missing")),
    ] as [(LedgerDecision.Head?, Bool, UInt64, String, String?, LedgerDecision)])
  func decision(
    head: LedgerDecision.Head?, isFirst: Bool, n: UInt64, previous: String, kept: String?, expected: LedgerDecision
  ) {
    #expect(
      LedgerDecision(head: head, isFirstEpoch: isFirst, n: n, previous: previous, hash: "e", kept: kept) == expected)
  }

  private func entry(_ n: Int, _ prev: String, host: String = "h1", heads: String = "[]") -> String {
    #"{"boot":"b","ends":[],"epoch":"e","full":true,"heads":\#(heads),"host":"\#(host)","live":"","mono":1,"n":\#(n),"#
      + #""prev":"\#(prev)","starts":[],"time":"2026-11-25T00:00:00.000Z"}"#
  }

  @Test("an entry is held when the host has signed it; what it says and the centre has not is an incident")
  func entries() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    func record(_ entry: String, _ words: String...) async throws -> String {
      try centre.directory.write("entry", entry)
      return try await centre.send("ledger", "h1", [centre.directory.file("entry")] + words)
    }
    #expect(try await record(entry(1, "")) == #"200 {"n":1,"status":"held"}"#)
    #expect(try await record(entry(1, "")) == #"200 {"n":1,"status":"held"}"#)
    #expect(try await record(entry(1, "", heads: #"[["nowhere",3,"x"]]"#)) == #"409 {"n":1,"status":"fork"}"#)
    #expect(try await record(entry(2, "wrong")) == #"409 {"n":1,"status":"fork"}"#)
    #expect(try await record(entry(3, "x", heads: #"[["nowhere",3,"x"]]"#)) == #"200 {"n":3,"status":"held"}"#)
    #expect(try await record(entry(4, "x", host: "h2")).hasPrefix("400"))
    #expect(try await record(entry(4, "x"), "--other-key").hasPrefix("403"))
    let incidents = try JSONDecoder().decode(
      IncidentPage.self, from: Data(try await centre.get("/v1/incidents"))
    ).incidents
    #expect(incidents.allSatisfy { $0.host == "h1" })
    #expect(
      incidents.reversed().map { String($0.what.prefix(30)) } == [
        "another ledger entry 1 of the ", "another ledger entry 2 of the ", "entries 2 to 2 of the ledger a",
        "the host has sent a recording ",
      ])
  }

  @Test("a centre with too little room takes no entry of a ledger, and says so")
  func full() async throws {
    let centre = try await Centre(configuration: "free-bytes-min: \(Int.max)\n")
    try await centre.join("h1")
    try centre.directory.write("entry", entry(1, ""))
    #expect(try await centre.send("ledger", "h1", [centre.directory.file("entry")]).hasPrefix("507"))
  }

  @Test("however many incidents there are, none of them is out of reach", .inTurn)
  func manyIncidents() async throws {
    let centre = try await Centre()
    let count = 2 * IncidentPage.countMax + 7
    let catalogue = try DatabaseQueue(path: centre.directory.file("data/catalogue.sqlite"))
    try await catalogue.write { db in
      for number in 1...count {
        let sql = "INSERT INTO incidents (at, host, what) VALUES (0, 'h1', ?)"
        try db.execute(sql: sql, arguments: ["deed \(number)."])
      }
    }
    try catalogue.close()
    let token = try await centre.stenod("token", "--role", "auditor")
    let table = String(decoding: try await centre.steno("incidents", token: token).output, as: UTF8.self)
    let rows = table.split(separator: "\n").dropFirst()
    #expect(
      rows.map { $0.split(separator: " ").suffix(2).joined(separator: " ") }
        == (1...count).reversed().map { "deed \($0)." })
    let json = try await centre.steno("incidents", "--json", token: token)
    #expect(try JSONDecoder().decode([Incident].self, from: Data(json.output)).count == count)
  }
}
