import API
import Events
import Foundation
import TestSupport
import Testing

@Suite("recordings while they grow", .serialized) struct LiveTests {
  @Test("a live stream goes on where events ended, resumes where it broke off, and says when it is over")
  func live() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "20")
    let id = try await centre.id(of: "r-1")
    let token = "authorization=Bearer " + (try await centre.stenod("token", "--role", "auditor"))
    let past = try await centre.ask("GET", "/v1/recordings/\(id)/events", headers: [token])
    let position = try #require(end(of: past))
    let first = try centre.listening("/v1/recordings/\(id)/live?after=\(position)", count: 1, headers: [token])
    _ = try await centre.send("send", "h1", "h1", "r-1", "40")
    try await first.end()
    let second = try centre.listening(
      "/v1/recordings/\(id)/live?from=0", count: 100,
      headers: [token, "last-event-id=" + (first.events.last?.id ?? "")])
    _ = try await centre.send("send", "h1", "h1", "r-1", "60", "--end")
    try await second.end()
    let streamed = (first.events + second.events).filter { $0.event == "events" }.flatMap { texts($0.data) }
    let expected = (1...59).map { "message \($0) of r-1\n" }
    #expect(try texts(past) + streamed == expected)
    let last = try #require(second.events.last)
    let ended = try JSONDecoder().decode(RecordingSummary.self, from: Data(last.data.utf8))
    #expect(last.event == "end" && ended.state == .complete && ended.exit == 0 && ended.why == "exit")
  }

  private func end(of answer: WebAnswer) -> String? {
    ((try? JSONSerialization.jsonObject(with: Data(answer.body.utf8))) as? [String: Any])?["position"] as? String
  }

  private func texts(_ answer: WebAnswer) throws -> [String] {
    let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
    return (object?["events"] as? [[Any]] ?? []).compactMap { $0[2] as? String }
  }

  private func texts(_ data: String) -> [String] {
    ((try? JSONSerialization.jsonObject(with: Data(data.utf8))) as? [[Any]] ?? []).compactMap { $0[2] as? String }
  }

  @Test("an admin's order to end a session reaches its host at once, and is written down")
  func end() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5")
    let id = try await centre.id(of: "r-1")
    #expect(try await centre.send("raw", "h1", "GET", "/v1/orders").hasSuffix(#"{"end":[]}"#))
    let waiting = try DrivenProgram(onPipes: centre.senderCommand("raw", "h1", ["GET", "/v1/orders?wait=60"]))
    let token = try await centre.stenod("token", "--role", "admin", "--name", "ann")
    #expect(try await centre.ask("POST", "/v1/recordings/\(id)/end", token: token).status == 202)
    try await waiting.end()
    #expect(waiting.text.contains(#"{"end":["r-1"]}"#))
    let page: AuditPage = try await centre.ask("GET", "/v1/audit", token: token).decoded()
    #expect(page.entries.first?.what == .ended && page.entries.first?.who == "token:ann")
  }

  @Test("a stream ends when its viewer's rights are taken away")
  func rightsTakenAway() async throws {
    let centre = try await Centre(configuration: "free-bytes-min: 0\nfree-percent-min: 0\nstream-seconds: 1\n")
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5")
    let id = try await centre.id(of: "r-1")
    try await centre.addUser("eve", password: "correct horse", "--role", "viewer", "--hosts", "h1")
    let cookie = try #require(try await centre.signIn(#"{"user":"eve","password":"correct horse"}"#))
    let stream = try centre.listening("/v1/recordings/\(id)/live", count: 100, headers: [cookie])
    try await stream.until("have begun") { !stream.events.isEmpty }
    let lines = try centre.asking("GET", "/v1/recordings/\(id)/messages?follow=1", headers: [cookie])
    try await stream.eventually("be written down") { try await isRead(id, at: centre) }
    _ = try await centre.admin("user", "remove", "eve")
    try await stream.end()
    #expect(stream.events.last?.event == "problem")
    try await lines.end()
  }

  @Test(
    "what breaks off since its asker's account has gone does not look whole", arguments: [true, false])
  func answersTakenAway(isRemoved: Bool) async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    // Far more than pipes and sockets hold.
    _ = try await centre.send("send", "h1", "h1", "r-1", "200", "--width=50000", "--end")
    let id = try await centre.id(of: "r-1")
    try await centre.addUser("eve", password: "correct horse", "--role", "viewer", "--hosts", "h1")
    let cookie = try #require(try await centre.signIn(#"{"user":"eve","password":"correct horse"}"#))
    let readers = try ["export?format=raw", "messages"].map {
      try centre.reading("/v1/recordings/\(id)/\($0)", headers: [cookie])
    }
    for reader in readers { try await reader.expect("200\n") }
    if isRemoved { _ = try await centre.admin("user", "remove", "eve") }
    for reader in readers {
      try await reader.type("\n")
      try await reader.expect(isRemoved ? "broken\n" : "whole\n")
      try await reader.end()
    }
  }

  private func isRead(_ id: String, at centre: Centre) async throws -> Bool {
    String(decoding: try await centre.get("/v1/audit"), as: UTF8.self).contains(#""what":"read""#)
  }

  @Test("a centre that is told to stop answers hosts that wait, ends streams, and is over")
  func stop() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "5")
    let id = try await centre.id(of: "r-1")
    let token = "authorization=Bearer " + (try await centre.stenod("token", "--role", "admin"))
    let orders = try DrivenProgram(onPipes: centre.senderCommand("raw", "h1", ["GET", "/v1/orders?wait=60"]))
    let stream = try centre.listening("/v1/recordings/\(id)/live", count: 100, headers: [token])
    let list = try centre.listening("/v1/recordings/watch", count: 100, headers: [token])
    let lines = try centre.asking("GET", "/v1/recordings/\(id)/messages?follow=1", headers: [token])
    try await stream.until("have begun") { !stream.events.isEmpty }
    try await stream.eventually("be written down") { try await isRead(id, at: centre) }
    centre.program.signal(SIGTERM)
    // Less than a host waits.
    #expect(try await centre.program.end(within: .seconds(40)) == .status(0))
    for program in [orders, stream, list, lines] { try await program.end() }
    #expect(orders.text == "200 {\"end\":[]}\n")
  }
}
