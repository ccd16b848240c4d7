import API
package import Archive
package import Fleet
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Intake
import Logging
import NIOCore

/// The centre's routes. Each says who may use it; what is not named here is refused.
package struct Routes: Sendable {
  let archive: Archive
  let fleet: Fleet
  let metrics: Metrics
  /// Milliseconds since the Epoch.
  let now: @Sendable () -> Int64
  private let gate = HostGate()
  /// Names this start of the centre (``API/HeadsAnswer``).
  private let start = String(UInt64.random(in: .min ... .max), radix: 36)

  package init(archive: Archive, fleet: Fleet, metrics: Metrics, now: @escaping @Sendable () -> Int64) {
    self.archive = archive
    self.fleet = fleet
    self.metrics = metrics
    self.now = now
  }

  var router: Router<CentreContext> {
    let router = Router(context: CentreContext.self)
    // Anybody.
    router.get("/healthz") { _, _ in "ok\n" }
    answering(router, .post, "/v1/enrol", enrol)
    answering(router, .post, "/v1/renew", renew)
    // Hosts.
    answering(router, .post, "/v1/messages") { try await admitting($0, $1, messages) }
    answering(router, .post, "/v1/ledger") { request, context in
      try await admitting(request, context) { try await ledger($0, context, $1) }
    }
    answering(router, .post, "/v1/heads") { request, context in
      try await admitting(request, context) { try await heads($0, context, $1) }
    }
    // People with a token, or on this machine.
    answering(router, .get, "/metrics") { try await allow($0, $1) { metrics.text } }
    answering(router, .get, "/v1/incidents") { try await allow($0, $1) { try json(try await fleet.incidents()) } }
    answering(router, .get, "/v1/hosts") { try await allow($0, $1) { try json(try await fleet.hosts()) } }
    answering(router, .get, "/v1/recordings") { request, context in
      try await allow(request, context) { try await list(request) }
    }
    answering(router, .get, "/v1/recordings/:id") { request, context in
      try await allow(request, context) { try json(try await find(context).summary) }
    }
    answering(router, .get, "/v1/recordings/:id/messages") { request, context in
      try await allow(request, context) { try await lines(request, context) }
    }
    return router
  }

  /// Adds a route whose problems become answers.
  private func answering(
    _ router: Router<CentreContext>, _ method: HTTPRequest.Method, _ path: RouterPath,
    _ handle: @escaping @Sendable (Request, CentreContext) async throws -> Response
  ) {
    router.on(path, method: method) { request, context in
      do {
        return try await handle(request, context)
      } catch let problem as Problem {
        metrics.count(refusal: problem.error)
        let headers: HTTPFields = problem.error == "rate" ? [.retryAfter: "1"] : [:]
        return try json(problem, status: status(of: problem), headers: headers)
      } catch ArchiveError.full {
        metrics.count(refusal: "full")
        return try json(Problem(error: "full", why: "the centre has too little room"), status: .init(code: 507))
      } catch let error where !(error is HTTPError) {
        // What the database or the system says holds no recorded text; the sender gets none of it.
        context.logger.error("request failed", metadata: ["path": "\(path)", "error": "\(error)"])
        return try json(Problem(error: "failed", why: "the centre failed; try again"), status: .internalServerError)
      }
    }
  }

  private func status(of problem: Problem) -> HTTPResponse.Status {
    switch problem.error {
    case "no-certificate", "no-token": .unauthorized
    case "foreign-host", "revoked", "token", "unknown-key", "signature": .forbidden
    case "enrolled", "ambiguous": .conflict
    case "not-found": .notFound
    case "too-long": .contentTooLarge
    case "busy": .serviceUnavailable
    case "rate": .tooManyRequests
    default: .badRequest
    }
  }

  // MARK: - Hosts

  /// Does what a host asks, if its certificate may speak, and it does not ask too much.
  private func admitting(
    _ request: Request, _ context: CentreContext, _ answer: (Request, HostCertificate) async throws -> Response
  ) async throws -> Response {
    guard let certificate = await context.hostCertificate else {
      throw Problem(error: "no-certificate", why: "this is for hosts with a certificate of this centre")
    }
    guard try await fleet.admits(certificate) else {
      throw Problem(error: "revoked", why: "the host is not enrolled with this key, or was revoked")
    }
    try gate.enter(certificate.host, now: now())
    defer { gate.leave(certificate.host) }
    return try await answer(request, certificate)
  }

  private func ledger(
    _ request: Request, _ context: CentreContext, _ certificate: HostCertificate
  ) async throws -> Response {
    let answer = try await fleet.record(try await decoded(request, context), from: certificate, now: now())
    return try json(answer, status: answer.status == .held ? .ok : .conflict)
  }

  /// Says which of a host's recordings the centre does not hold as it once did: after a restore.
  private func heads(_ request: Request, _ context: CentreContext, _ certificate: HostCertificate) async throws
    -> Response
  {
    let asked: HeadsRequest = try await decoded(request, context)
    guard asked.heads.count <= HeadsRequest.countMax else {
      throw Problem(error: "malformed", why: "a request has at most \(HeadsRequest.countMax) heads")
    }
    let ids = asked.heads.map { RecordingID(host: Array(certificate.host.utf8), rec: Array($0.rec.utf8)) }
    let held = try await archive.heads(of: ids)
    let behind = zip(asked.heads, ids).compactMap { said, id -> RecordingHead? in
      let head = held[id] ?? .none
      let isHeld = head.seq > said.head.seq || head.seq == said.head.seq && head.hash == said.head.hash
      return isHeld ? nil : RecordingHead(rec: said.rec, head: head)
    }
    return try json(HeadsAnswer(start: start, behind: behind))
  }

  private func messages(_ request: Request, _ certificate: HostCertificate) async throws -> Response {
    let packed = try await body(of: request)
    let batch = try Batch.read(packed, isCompressed: try isCompressed(request), host: certificate.host)
    let answer = BatchAnswer(answers: try await archive.append(batch.submissions, now: now()))
    metrics.count(batch, answer, packedByteCount: packed.count)
    if let seconds = answer.answers.compactMap(\.retryAfterSeconds).max() {
      return try json(answer, status: .tooManyRequests, headers: [.retryAfter: String(seconds)])
    }
    if answer.answers.contains(where: { $0.status == .conflict }) { return try json(answer, status: .conflict) }
    if answer.answers.contains(where: { $0.status == .refused }) {
      return try json(answer, status: .unprocessableContent)
    }
    return try json(answer)
  }

  private func isCompressed(_ request: Request) throws -> Bool {
    switch request.headers[.contentEncoding] {
    case "zstd": return true
    case nil, "identity": return false
    default: throw Problem(error: "encoding", why: "a batch is packed with zstd or not at all")
    }
  }

  /// - Throws: A problem as soon as more comes than a batch may have.
  private func body(of request: Request) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in request.body {
      guard piece.readableBytes <= Batch.byteCountMax - bytes.count else {
        throw Problem(error: "too-long", why: "the body is longer than \(Batch.byteCountMax) bytes")
      }
      bytes.append(contentsOf: piece.readableBytesView)
    }
    return bytes
  }

  private func enrol(_ request: Request, _ context: CentreContext) async throws -> Response {
    try json(try await fleet.enrol(try await decoded(request, context), now: now()))
  }

  private func renew(_ request: Request, _ context: CentreContext) async throws -> Response {
    try json(try await fleet.renew(try await decoded(request, context), now: now()))
  }

  private func decoded<Value: Decodable>(_ request: Request, _ context: CentreContext) async throws -> Value {
    let buffer = try await request.body.collect(upTo: context.maxUploadSize)
    do {
      return try JSONDecoder().decode(Value.self, from: Data(buffer.readableBytesView))
    } catch {
      throw Problem(error: "malformed", why: "the request is not the JSON that docs/protocol.md describes")
    }
  }

  // MARK: - People

  private func allow(
    _ request: Request, _ context: CentreContext, _ answer: () async throws -> Response
  ) async throws -> Response {
    if await context.isLocal { return try await answer() }
    guard let field = request.headers[.authorization], field.hasPrefix("Bearer "),
      try await archive.role(ofToken: String(field.dropFirst(7))) != nil
    else { throw Problem(error: "no-token", why: "this needs an access token") }
    return try await answer()
  }

  private func list(_ request: Request) async throws -> Response {
    let query = request.uri.queryParameters
    var filter = RecordingFilter()
    filter.user = query["user"].map { String($0) }
    filter.host = query["host"].map { String($0) }
    filter.since = try time(query["since"])
    filter.until = try time(query["until"])
    if let word = query["state"] {
      guard let state = RecordingSummary.State(rawValue: String(word)) else {
        throw Problem(error: "malformed", why: "state is live, complete or abandoned")
      }
      filter.state = state
    }
    let count = query["count"].flatMap { Int($0) } ?? 100
    guard (1...RecordingPage.countMax).contains(count) else {
      throw Problem(error: "malformed", why: "count is 1 to \(RecordingPage.countMax)")
    }
    return try json(try await archive.page(filter, after: query["after"].map { String($0) }, count: count))
  }

  private func time(_ text: Substring?) throws -> Int64? {
    guard let text else { return nil }
    guard let time = milliseconds(timestamp: String(text)) else {
      throw Problem(error: "malformed", why: "times are RFC 3339 with a zone, or dates")
    }
    return time
  }

  /// The recording that the path names, by its id or by an unambiguous beginning of four characters or more.
  private func find(_ context: CentreContext) async throws -> RecordingRow {
    let name = context.parameters.get("id") ?? ""
    let isPlain = name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0)
    }
    guard isPlain, (4...RecordingID.characterCount).contains(name.utf8.count) else {
      throw Problem(error: "malformed", why: "an id is 4 to 16 characters, a to z and 2 to 7")
    }
    let found = try await archive.recordings(prefix: name)
    guard let row = found.first else { throw Problem(error: "not-found", why: "no such recording") }
    guard found.count == 1 else { throw Problem(error: "ambiguous", why: "several recordings begin so") }
    return row
  }

  private func lines(_ request: Request, _ context: CentreContext) async throws -> Response {
    guard let id = RecordingID(try await find(context).summary.id) else { throw ArchiveError.damaged }
    let query = request.uri.queryParameters
    let first = query["from"].flatMap { UInt64($0) } ?? 1
    let follows = query["follow"] == "1"
    let body = ResponseBody { [archive] writer in
      var next = max(first, 1)
      while true {
        let lines = try await archive.lines(of: id, from: next)
        if let last = lines.last {
          try await writer.write(joined(lines))
          next = last.seq + 1
          continue
        }
        guard follows, try await archive.recording(id)?.summary.state == .live else { break }
        try await archive.waitForMore(in: id, after: next - 1)
        try Task.checkCancellation()
      }
      try await writer.finish(nil)
    }
    return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
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

func json(
  _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
) throws -> Response {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  var headers = headers
  headers[.contentType] = "application/json"
  return Response(
    status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
}
