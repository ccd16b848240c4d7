import API
import Archive
import Events
import Foundation
import GRDB
import TestSupport
import Testing

@Suite("lists of recordings") struct ListTests {
  private struct Made: Sendable {
    let number: Int64
    let user, host, state: String
    let start, duration, bytes: Int64
    let gaps: Int
  }

  private func fill(_ archive: Archive, _ numbers: inout SeededNumbers) throws -> [Made] {
    let all = (1...400).map { number in
      let state = ["live", "complete", "killed", "abandoned"][numbers.below(4)]
      return Made(
        number: Int64(number), user: ["ada", "bob-2", "eve%"][numbers.below(3)],
        host: ["web-1", "web-2", "db"][numbers.below(3)], state: state,
        start: Int64(numbers.below(50)) * 1000, duration: Int64(numbers.below(40)), bytes: Int64(numbers.below(40)),
        gaps: numbers.below(4) == 0 ? 1 : 0)
    }
    try archive.pool.write { db in
      for one in all {
        let id =
          String(repeating: "a", count: 10)
          + String(100_000 + one.number).map {
            String(Unicode.Scalar(UInt8(ascii: "a") + UInt8($0.wholeNumberValue ?? 0)))
          }.joined()
        try db.execute(
          sql: """
            INSERT INTO recordings (number, id, host, rec, user, term, session, start, state, gaps, ended_duration,
              ended_bytes) VALUES (?, ?, ?, ?, ?, '', 1, ?, ?, ?, ?, ?)
            """,
          arguments: [
            one.number, id, one.host, "r\(one.number)", one.user, one.start, one.state, one.gaps,
            one.state == "live" ? nil : one.duration, one.state == "live" ? nil : one.bytes,
          ])
        try db.execute(
          sql: "INSERT INTO heads (recording, seq, hash, off, duration, bytes, received) VALUES (?, 1, '', 0, ?, ?, 0)",
          arguments: [one.number, one.duration, one.bytes])
      }
    }
    return all
  }

  private func pages(
    _ archive: Archive, _ filter: RecordingFilter, _ sort: RecordingSort, isAscending: Bool, count: Int
  ) async throws -> [String] {
    var (all, mark): ([String], String?) = ([], nil)
    repeat {
      let page = try #require(
        try await archive.page(filter, sort: sort, isAscending: isAscending, after: mark, count: count))
      all += page.recordings.map(\.rec)
      mark = page.next
    } while mark != nil
    return all
  }

  @Test("pages of every sorting, in both orders, joined, are the sorted whole", arguments: RecordingSort.allCases)
  func sorting(sort: RecordingSort) async throws {
    var numbers = SeededNumbers()
    let scene = try ArchiveScene()
    let all = try fill(scene.archive, &numbers)
    func key(_ one: Made) -> (String, Int64, Int64) {
      switch sort {
      case .start: ("", one.start, one.number)
      case .duration: ("", one.duration, one.number)
      case .bytes: ("", one.bytes, one.number)
      case .user: (one.user, one.start, one.number)
      case .host: (one.host, one.start, one.number)
      }
    }
    for isAscending in [true, false] {
      let expected = all.sorted { isAscending ? key($0) < key($1) : key($0) > key($1) }.map { "r\($0.number)" }
      let listed = try await pages(
        scene.archive, RecordingFilter(), sort, isAscending: isAscending, count: 1 + numbers.below(60))
      #expect(listed == expected, "seed \(numbers.seed)")
    }
    #expect(try await scene.archive.page(RecordingFilter(), sort: sort, after: "no mark", count: 1) == nil)
  }

  @Test("filters, alone and together, list what they say")
  func filters() async throws {
    var numbers = SeededNumbers()
    let scene = try ArchiveScene()
    let all = try fill(scene.archive, &numbers)
    let cases: [((inout RecordingFilter) -> Void, (Made) -> Bool)] = [
      ({ $0.user = "ada" }, { $0.user == "ada" }), ({ $0.host = "db" }, { $0.host == "db" }),
      ({ $0.state = .live }, { $0.state == "live" }), ({ $0.state = .abandoned }, { $0.state == "abandoned" }),
      ({ $0.mark = .gaps }, { $0.gaps > 0 }), ({ $0.state = .killed }, { $0.state == "killed" }),
      ({ $0.since = 20_000 }, { $0.start >= 20_000 }), ({ $0.until = 30_000 }, { $0.start < 30_000 }),
      ({ $0.text = "WEB" }, { $0.host.hasPrefix("web") }), ({ $0.text = "e%" }, { $0.user == "eve%" }),
      ({ $0.scope.hosts = ["web-?"] }, { $0.host.hasPrefix("web") }),
      ({ $0.scope = Scope(hosts: ["d*", "web-1"], users: ["[ab]*"]) }, { $0.host != "web-2" && $0.user != "eve%" }),
    ]
    for _ in 0..<100 {
      let chosen = (0...numbers.below(3)).map { _ in cases[numbers.below(cases.count)] }
      // A later one of a kind takes the place of an earlier one, so the expectation is the filter's own words.
      var filter = RecordingFilter()
      for (set, _) in chosen { set(&filter) }
      let expected = all.filter { one in matches(one, filter) }.sorted { ($0.start, $0.number) > ($1.start, $1.number) }
      let listed = try await pages(scene.archive, filter, .start, isAscending: false, count: 50)
      #expect(listed == expected.map { "r\($0.number)" }, "seed \(numbers.seed)")
    }
    for (set, matches) in cases {
      var filter = RecordingFilter()
      set(&filter)
      let listed = try await pages(scene.archive, filter, .duration, isAscending: true, count: 33)
      #expect(Set(listed) == Set(all.filter(matches).map { "r\($0.number)" }), "seed \(numbers.seed)")
    }
  }

  private func matches(_ one: Made, _ filter: RecordingFilter) -> Bool {
    if let user = filter.user, user != one.user { return false }
    if let host = filter.host, host != one.host { return false }
    if let state = filter.state, state.rawValue != one.state { return false }
    if filter.mark == .gaps && one.gaps == 0 { return false }
    if let since = filter.since, one.start < since { return false }
    if let until = filter.until, one.start >= until { return false }
    if let text = filter.text?.lowercased(), !one.user.contains(text), !one.host.contains(text) { return false }
    if filter.scope.hosts == ["web-?"] && !one.host.hasPrefix("web") { return false }
    if filter.scope.hosts.count == 2 && one.host == "web-2" { return false }
    return filter.scope.users.isEmpty || one.user != "eve%"
  }
}
