import API
import Client
import Crypto
import Foundation
import Shipping

/// The way to the centre: joins it, keeps its certificate valid, and carries batches.
actor CentreUplink: Uplink {
  /// One request, with all that waits before it on the connection.
  private static let timeout = Duration.seconds(60)
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
  private var attempt: Task<Void, Never>?
  /// The centre said no to the token: asking again would be one more incident there.
  private var refusal: String?
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
    if client == nil { await joinOrRenew() }
    guard let client else {
      if let refusal { throw .forbidden(reason: Array(refusal.utf8)) }
      // Soon tried again: a host that joins late has recordings already.
      throw .unreachable(reason: Array("it has not joined yet".utf8))
    }
    do throws(ClientError) {
      return Answer(try await client.send(batch.parts.flatMap(\.lines)))
    } catch {
      if case .refused(let status, let problem, _) = error, status == 400 || status == 413 {
        return try await sendApart(batch, problem)
      }
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
    if client == nil { await joinOrRenew() }
    guard let client else { throw .forbidden(reason: Array((refusal ?? "it has not joined yet").utf8)) }
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
    guard isMember ? identity.isToRenew(at: Date()) : refusal == nil else { return }
    let asking = CentreClient(
      address: address, identity: ClientIdentity(authorityPEM: authorityPEM), timeout: Self.timeout)
    do {
      let certificate = try await isMember ? renewed(asking) : joined(asking)
      try identity.save(certificate)
      connect()
      log(isMember ? "the certificate was renewed" : "joined the centre as \(host)")
      lastProblem = ""
    } catch {
      if case ClientError.refused(let status, let problem, _) = error, (400..<500).contains(status), !isMember {
        refusal = problem.why
      }
      complain("cannot \(isMember ? "renew the certificate" : "join the centre as \(host)"): \(sentence(of: error))")
    }
    await asking.close()
  }

  private func renewed(_ asking: CentreClient) async throws -> String {
    try await asking.renew(RenewalRequest(csr: try identity.signingRequest)).certificate
  }

  /// A crash may have come between the centre's answer and our file: then it knows the key already.
  private func joined(_ asking: CentreClient) async throws -> String {
    do {
      return try await renewed(asking)
    } catch ClientError.refused(_, let problem, _) where problem.error == "unknown-key" {
      guard let joinToken else {
        throw ClientError.local("this host has not joined: give --join what `stenod join-token --host \(host)` prints")
      }
      let key = identity.ledgerKey.publicKey.rawRepresentation.base64EncodedString()
      return try await asking.enrol(
        EnrolmentRequest(token: joinToken, host: host, csr: try identity.signingRequest, ledgerKey: key)
      ).certificate
    }
  }

  private func connect() {
    let old = client
    client = CentreClient(
      address: address,
      identity: ClientIdentity(
        authorityPEM: authorityPEM, certificatePEM: identity.certificatePEM, keyPEM: identity.key.pemRepresentation),
      timeout: Self.timeout)
    Task { await old?.close() }
  }

  private func sentence(of error: any Error) -> String { (error as? ClientError)?.sentence ?? "\(error)" }

  /// Once, until it is another one.
  private func complain(_ problem: String) {
    if problem == lastProblem { return }
    lastProblem = problem
    log(problem)
  }
}

extension ClientError {
  fileprivate var sentence: String {
    switch self {
    case .unreachable(let why), .answer(let why), .local(let why): why
    case .refused(_, let problem, _): problem.why
    }
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

extension Answer {
  fileprivate init(_ answer: BatchAnswer) {
    self.init(
      verdicts: answer.answers.map { said in
        let verdict: Answer.Verdict =
          switch said.status {
          case .held: .held(upTo: said.head.seq)
          case .conflict:
            .conflict(
              Shipping.Head(sequence: said.head.seq, hash: Array(said.head.hash.utf8), offset: said.head.off))
          case .refused:
            .refused(
              reason: Array((said.why ?? "").utf8),
              retryAfterMilliseconds: said.retryAfterSeconds.map { UInt64(max($0, 0)) * 1000 })
          }
        return (Array(said.rec.utf8), verdict)
      })
  }
}
