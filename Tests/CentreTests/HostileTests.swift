import API
import Client
import Foundation
import TestSupport
import Testing

@testable import Web

/// Whoever means harm gets a clear answer at little cost, and others go on.
@Suite("hostile senders", .inTurn) struct HostileTests {
  @Test("of 1500 connections from one address that say nothing, 512 are held, and another host goes on")
  func connections() async throws {
    let centre = try await Centre(configuration: Centre.noFreeSpace + "slow-seconds: 3600\n")
    try await centre.join("h1")
    let script = Surroundings.checkout.appending(path: "Tests/CentreTests/hostile.py").path
    let hostile = try DrivenProgram(
      onPipes: ["/usr/bin/python3", script, "\(centre.port)", "1500", "\(ConnectionBounds.perAddressMax)"], input: .pipe
    )
    try await hostile.expect("closed \(1500 - ConnectionBounds.perAddressMax)")
    #expect(try await centre.send("send", "h1", "h1", "r-1", "100", "--batch=10").contains("\"seq\": 100"))
    let metrics = String(decoding: try await centre.get("/metrics"), as: UTF8.self)
    #expect(metrics.contains("steno_refusals_total{error=\"connections\"} \(1500 - ConnectionBounds.perAddressMax)"))
    hostile.closeInput()
    #expect(try await hostile.end() == .status(0))
    // Its places are free again.
    let again = try DrivenProgram(onPipes: ["/usr/bin/python3", script, "\(centre.port)", "100", "100"])
    try await again.expect("closed 0")
    try await again.end()
  }

  @Test("a body that drips, and a connection that begins no TLS, are given up, and others are answered meanwhile")
  func dripping() async throws {
    let centre = try await Centre(configuration: Centre.noFreeSpace + "slow-seconds: 2\n")
    try await centre.join("h1")
    let browser = Surroundings.checkout.appending(path: "Tests/CentreTests/browser.py").path
    let dripping = try DrivenProgram(
      onPipes: ["/usr/bin/python3", browser, "drip", centre.url, centre.directory.file("data/ca.pem"), "/v1/session"])
    let script = Surroundings.checkout.appending(path: "Tests/CentreTests/hostile.py").path
    let silent = try DrivenProgram(onPipes: ["/usr/bin/python3", script, "\(centre.port)", "5", "0"])
    #expect(try await centre.send("send", "h1", "h1", "r-1", "100", "--batch=10").contains("\"seq\": 100"))
    try await dripping.expect("closed")
    try await silent.expect("closed 5")
    try await dripping.end()
    try await silent.end()
    let metrics = String(decoding: try await centre.get("/metrics"), as: UTF8.self)
    #expect(metrics.contains("steno_refusals_total{error=\"slow\"} 6"))
  }

  @Test("a host that floods the centre with what is refused does not keep another from being answered")
  func flood() async throws {
    let centre = try await Centre()
    for host in ["good", "bad"] { try await centre.join(host) }
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + [10]
    let refused = try await withThrowingTaskGroup(of: [String].self) { group in
      for _ in 0..<16 {
        let client = try Self.client("bad", centre)
        group.addTask {
          var words: [String] = []
          for _ in 0..<20 {
            do {
              _ = try await client.send(long)
            } catch ClientError.refused(_, let problem, _) {
              words.append(problem.error)
            }
          }
          await client.close()
          return words
        }
      }
      var recording = MadeRecording(host: "good", rec: "r-1")
      let client = try Self.client("good", centre)
      for step in 0..<50 {
        let answer = try await client.send(recording.next("step \(step)"))
        #expect(answer.answers.map(\.status) == [.held])
      }
      await client.close()
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(refused).isSubset(of: ["malformed", "rate"]) && refused.count == 320, "\(Set(refused))")
  }

  private static func client(_ host: String, _ centre: Centre) throws -> CentreClient {
    let folder = centre.directory
    return CentreClient(
      address: try #require(CentreAddress(centre.url)),
      identity: ClientIdentity(
        authorityPEM: folder.text("data/ca.pem"), certificatePEM: folder.text("\(host)/host.pem"),
        keyPEM: folder.text("\(host)/host-key.pem")))
  }

  @Test("a host may send so many requests a second, and what it saved up; a clock that jumps back gives it nothing")
  func rate() throws {
    let gate = HostGate()
    /// How many of `count` come in.
    func enter(_ count: Int, at now: Int64) -> Int {
      (0..<count).count { _ in
        do throws(Problem) {
          try gate.enter("h1", now: now)
          gate.leave("h1")
          return true
        } catch {
          return error.error != "rate"
        }
      }
    }
    let (burst, second) = (Int(HostGate.burst), Int(HostGate.requestsPerSecond))
    #expect(enter(burst + 100, at: 1_000_000) == burst)
    #expect(enter(100, at: 1_000_000) == 0)
    #expect(enter(second, at: 1_000_500) == second / 2)
    #expect(enter(100, at: 400_000) == 0)
    #expect(enter(100, at: 400_000) == 0)
    #expect(enter(burst * 2, at: 99_000_000) == burst)
  }

  @Test("so many bodies of one host are read at once, and another's come in meanwhile")
  func bodies() throws {
    let gate = HostGate()
    for _ in 0..<HostGate.bodiesMax { try gate.enter("h1", now: 0) }
    #expect(throws: Problem.self) { try gate.enter("h1", now: 0) }
    try gate.enter("h2", now: 0)
    gate.leave("h1")
    try gate.enter("h1", now: 0)
  }
}
