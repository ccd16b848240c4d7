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
import ServiceLifecycle
import Viewing

/// One recording: what it is, its lines, its events by time, live, in other forms; the end of its session.
extension Routes {
  static let recordingRoutes = [
    Route(
      .get, "/v1/recordings/{id}", .role(.viewer), "One recording", answer: .json("RecordingSummary")
    ) { try json(try await $0.find($1).summary) },
    Route(
      .get, "/v1/recordings/{id}/messages", .role(.viewer), "Its messages as they were sent, one a line",
      parameters: [
        .init("from", .number(1...Int.max), "Number of the first message; 1."),
        .init("follow", .words(["0", "1"]), "1: go on while it is live."),
      ], answer: .content("application/x-ndjson", "docs/format.md")
    ) { try await $0.lines($1) },
    Route(
      .get, "/v1/recordings/{id}/activity", .role(.viewer), "How much was shown and typed when, and marks",
      parameters: [.init("buckets", .number(1...Projector.bucketCountMax), "Parts of its duration; 200.")],
      answer: .json("Activity")
    ) { try await $0.activity($1) },
    Route(
      .get, "/v1/recordings/{id}/events", .role(.viewer), "Its events from a time on, filtered for a browser",
      parameters: [
        placeParameter("from", "Events at or after; 0."), placeParameter("until", "Events before."),
        .init("after", .text, "`position` of another answer, or `id` of a live event: events behind it; over `from`."),
        .init("keyframe", .words(["0", "1"]), "1: begin with the screen at or before `from`, and what came since."),
      ], answer: .json("Events")
    ) { try await $0.events($1) },
    Route(
      .get, "/v1/recordings/{id}/keyframe", .role(.viewer), "The last keyframe that is not behind a place",
      parameters: [
        placeParameter("at", "The place; the end without it."),
        .init("event", .number(0...Int.max), "The place behind so many events; over `at`."),
      ], answer: .json("Keyframe")
    ) { try await $0.keyframe($1) },
    Route(
      .get, "/v1/recordings/{id}/scrollback", .role(.viewer), "Its screen at a time, and the lines that had left it",
      parameters: [placeParameter("at", "The place; 0.")], answer: .json("Scrollback")
    ) { try await $0.scrollback($1) },
    Route(
      .get, "/v1/recordings/{id}/live", .role(.viewer), "Its events from a time on, and those that come",
      parameters: [
        placeParameter("from", "Events at or after; 0."),
        .init("after", .text, "`position` or `id`: events behind it; over `from`. Last-Event-ID is over both."),
      ],
      answer: .content(
        EventStream.contentType,
        "`events`: as in /events; `id`: where they end; `end`: the recording as in the list, no more will come")
    ) { try await $0.live($1) },
    Route(
      .get, "/v1/recordings/{id}/export", .role(.viewer), "It as a file",
      parameters: [.init("format", .words(ExportFormat.allCases.map(\.rawValue)), "`tlog` without it.")],
      answer: .content("application/octet-stream", "in the form that was asked for")
    ) { try await $0.export($1) },
    Route(
      .post, "/v1/recordings/{id}/end", .role(.admin), "End its session", answer: .empty(.accepted)
    ) { try await $0.end($1) },
  ]

  private static func placeParameter(_ name: String, _ description: String) -> Route.Parameter {
    .init(name, .number(0...Int(Int32.max) * 1000), description + " Milliseconds from its start.")
  }

  // MARK: - Finding

  /// The recording that the path names, by its id or by an unambiguous beginning of four characters or more. What a
  /// viewer may not see is not there.
  func find(_ ask: Ask) async throws -> RecordingRow {
    let name = ask.context.parameters.get("id") ?? ""
    guard RecordingID.isPrefix(name) else {
      throw Problem(error: "malformed", why: "an id is 4 to 16 characters, a to z and 2 to 7")
    }
    let found = try await archive.recordings(prefix: name, in: (ask.person ?? .local).scope, at: now())
    guard let row = found.first else { throw Problem(error: "not-found", why: "no such recording") }
    guard found.count == 1 else { throw Problem(error: "ambiguous", why: "several recordings begin so") }
    return row
  }

  private func id(of row: RecordingRow) throws -> RecordingID {
    guard let id = RecordingID(row.summary.id) else { throw ArchiveError.damaged }
    return id
  }

  private func note(
    _ what: AuditEntry.What, _ row: RecordingRow, _ ask: Ask, from place: UInt64? = nil, isHourly: Bool = false
  ) async throws {
    try await archive.note(
      what, of: try id(of: row), by: ask.person ?? .local, from: place, isHourly: isHourly, now: now())
  }

  // MARK: - Reading

  private func lines(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    let id = try id(of: row)
    let first = UInt64(try ask.query.number("from", 1...Int.max) ?? 1)
    let follows = ask.query.text("follow") == "1"
    // A player that goes somewhere reads on from there.
    try await note(.read, row, ask, isHourly: first > 1)
    let body = ResponseBody { [archive] writer in
      var next = first
      while true {
        let lines = try await archive.lines(of: id, from: next)
        if let last = lines.last {
          try await writer.write(joined(lines))
          next = last.seq + 1
          continue
        }
        guard follows, try await archive.recording(id)?.summary.state == .live else { break }
        try await waitForMore(in: id, after: next - 1)
        // Nothing to say; but whoever asked may have lost their rights.
        try await writer.write(ByteBuffer())
      }
      try await writer.finish(nil)
    }
    return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
  }

  /// Returns when there is more, or after a while.
  ///
  /// - Throws: `CancellationError` when the centre stops: an answer that breaks off is asked for again.
  private func waitForMore(in id: RecordingID, after seq: UInt64) async throws {
    try await cancelWhenGracefulShutdown { [archive, streamInterval] in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await archive.waitForMore(in: id, after: seq) }
        group.addTask { try await Task.sleep(for: streamInterval) }
        try await group.next()
        try Task.checkCancellation()
        group.cancelAll()
      }
    }
  }

  private func activity(_ ask: Ask) async throws -> Response {
    let count = try ask.query.number("buckets", 1...Projector.bucketCountMax) ?? 200
    return json(try await projector.activity(of: try await find(ask), bucketCount: count))
  }

  private func range(_ ask: Ask) throws -> EventRange {
    var range = EventRange()
    range.from = try ask.query.place("from") ?? 0
    range.until = try ask.query.place("until")
    range.hasKeyframe = ask.query.text("keyframe") == "1"
    if let text = ask.request.headers[.lastEventID] ?? ask.query.text("after") {
      guard let after = Position(text) else {
        throw Problem(error: "malformed", why: "after is a position that another answer gave")
      }
      range.after = after
      range.from = 0
    }
    return range
  }

  private func events(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    let range = try range(ask)
    try await note(.watched, row, ask, from: range.from, isHourly: true)
    return json(try await projector.events(of: row, range))
  }

  private func keyframe(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    let place: KeyframePlace =
      if let count = try ask.query.number("event", 0...Int.max) {
        .event(UInt64(count))
      } else {
        .milliseconds(try ask.query.place("at") ?? .max)
      }
    let found = try await projector.keyframe(of: row, at: place)
    try await note(.watched, row, ask, from: found.milliseconds, isHourly: true)
    return try json(found)
  }

  private func scrollback(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    let place = try ask.query.place("at") ?? 0
    try await note(.watched, row, ask, from: place, isHourly: true)
    return try json(try await projector.scrollback(of: row, at: place))
  }

  private func live(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    var range = try range(ask)
    range.hasKeyframe = false
    range.until = nil
    // Whoever comes again after a broken connection has been noted.
    try await note(.followed, row, ask, from: range.from, isHourly: ask.request.headers[.lastEventID] != nil)
    return stream { [projector, range] stream in
      let follower = try projector.follow(row, range, bell: stream.ring)
      do {
        try await stream.eachBell {
          while true {
            switch try await follower.news() {
            case .events(let events, let position):
              try await stream.write(
                event: "events", id: position.description, data: Array("[".utf8) + events + Array("]".utf8))
            case .nothing: return true
            case .over(let summary):
              try await stream.write(event: "end", data: try encoded(summary))
              return false
            }
          }
        }
      } catch {
        await follower.leave()
        throw error
      }
      await follower.leave()
    }
  }

  private func export(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    let format = try ask.query.word("format", ExportFormat.self) ?? .tlog
    try await note(.exported, row, ask)
    let body = ResponseBody { [projector] writer in
      let export = try projector.export(row, as: format)
      do {
        while let piece = try await export.next() {
          if !piece.isEmpty { try await writer.write(ByteBuffer(bytes: piece)) }
        }
      } catch {
        await export.close()
        throw error
      }
      await export.close()
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: format.contentType,
        .contentDisposition: "attachment; filename=\"\(row.summary.id).\(format.suffix)\"",
      ], body: body)
  }

  // MARK: - Ending

  private func end(_ ask: Ask) async throws -> Response {
    let row = try await find(ask)
    guard row.summary.state == .live else { throw Problem(error: "not-live", why: "the recording has ended") }
    try await note(.ended, row, ask)
    try await fleet.orderEnd(of: row, by: (ask.person ?? .local).name, now: now())
    return Response(status: .accepted)
  }
}

/// The lines as they were sent, each with its LF.
private func joined(_ lines: [StoredLine]) -> ByteBuffer {
  var buffer = ByteBuffer()
  for line in lines {
    buffer.writeBytes(line.bytes)
    buffer.writeInteger(UInt8(ascii: "\n"))
  }
  return buffer
}

extension HTTPField.Name {
  // A name of letters and dashes is one.
  static let lastEventID = HTTPField.Name("last-event-id")!
}
