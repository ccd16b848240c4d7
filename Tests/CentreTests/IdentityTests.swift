import API
import Archive
import Client
import Crypto
import Fleet
import Foundation
import Identity
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Web

/// Certificates end: the centre's own while it runs, a host's while it is off.
@Suite("certificates that end", .inTurn) struct IdentityTests {
  private static let day: TimeInterval = 86_400

  /// A clock that the test sets.
  private final class Clock: Sendable {
    let now = Mutex(Date())
  }

  @Test("the centre makes its certificate anew from two thirds of its life on, in the running process")
  func serverRenewal() async throws {
    let (clock, real) = (Clock(), Date())
    // Made so long ago that it has ended.
    clock.now.withLock { $0 = real - 100 * Self.day }
    let scratch = try ScratchDirectory()
    let authority = try Authority(now: real - 200 * Self.day)
    let archive = try Archive(directory: URL(fileURLWithPath: scratch.path))
    let server = CentreServer(
      routes: Routes(
        archive: archive, fleet: Fleet(archive: archive, authority: authority), metrics: Metrics(), now: { 0 }),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let identity = try ServerIdentity(
      now: { clock.now.withLock { $0 } },
      make: { now in
        let key = P256.Signing.PrivateKey()
        return ServerIdentity.Made(
          certificatePEM: try authority.serverCertificatePEM(
            names: ["localhost"], addresses: [[127, 0, 0, 1]], key: key, now: now),
          keyPEM: key.pemRepresentation, renewAt: now + Authority.lifetime * 2 / 3)
      })
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let network = try server.network(
      host: "127.0.0.1", port: 0, authorityPEM: authority.certificatePEM, identity: identity
    ) { port.yield($0) }
    let running = Task {
      let group = ServiceGroup(services: [network], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      await withTaskCancellationHandler {
        try? await group.run()  // it ends by being told to
      } onCancel: {
        Task { await group.triggerGracefulShutdown() }
      }
    }
    let place = try #require(await ports.first { _ in true })
    let trust = ClientIdentity(authorityPEM: try authority.certificatePEM)
    func ask() async throws(ClientError) {
      let client = CentreClient(address: .network(host: "127.0.0.1", port: place), identity: trust)
      defer { Task { await client.close() } }
      do {
        _ = try await client.hosts()
      } catch {
        // No token was given: whoever hears that has trusted the centre.
        guard case .refused(401, _, _) = error else { throw error }
      }
    }
    await #expect(throws: ClientError.self) { try await ask() }
    clock.now.withLock { $0 = real }
    try await ask()
    running.cancel()
    await running.value
  }

  @Test("a certificate stays until two thirds of its life have passed, and one that cannot be renewed serves on")
  func serverRenewalTime() throws {
    let (clock, start) = (Clock(), Date())
    clock.now.withLock { $0 = start }
    let authority = try Authority(now: start)
    let made = Mutex(0)
    let fails = Mutex(false)
    let identity = try ServerIdentity(
      now: { clock.now.withLock { $0 } },
      make: { now in
        if fails.withLock({ $0 }) { throw CocoaError(.fileReadUnknown) }
        made.withLock { $0 += 1 }
        let key = P256.Signing.PrivateKey()
        return ServerIdentity.Made(
          certificatePEM: try authority.serverCertificatePEM(names: ["localhost"], addresses: [], key: key, now: now),
          keyPEM: key.pemRepresentation, renewAt: now + Authority.lifetime * 2 / 3)
      })
    for (day, count) in [(0, 1), (59, 1), (60, 2), (119, 2), (500, 3)] {
      clock.now.withLock { $0 = start + Double(day) * Self.day }
      _ = identity.current
      #expect(made.withLock { $0 } == count, "day \(day)")
    }
    fails.withLock { $0 = true }
    clock.now.withLock { $0 = start + 600 * Self.day }
    _ = identity.current
    #expect(made.withLock { $0 } == 3)
  }

  @Test(
    "a host whose certificate has ended while it was off renews it and delivers; after the grace it must join again")
  func hostRenewal() async throws {
    for (daysAgo, delivers) in [(100.0, true), (140.0, false)] {
      let then = Date(timeIntervalSinceNow: -daysAgo * Self.day)
      let centre = try await Centre(prepare: { try await enrol("h1", at: then, in: $0) })
      let stage = try await JoinedStage(centre: centre, joins: false)
      if delivers {
        let program = try stage.record(["/bin/echo", "delivered"])
        try await program.expect("delivered")
        let rec = try #require(stage.recording(of: program))
        try await program.end()
        try await stage.awaitEnd(of: rec)
        try await stage.held(rec).expect(program.shownBySession, "")
        #expect(stage.agentLog.contains("the certificate was renewed"))
      } else {
        try await stage.agent?.until("say that it must join") { stage.agentLog.contains("it must join again") }
      }
    }
  }

  /// A centre's directory and an agent's as they were when the host joined, so long ago.
  private func enrol(_ host: String, at time: Date, in scratch: ScratchDirectory) async throws {
    let folder = FileManager.default
    for name in ["data", "state-\(host)"] {
      try folder.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: true)
    }
    let authority = try Authority(now: time)
    try scratch.write("data/ca.pem", try authority.certificatePEM)
    try scratch.write("data/ca-key.pem", authority.keyPEM)
    let archive = try Archive(directory: URL(fileURLWithPath: scratch.file("data")))
    let now = Int64(time.timeIntervalSince1970 * 1000)
    let token = try archive.makeJoinToken(host: host, replaces: false, now: now)
    let key = P256.Signing.PrivateKey()
    let ledgerKey = Curve25519.Signing.PrivateKey()
    let answer = try await Fleet(archive: archive, authority: authority).enrol(
      EnrolmentRequest(
        token: token, host: host, csr: try SigningRequest.pem(for: key),
        ledgerKey: ledgerKey.publicKey.rawRepresentation.base64EncodedString()), now: now)
    try archive.close()
    try scratch.write("state-\(host)/host-key.pem", key.pemRepresentation)
    try scratch.write("state-\(host)/ledger-key", ledgerKey.rawRepresentation.base64EncodedString())
    try scratch.write("state-\(host)/host.pem", answer.certificate)
  }

  @Test("of two agents that claim one host the second is refused; with a new token the first one's key ends")
  func twoClaim() async throws {
    let stage = try await JoinedStage()
    try await stage.agent?.until("join") { stage.agentLog.contains("joined the centre") }
    let files = FileManager.default
    let token = try await stage.centre.stenod("join-token", "--host", "h1")
    let other = try ScratchDirectory()
    try files.createDirectory(atPath: other.file("run"), withIntermediateDirectories: true)
    func second(_ token: String) throws -> DrivenProgram {
      try DrivenProgram(
        onPipes: [
          Centre.built("steno-agent"), "--state", other.file("state"), "--run", other.file("run"), "--host", "h1",
          "--server", stage.centre.url, "--ca", stage.scratch.file("data/ca.pem"), "--join", token,
        ])
    }
    var agent = try second(token)
    try await agent.until("be refused") { agent.errorText.contains("enrolled already") }
    agent.signal(SIGTERM)
    try await agent.end()
    agent = try second(try await stage.centre.stenod("join-token", "--host", "h1", "--replace"))
    try await agent.until("join") { agent.errorText.contains("joined the centre") }
    let program = try stage.record(["/bin/echo", "unheard"])
    try await program.end()
    try await stage.agent?.until("be refused") { stage.agentLog.contains("takes nothing from this host") }
  }

  @Test("a host that was revoked joins again with a new token, and delivers what it kept meanwhile")
  func joinsAgain() async throws {
    let stage = try await JoinedStage()
    try await stage.agent?.until("join") { stage.agentLog.contains("joined the centre") }
    _ = try await stage.centre.stenod("revoke", "--host", "h1")
    let program = try stage.record(["/bin/echo", "kept"])
    try await program.expect("kept")
    let rec = try #require(stage.recording(of: program))
    try await program.end()
    try await stage.agent?.until("be refused") { stage.agentLog.contains("takes nothing from this host") }
    #expect(try await stage.summary(of: rec) == nil)
    try await stage.endAgent(by: SIGTERM)
    try stage.scratch.write("token-h1", try await stage.centre.stenod("join-token", "--host", "h1", "--replace"))
    try await stage.startAgent()
    try await stage.awaitEnd(of: rec)
    try await stage.held(rec).expect(program.shownBySession, "")
  }
}
