import API
import Archive
import Fleet
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Intake
import NIOCore

/// What hosts ask.
extension Routes {
  /// A host that waits for orders comes again after this at the latest.
  private static let waitSecondsMax = 60

  static let hostRoutes = [
    Route(
      .post, "/v1/enrol", .anybody, "Join: a certificate for a host with a join token", body: .json("EnrolmentRequest"),
      answer: .json("CertificateAnswer")
    ) { try await $0.enrol($1) },
    Route(
      .post, "/v1/renew", .anybody, "The next certificate for a key that is known", body: .json("RenewalRequest"),
      answer: .json("CertificateAnswer")
    ) { try await $0.renew($1) },
    Route(
      .post, "/v1/messages", .host, "Send messages, see docs/protocol.md", body: .lines, answer: .json("BatchAnswer")
    ) { try await $0.messages($1) },
    Route(
      .post, "/v1/ledger", .host, "Record an entry of the host's ledger, see docs/protocol.md",
      body: .json("LedgerSubmission"), answer: .json("LedgerAnswer")
    ) { try await $0.ledger($1) },
    Route(
      .post, "/v1/heads", .host, "Ask which recordings the centre does not hold as it once did: after a restore",
      body: .json("HeadsRequest"), answer: .json("HeadsAnswer")
    ) { try await $0.heads($1) },
    Route(
      .get, "/v1/orders", .host, "What the host is to do",
      parameters: [.init("wait", .number(0...waitSecondsMax), "Seconds to wait for an order.")],
      answer: .json("Orders")
    ) { try await $0.orders($1) },
  ]

  /// Does what a host asks, if its certificate may speak, and it does not ask too much.
  private func admitting(
    _ ask: Ask, _ kind: HostGate.Kind = .body, _ answer: (HostCertificate) async throws -> Response
  ) async throws -> Response {
    guard let certificate = await ask.context.hostCertificate else {
      throw Problem(error: "no-certificate", why: "this is for hosts with a certificate of this centre")
    }
    guard try await fleet.admits(certificate) else {
      throw Problem(error: "revoked", why: "the host is not enrolled with this key, or was revoked")
    }
    try gate.enter(certificate.host, kind, now: now())
    defer { gate.leave(certificate.host, kind) }
    return try await answer(certificate)
  }

  private func messages(_ ask: Ask) async throws -> Response {
    try await admitting(ask) { certificate in
      let packed = try await body(of: ask.request)
      let batch = try Batch.read(
        packed, isCompressed: try isCompressed(ask.request), host: certificate.host,
        sentMilliseconds: ask.request.headers[.stenoClock].flatMap { UInt64($0) })
      let answer = BatchAnswer(answers: try await archive.append(batch.submissions, now: now()))
      metrics.count(batch, answer, packedByteCount: packed.count)
      return try response(answer)
    }
  }

  private func response(_ answer: BatchAnswer) throws -> Response {
    if let seconds = answer.answers.compactMap(\.retryAfterSeconds).max() {
      return try json(answer, status: .tooManyRequests, headers: [.retryAfter: String(seconds)])
    }
    if answer.answers.contains(where: { $0.status == .conflict }) { return try json(answer, status: .conflict) }
    if answer.answers.contains(where: { $0.status == .refused }) {
      return try json(answer, status: .unprocessableContent)
    }
    return try json(answer)
  }

  private func ledger(_ ask: Ask) async throws -> Response {
    try await admitting(ask) { certificate in
      let answer = try await fleet.record(try await decoded(ask), from: certificate, now: now())
      return try json(answer, status: answer.status == .held ? .ok : .conflict)
    }
  }

  /// Says which of a host's recordings the centre does not hold as it once did.
  private func heads(_ ask: Ask) async throws -> Response {
    try await admitting(ask) { certificate in
      let asked: HeadsRequest = try await decoded(ask)
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

  private func orders(_ ask: Ask) async throws -> Response {
    try await admitting(ask, .wait) { certificate in
      let seconds = try ask.query.number("wait", 0...Self.waitSecondsMax) ?? 0
      return try json(try await fleet.orders(for: certificate.host, wait: .seconds(seconds), now: now))
    }
  }

  private func enrol(_ ask: Ask) async throws -> Response {
    try json(try await fleet.enrol(try await decoded(ask), now: now()))
  }

  private func renew(_ ask: Ask) async throws -> Response {
    try json(try await fleet.renew(try await decoded(ask), now: now()))
  }

  /// The body of a request, which is JSON and says so: a form of another site cannot.
  func decoded<Value: Decodable>(_ ask: Ask) async throws -> Value {
    let buffer = try await ask.request.body.collect(upTo: ask.context.maxUploadSize)
    do {
      return try JSONDecoder().decode(Value.self, from: Data(buffer.readableBytesView))
    } catch {
      throw Problem(error: "malformed", why: "the request is not the JSON that docs/protocol.md describes")
    }
  }
}

extension HTTPField.Name {
  // A name of letters and dashes is one.
  static let stenoClock = HTTPField.Name("x-steno-clock")!
}
