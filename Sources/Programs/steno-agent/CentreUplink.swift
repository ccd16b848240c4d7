import API
import Client
import Crypto
import FoundationEssentials
import Shipping

/// The way to the centre: joins it, keeps its certificate valid, and carries batches.
actor CentreUplink: Uplink {
  /// One request, with all that waits before it on the connection.
  private static let timeout = Duration.seconds(60)
  /// How long the centre is to wait for an order; below the timeout.
  private static let ordersWaitSeconds = 30
  /// Between looks at the certificate, and the longest between attempts to join, of which the second comes soon: centre
  /// and agent may have been started together.
  private static let pause = Duration.seconds(20)
  private static let firstPause = Duration.seconds(1)

  private let address: CentreAddress
  private let authorityPEM: String
  private let host: String
  private let joinToken: String?
  private let identity: HostIdentity
  private let log: @Sendable (String) -> Void
  private var client: CentreClient?
  private var ordersClient: CentreClient?
  private var attempt: Task<Void, Never>?
  /// The centre said no to the token: asking again would be one more incident there.
  private var refusal: String?
  /// The centre takes nothing from the certificate that is there: revoked, replaced, or joined after what the centre was
  /// restored from. With a new token the host can join again.
  private var isCastOut = false
  private var lastProblem = ""

  /// - Parameter joinToken: As it was printed, or nil when the host has joined.
  init(
    _ address: CentreAddress, authorityPEM: String, host: String, joinToken: String?, identity: sending HostIdentity,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.address = address
    self.authorityPEM = authorityPEM
    self.host = host
    self.joinToken = joinToken
    self.identity = identity
    self.log = log
  }

  /// Joins as soon as the centre can be reached, and renews when that is due; does not return.
  func keepJoined() async {
    var pause = Self.firstPause
    while !Task.isCancelled {
      await joinOrRenew()
      // Cancelled: the loop ends.
      try? await Task.sleep(for: client == nil ? pause : Self.pause)
      pause = min(pause * 2, Self.pause)
    }
  }

  // MARK: - Batches

  func send(_ batch: Shipping.Batch) async throws(UplinkError) -> Answer {
    let client = try await joinedClient()
    do throws(ClientError) {
      let clock = Int64(Date().timeIntervalSince1970 * 1000)
      return Answer(try await client.send(batch.parts.flatMap(\.lines), clock: clock))
    } catch {
      if case .refused(let status, let problem, _) = error, status == 400 || status == 413 {
        return try await sendApart(batch, problem)
      }
      let problem = UplinkError(error)
      guard case .forbidden = problem, await canJoinAgain() else { throw problem }
      return try await send(batch)
    }
  }

  /// The certificate was refused: a token that was not tried yet may help.
  private func canJoinAgain() async -> Bool {
    isCastOut = true
    await joinOrRenew()
    return !isCastOut
  }

  private func joinedClient() async throws(UplinkError) -> CentreClient {
    if client == nil { await joinOrRenew() }
    if let client { return client }
    // Not joined since the centre was away: that is tried again soon. Refused: that takes an administrator.
    guard let refusal else { throw .unreachable(reason: Array(lastProblem.utf8)) }
    throw .forbidden(reason: Array(refusal.utf8))
  }

  func heads(_ heads: [(recording: [UInt8], head: Shipping.Head)]) async throws(UplinkError) -> CentreHeads {
    let client = try await joinedClient()
    var asked = heads.map { RecordingHead(rec: String(decoding: $0.recording, as: UTF8.self), head: API.Head($0.head)) }
    var start: [UInt8] = []
    var behind: [(recording: [UInt8], head: Shipping.Head)] = []
    repeat {
      let part = Array(asked.prefix(HeadsRequest.countMax))
      asked.removeFirst(part.count)
      do throws(ClientError) {
        let answer = try await client.heads(HeadsRequest(heads: part))
        start = Array(answer.start.utf8)
        behind += answer.behind.map { (Array($0.rec.utf8), Shipping.Head($0.head)) }
      } catch {
        throw UplinkError(error)
      }
    } while !asked.isEmpty
    return CentreHeads(start: start, behind: behind)
  }

  // MARK: - Orders

  /// Over a connection of its own: the one for batches is not to wait.
  func orders() async throws(UplinkError) -> [[UInt8]] {
    _ = try await joinedClient()
    if ordersClient == nil { ordersClient = memberClient() }
    guard let ordersClient else { throw .forbidden(reason: []) }
    do throws(ClientError) {
      return try await ordersClient.orders(waitSeconds: Self.ordersWaitSeconds).end.map { Array($0.utf8) }
    } catch {
      throw UplinkError(error)
    }
  }

  /// The centre refuses a batch as a whole when one line in it breaks a rule: the others' recordings go on.
  private func sendApart(_ batch: Shipping.Batch, _ problem: Problem) async throws(UplinkError) -> Answer {
    if batch.parts.count == 1 {
      let why = Array(problem.why.utf8)
      return Answer(verdicts: [(batch.parts[0].recording, .refused(reason: why, retryAfterMilliseconds: nil))])
    }
    var all = Answer(verdicts: [])
    for part in batch.parts { all.verdicts += try await send(Shipping.Batch(parts: [part])).verdicts }
    return all
  }

  func record(_ entry: String) async throws(UplinkError) -> LedgerAnswer {
    let client = try await joinedClient()
    guard let signature = try? identity.ledgerKey.signature(for: Data(entry.utf8)) else {
      throw .unreachable(reason: Array("the ledger's key does not sign".utf8))
    }
    do throws(ClientError) {
      return try await client.record(LedgerSubmission(entry: entry, signature: signature.base64EncodedString()))
    } catch {
      throw UplinkError(error)
    }
  }

  // MARK: - Joining

  /// Does what is due; whoever comes meanwhile waits for the same attempt.
  private func joinOrRenew() async {
    if let attempt { return await attempt.value }
    let task = Task { await attemptToJoin() }
    attempt = task
    await task.value
    attempt = nil
  }

  private func attemptToJoin() async {
    if client == nil, identity.certificate != nil { connect() }
    let isMember = client != nil
    let isToJoin = refusal == nil && (!isMember || isCastOut && joinToken != nil)
    guard isToJoin || isMember && identity.isToRenew(at: Date()) else { return }
    let asking = CentreClient(
      address: address, identity: ClientIdentity(authorityPEM: authorityPEM), timeout: Self.timeout)
    do {
      let (certificate, hasJoined) = try await renewedOrJoined(asking)
      try identity.save(certificate)
      connect()
      isCastOut = false
      log(hasJoined ? "joined the centre as \(host)" : "the certificate was renewed")
      lastProblem = ""
    } catch {
      complain("cannot \(isMember ? "renew the certificate" : "join the centre as \(host)"): \(sentence(of: error))")
    }
    await asking.close()
  }

  /// Joins only when the centre does not know the key. A host that has not joined yet asks all the same: a crash may have
  /// come between the centre's answer and our file.
  private func renewedOrJoined(_ asking: CentreClient) async throws -> (certificate: String, hasJoined: Bool) {
    let request = try identity.signingRequest
    do {
      return (try await asking.renew(RenewalRequest(csr: request)).certificate, identity.certificate == nil)
    } catch {
      guard case .refused(_, let problem, _) = error, problem.error == "unknown-key" else { throw error }
      guard let joinToken, refusal == nil else { throw identity.certificate == nil ? notJoined : error }
      return (try await join(asking, joinToken, request), true)
    }
  }

  private var notJoined: ClientError {
    .local("this host has not joined: give --join what `stenod join-token --host \(host)` prints")
  }

  private func join(_ asking: CentreClient, _ token: String, _ request: String) async throws -> String {
    let key = identity.ledgerKey.publicKey.rawRepresentation.base64EncodedString()
    do {
      return try await asking.enrol(
        EnrolmentRequest(token: token, host: host, csr: request, ledgerKey: key)
      ).certificate
    } catch {
      if case .refused(let status, let problem, _) = error, (400..<500).contains(status) { refusal = problem.why }
      throw error
    }
  }

  private func connect() {
    let (old, oldOrders) = (client, ordersClient)
    client = memberClient()
    ordersClient = nil
    Task {
      await old?.close()
      await oldOrders?.close()
    }
  }

  private func memberClient() -> CentreClient {
    CentreClient(
      address: address,
      identity: ClientIdentity(
        authorityPEM: authorityPEM, certificatePEM: identity.certificatePEM, keyPEM: identity.key.pemRepresentation),
      timeout: Self.timeout)
  }

  /// Once, until it is another one.
  private func complain(_ problem: String) {
    if problem == lastProblem { return }
    lastProblem = problem
    log(problem)
  }
}

extension UplinkError {
  fileprivate init(_ error: ClientError) {
    guard case .refused(let status, let problem, let seconds) = error else {
      self = .unreachable(reason: Array(error.sentence.utf8))
      return
    }
    switch status {
    case 401, 403: self = .forbidden(reason: Array(problem.why.utf8))
    case 429, 500...:
      self = .busy(reason: Array(problem.why.utf8), retryAfterMilliseconds: UInt64(max(seconds ?? 1, 0)) * 1000)
    default: self = .unreachable(reason: Array(problem.why.utf8))
    }
  }
}

extension Shipping.Head {
  fileprivate init(_ head: API.Head) {
    self.init(sequence: head.seq, hash: Array(head.hash.utf8), offset: head.off)
  }
}

extension API.Head {
  fileprivate init(_ head: Shipping.Head) {
    self.init(seq: head.sequence, hash: String(decoding: head.hash, as: UTF8.self), off: head.offset)
  }
}

extension Answer {
  fileprivate init(_ answer: BatchAnswer) {
    self.init(
      verdicts: answer.answers.map { said in
        let verdict: Answer.Verdict =
          switch said.status {
          case .held: .held(upTo: said.head.seq)
          case .conflict:
            .conflict(Shipping.Head(said.head))
          case .refused:
            .refused(
              reason: Array((said.why ?? "").utf8),
              retryAfterMilliseconds: said.retryAfterSeconds.map { UInt64(max($0, 0)) * 1000 })
          }
        return (Array(said.rec.utf8), verdict)
      })
  }
}
