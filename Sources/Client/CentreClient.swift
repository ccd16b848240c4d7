package import API
import Compression
import FoundationEssentials
import NIOHTTP1

/// Talks to a centre over one connection, which is made when it is needed and kept while it works.
///
/// One request at a time: an agent has one batch under way, and what it sends meanwhile would only wait at the centre.
package actor CentreClient {
  /// An answer that is read as a whole is no longer than this: lists have at most 500 entries.
  package static let answerByteCountMax = 16 << 20

  private let address: CentreAddress
  private let identity: ClientIdentity
  private let timeout: Duration
  private var connection: CentreConnection?

  /// - Parameter timeout: How long one request may take in all. Following a recording is not bounded by it.
  package init(address: CentreAddress, identity: ClientIdentity, timeout: Duration = .seconds(30)) {
    self.address = address
    self.identity = identity
    self.timeout = timeout
  }

  // MARK: - What an agent asks

  /// Sends lines, each with its LF, of any recordings of this host, and returns when the centre has them on disk.
  ///
  /// - Parameters:
  ///   - lines: At most 8 MiB. Those of one recording in order; after an error send the same again.
  ///   - clock: The host's clock now, milliseconds since the Epoch; nil: it is not said.
  /// - Returns: One answer for each recording: `held`, `conflict` or `refused`.
  package func send(_ lines: [UInt8], clock: Int64? = nil) async throws(ClientError) -> BatchAnswer {
    let frame: [UInt8]
    do throws(ZstdError) {
      frame = try zstdFrame(of: lines)
    } catch {
      throw ClientError.local("no memory to pack a batch")
    }
    var headers = [("content-type", "application/x-ndjson"), ("content-encoding", "zstd")]
    if let clock { headers.append(("x-steno-clock", String(clock))) }
    let answer = try await request(
      .POST, "/v1/messages", body: frame, headers: headers, accepts: [200, 409, 422, 429])
    // 429 has answers when it is about a recording, and a problem when it is about the host.
    if let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer)) {
      throw .refused(status: 429, problem, retryAfter: 1)
    }
    return try decode(BatchAnswer.self, from: answer)
  }

  /// Asks whether the centre still holds what it said it held.
  package func heads(_ request: HeadsRequest) async throws(ClientError) -> HeadsAnswer {
    try decode(HeadsAnswer.self, from: try await send(.POST, "/v1/heads", request))
  }

  package func enrol(_ request: EnrolmentRequest) async throws(ClientError) -> CertificateAnswer {
    try decode(CertificateAnswer.self, from: try await send(.POST, "/v1/enrol", request))
  }

  package func renew(_ request: RenewalRequest) async throws(ClientError) -> CertificateAnswer {
    try decode(CertificateAnswer.self, from: try await send(.POST, "/v1/renew", request))
  }

  /// - Returns: `fork` when the centre has another entry of that number.
  package func record(_ submission: LedgerSubmission) async throws(ClientError) -> LedgerAnswer {
    try decode(LedgerAnswer.self, from: try await send(.POST, "/v1/ledger", submission, accepts: [200, 409]))
  }

  /// What this host is to do; the centre waits that long for there to be something.
  package func orders(waitSeconds: Int) async throws(ClientError) -> Orders {
    try decode(Orders.self, from: try await request(.GET, "/v1/orders?wait=\(waitSeconds)"))
  }

  // MARK: - What a person asks

  /// - Parameter query: `?user=…`, already percent-encoded, or empty.
  package func recordings(query: String) async throws(ClientError) -> RecordingPage {
    try decode(RecordingPage.self, from: try await request(.GET, "/v1/recordings" + query))
  }

  /// - Parameter id: Or an unambiguous beginning of one, four characters or more.
  package func recording(_ id: String) async throws(ClientError) -> RecordingSummary {
    try decode(RecordingSummary.self, from: try await request(.GET, "/v1/recordings/" + id))
  }

  /// The last keyframe that is not behind a place in a recording.
  package func keyframe(of id: String, at place: KeyframePlace) async throws(ClientError) -> KeyframeAnswer {
    let query =
      switch place {
      case .milliseconds(let time): "at=\(time)"
      case .event(let count): "event=\(count)"
      }
    return try decode(KeyframeAnswer.self, from: try await request(.GET, "/v1/recordings/\(id)/keyframe?\(query)"))
  }

  package func hosts() async throws(ClientError) -> [HostSummary] {
    try decode([HostSummary].self, from: try await request(.GET, "/v1/hosts"))
  }

  /// - Parameter mark: `next` of the page before.
  package func incidents(after mark: String? = nil) async throws(ClientError) -> IncidentPage {
    let query = mark.map { "?after=\($0)" } ?? ""
    return try decode(IncidentPage.self, from: try await request(.GET, "/v1/incidents" + query))
  }

  package func accounts() async throws(ClientError) -> AccountList {
    try decode(AccountList.self, from: try await request(.GET, "/v1/users"))
  }

  /// Makes an account, or changes it.
  ///
  /// - Parameter name: Already percent-encoded.
  package func setAccount(_ name: String, _ account: AccountRequest) async throws(ClientError) {
    _ = try await send(.PUT, "/v1/users/" + name, account, accepts: [204])
  }

  /// - Parameter name: Already percent-encoded.
  package func removeAccount(_ name: String) async throws(ClientError) {
    _ = try await request(.DELETE, "/v1/users/" + name, accepts: [204])
  }

  /// The lines of a recording, as they were sent, piece by piece; a piece may end inside a line.
  ///
  /// - Throws: ``ClientError``, or what `take` throws.
  /// - Parameter follows: Whether to wait for more while the recording is live.
  package func messages(
    of id: String, from seq: UInt64 = 1, follows: Bool = false,
    _ take: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let path = "/v1/recordings/\(id)/messages?from=\(seq)" + (follows ? "&follow=1" : "")
    let reading = StreamedAnswer(take)
    do {
      try await connected().exchange(head(.GET, path, []), body: []) { try await reading.take($0) }
    } catch {
      await drop()
      if let failure = await reading.failure { throw failure }
      throw error as? ClientError ?? .unreachable(reason(of: error))
    }
    if await reading.status != 200 { throw refusal(await reading.status, await reading.problem, retryAfter: nil) }
  }

  package func close() async { await drop() }

  // MARK: - Requests

  private func send(
    _ method: HTTPMethod, _ path: String, _ value: some Encodable, accepts: Set<Int> = [200]
  ) async throws(ClientError) -> [UInt8] {
    guard let body = try? JSONEncoder().encode(value) else { throw ClientError.local("cannot encode a request") }
    return try await request(
      method, path, body: [UInt8](body), headers: [("content-type", "application/json")], accepts: accepts)
  }

  private func request(
    _ method: HTTPMethod, _ path: String, body: [UInt8] = [], headers: [(String, String)] = [],
    accepts: Set<Int> = [200]
  ) async throws(ClientError) -> [UInt8] {
    let answer: WholeAnswer
    do {
      let connection = try await connected()
      answer = try await within(timeout, connection) {
        try await connection.whole(self.head(method, path, headers, bodyByteCount: body.count), body: body)
      }
    } catch let error as ClientError {
      await drop()
      throw error
    } catch {
      await drop()
      throw ClientError.unreachable(reason(of: error))
    }
    if answer.isLast { await drop() }
    guard accepts.contains(answer.status) else {
      throw refusal(answer.status, answer.body, retryAfter: answer.retryAfter)
    }
    return answer.body
  }

  private nonisolated func head(
    _ method: HTTPMethod, _ path: String, _ headers: [(String, String)], bodyByteCount: Int = 0
  ) -> HTTPRequestHead {
    var fields = HTTPHeaders(headers)
    fields.add(name: "host", value: hostField)
    if method != .GET { fields.add(name: "content-length", value: String(bodyByteCount)) }
    if let token = identity.token { fields.add(name: "authorization", value: "Bearer " + token) }
    return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: fields)
  }

  private nonisolated var hostField: String {
    switch address {
    case .network(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .local: "localhost"
    }
  }

  private nonisolated func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws(ClientError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw ClientError.answer("the centre's answer is not what this version expects")
    }
  }

  private nonisolated func refusal(_ status: Int, _ body: [UInt8], retryAfter: Int?) -> ClientError {
    let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
    return .refused(
      status: status, problem ?? Problem(error: "http-\(status)", why: "the centre answered \(status)"),
      retryAfter: retryAfter)
  }

  // MARK: - The connection

  private func connected() async throws -> CentreConnection {
    if let connection, connection.isOpen { return connection }
    // One that the centre has closed still has a task that waits for requests.
    await drop()
    let made = try await CentreConnection.open(address, identity, timeout: timeout)
    if let other = connection, other.isOpen {
      // Another request has made one meanwhile, and uses it.
      await made.close()
      return other
    }
    connection = made
    return made
  }

  private func drop() async {
    let dropped = connection
    connection = nil
    await dropped?.close()
  }
}

/// Why a request to the centre was not done.
package enum ClientError: DescribedError {
  /// No connection, or it broke: try again later. The text says why.
  case unreachable(String)
  /// The centre said no. `retryAfter`: seconds, where it named a time.
  case refused(status: Int, Problem, retryAfter: Int?)
  /// It answered something else than this version knows.
  case answer(String)
  /// Nothing was sent.
  case local(String)

  package var sentence: String {
    switch self {
    case .unreachable(let why), .answer(let why), .local(let why): why
    case .refused(_, let problem, _): problem.why
    }
  }

  /// Whether the same request may succeed later.
  package var isTransient: Bool {
    switch self {
    case .unreachable: true
    case .refused(let status, _, _): status == 429 || status >= 500
    case .answer, .local: false
    }
  }
}

/// Hands on the body of an answer that is 200, and keeps that of another.
private actor StreamedAnswer {
  /// A refusal is a sentence.
  private static let problemByteCountMax = 65_536

  private(set) var status = 0
  private(set) var problem: [UInt8] = []
  /// What the sink threw.
  private(set) var failure: (any Error)?
  private let sink: @Sendable ([UInt8]) async throws -> Void

  init(_ sink: @escaping @Sendable ([UInt8]) async throws -> Void) { self.sink = sink }

  func take(_ part: AnswerPart) async throws {
    switch part {
    case .head(let head): status = Int(head.status.code)
    case .body(let bytes) where status == 200:
      do { try await sink(bytes) } catch {
        failure = error
        throw error
      }
    case .body(let bytes): problem += bytes.prefix(max(0, Self.problemByteCountMax - problem.count))
    case .end: break
    }
  }
}

/// Runs `work`, and closes `connection` when it takes longer than `limit`, which ends the work.
private func within<Value: Sendable>(
  _ limit: Duration, _ connection: CentreConnection, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: limit)
      await connection.close()
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let value = first else {
      throw ClientError.unreachable("no answer within \(limit)")
    }
    return value
  }
}
