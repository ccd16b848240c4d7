import API
import Access
import Archive
import Events
import Fleet
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import Options

/// Lists: recordings, those that change, hosts.
extension Routes {
  private enum Order: String, CaseIterable { case asc, desc }

  /// Recordings told of in one round of a watched list; the rest comes with the next.
  private static let changesMax = 500

  static let listRoutes = [
    Route(
      .get, "/metrics", .role(.auditor), "Counters, as Prometheus reads them",
      answer: .content("text/plain", "Prometheus' text form")
    ) { routes, _ in routes.metrics.text },
    Route(
      .get, "/v1/incidents", .role(.auditor), "Things to look into, the newest first",
      parameters: [
        .init("count", .number(1...IncidentPage.countMax), "Incidents a page; 500."),
        .init("after", .text, "`next` of the page before."),
      ], answer: .json("IncidentPage")
    ) { routes, ask in
      let count = try ask.query.number("count", 1...IncidentPage.countMax) ?? IncidentPage.countMax
      guard let page = try await routes.fleet.incidents(after: ask.query.text("after"), count: count) else {
        throw Problem(error: "malformed", why: "after is `next` of another page")
      }
      return try json(page)
    },
    Route(.get, "/v1/hosts", .role(.auditor), "Hosts", answer: .json("Hosts")) { routes, _ in
      try json(try await routes.fleet.hosts())
    },
    Route(.get, "/v1/names", .role(.viewer), "Users and hosts of recordings, to filter by", answer: .json("Names")) {
      routes, ask in try json(try await routes.archive.names(in: (ask.person ?? .local).scope))
    },
    Route(
      .get, "/v1/recordings", .role(.viewer), "Recordings, in pages", parameters: listParameters,
      answer: .json("RecordingPage")
    ) { try await $0.list($1) },
    Route(
      .get, "/v1/recordings/watch", .role(.viewer), "Recordings that begin, grow or end, as `change` events",
      answer: .content(EventStream.contentType, "`change`: a recording as in the list, once a second at most"),
      isUse: false
    ) { try await $0.watch($1) },
  ]

  private static let states =
    RecordingState.allCases.map(\.rawValue) + RecordingFilter.Mark.allCases.map(\.rawValue)

  private static let listParameters: [Route.Parameter] = [
    .init("user", .text, "The recorded user."), .init("host", .text, "The recorded host."),
    .init("user_part", .text, "Part of the user's name, in any case."),
    .init("host_part", .text, "Part of the host's name, in any case."),
    .init(
      "state", .words(states), "A recording's state, as docs/glossary.md explains it; `gaps`: something is missing."),
    .init("since", .time, "Started at or after; in UTC where it names no zone."),
    .init("until", .time, "Started before; a date on its own is in it."),
    .init("q", .text, "Part of user, host, command or terminal, or the beginning of the id."),
    .init("sort", .words(RecordingSort.allCases.map(\.rawValue)), "`start` without it."),
    .init("order", .words(Order.allCases.map(\.rawValue)), "`desc` without it, `asc` for user and host."),
    .init("count", .number(1...RecordingPage.countMax), "Recordings a page; 100."),
    .init("after", .text, "`next` of the page before, with the same sort and order."),
  ]

  private func list(_ ask: Ask) async throws -> Response {
    let query = ask.query
    var filter = RecordingFilter()
    filter.user = query.text("user")
    filter.host = query.text("host")
    filter.userPart = query.text("user_part")
    filter.hostPart = query.text("host_part")
    filter.since = try query.time("since", now: now(), meaning: .dayBegins)
    filter.until = try query.time("until", now: now(), meaning: .dayIsOver)
    filter.text = query.text("q").flatMap { $0.isEmpty ? nil : $0 }
    filter.scope = (ask.person ?? .local).scope
    if let word = query.text("state") {
      filter.state = RecordingState(rawValue: word)
      filter.mark = RecordingFilter.Mark(rawValue: word)
      guard filter.state != nil || filter.mark != nil else {
        throw Problem(error: "malformed", why: "state is one of \(Self.states.joined(separator: ", "))")
      }
    }
    let sort = try query.word("sort", RecordingSort.self) ?? .start
    let order = try query.word("order", Order.self) ?? (sort.isAscending ? .asc : .desc)
    let page = try await archive.page(
      filter, sort: sort, isAscending: order == .asc, after: query.text("after"),
      count: try query.number("count", 1...RecordingPage.countMax) ?? 100, at: now())
    guard let page else { throw Problem(error: "malformed", why: "after is `next` of a page of the same sorting") }
    return try json(page)
  }

  // MARK: - Watching

  private func watch(_ ask: Ask) async throws -> Response {
    stream { stream in
      let number = archive.changes.subscribe(bell: stream.ring)
      defer { archive.changes.unsubscribe(number) }
      var left: Set<RecordingID> = []
      try await stream.eachBell {
        left.formUnion(archive.changes.take(number))
        if left.isEmpty { return true }
        let told = Set(left.prefix(Self.changesMax))
        left.subtract(told)
        for row in try await archive.recordings(told, in: (ask.person ?? .local).scope, at: now()) {
          try await stream.write(event: "change", data: try encoded(row.summary))
        }
        // What changes meanwhile is told of together.
        try await Task.sleep(for: .seconds(1))
        if !left.isEmpty { stream.ring() }
        return true
      }
    }
  }
}

func encoded(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return [UInt8](try encoder.encode(value))
}
