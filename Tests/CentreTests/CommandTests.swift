import API
import Client
import Foundation
import TestSupport
import Testing

@Suite("steno and the client at a centre", .serialized) struct CommandTests {
  @Test("steno lists, shows and exports what a host sent, and ends as its exit codes say")
  func commands() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "20", "--end")
    let token = try await centre.stenod("token", "--role", "auditor")
    let list = try await centre.steno("ls", "--json", token: token)
    let found = try JSONDecoder().decode([RecordingSummary].self, from: Data(list.output))
    let id = try #require(found.first?.id)
    #expect(found.count == 1 && list.exit == .status(0))
    let raw = try await centre.steno("export", "--format", "raw", id, token: token)
    // The 20th is the end, which shows nothing.
    let shown = (1...19).map { "message \($0) of r-1\n" }.joined()
    #expect(String(decoding: raw.output, as: UTF8.self) == shown)
    let lines = try await centre.steno("export", "--format", "tlog", String(id.prefix(4)), token: token)
    #expect(lines.output.count { $0 == UInt8(ascii: "\n") } == 20)
    #expect(try await centre.steno("ls", "--user", "nobody", token: token).exit == .status(3))
    #expect(try await centre.steno("show", "zzzzzzzz", token: token).exit == .status(3))
    #expect(try await centre.steno("ls", token: "wrong").exit == .status(5))
    #expect(try await centre.steno("ls", "--no-such-option", token: token).exit == .status(2))
    centre.program.signal(SIGTERM)
    #expect(try await centre.program.end() == .status(0))
    #expect(try await centre.steno("ls", token: token).exit == .status(6))
  }

  @Test("the client joins, sends, is told of a conflict with the head, and cuts again from there")
  func client() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    let folder = centre.directory
    let address = try #require(CentreAddress(centre.url))
    let client = CentreClient(
      address: address,
      identity: ClientIdentity(
        authorityPEM: folder.text("data/ca.pem"), certificatePEM: folder.text("h1/host.pem"),
        keyPEM: folder.text("h1/host-key.pem")))
    let first = try await client.send(message(1, after: "", text: "one"))
    #expect(first.answers.map(\.status) == [.held])
    let head = first.answers[0].head
    #expect(try await client.send(message(1, after: "", text: "one")) == first)
    let other = try await client.send(message(1, after: "", text: "two"))
    #expect(other.answers.map(\.status) == [.conflict])
    #expect(other.answers[0].head == head)
    let second = try await client.send(message(2, after: head.hash, text: "two"))
    #expect(second.answers.map(\.status) == [.held])
    #expect(second.answers[0].head.seq == 2)
    await client.close()
  }

  private func message(_ seq: Int, after previous: String, text: String) -> [UInt8] {
    Array(
      (#"{"ver":"2.4","host":"h1","rec":"r","user":"u","term":"","session":1,"id":\#(seq),"pos":0,"time":1.000,"#
        + #""timing":">3","in_txt":"","in_bin":[],"out_txt":"\#(text)","out_bin":[],"#
        + #""prev":"\#(previous)","off":\#(seq * 10)}"# + "\n").utf8)
  }
}
