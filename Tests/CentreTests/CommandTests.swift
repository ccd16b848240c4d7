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

  @Test("steno ls goes on from page to page, sorts, and stops at a limit; on a terminal it says that there is more")
  func pages() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    let count = RecordingPage.countMax + 20
    let client = try client(of: centre)
    for numbers in [1...300, 301...count] {
      _ = try await client.send(numbers.flatMap { message(1, of: "r-\($0)", after: "", text: "one") })
    }
    await client.close()
    let token = try await centre.stenod("token", "--role", "auditor")
    func ids(_ words: String...) async throws -> [String] {
      let list = try await centre.steno(["ls"] + words, token: token)
      #expect(list.exit == .status(0), "\(words)")
      let lines = String(decoding: list.output, as: UTF8.self).split(separator: "\n")
      return lines.dropFirst().map { String($0.prefix(16)) }
    }
    let all = try await ids()
    #expect(all.count == count && Set(all).count == count)
    #expect(try await ids("--reverse") == all.reversed())
    #expect(try await ids("--limit", "7") == Array(all.prefix(7)))
    #expect(try await ids("--limit", "510", "--reverse") == Array(all.reversed().prefix(510)))
    let all1970 = try await ids("--limit", "0", "--since", "1970-01-01", "--until", "today", "--sort", "bytes")
    #expect(all1970.count == count)
    #expect(try await centre.steno("ls", "--since", "2h", token: token).exit == .status(3))
    let json = try await centre.steno("ls", "--json", token: token)
    #expect(try JSONDecoder().decode([RecordingSummary].self, from: Data(json.output)).map(\.id) == all)
    #expect(try await centre.steno("ls", "--since", "yesterdy", token: token).exit == .status(2))
    let terminal = try DrivenProgram(
      onTerminal: [Centre.built("steno"), "ls"],
      environment: [
        "STENO_SERVER": centre.url, "STENO_CA": centre.directory.file("data/ca.pem"), "STENO_TOKEN": token,
        "HOME": centre.directory.path,
      ], columns: 200)
    #expect(try await terminal.end() == .status(0))
    #expect(all.prefix(100).allSatisfy { terminal.text.contains($0) } && !terminal.text.contains(all[100]))
    #expect(terminal.text.contains("there are more"))
  }

  @Test("the centre reads times as steno does, in UTC where they name no zone")
  func times() async throws {
    let centre = try await Centre()
    for (time, isGood) in [
      ("yesterday", true), ("2h", true), ("30m%20ago", true), ("2026-12-01", true), ("02:21", true),
      ("2026-12-01%2002:21%2B01:00", true), ("soon", false), ("2026-02-30", false),
    ] {
      for name in ["since", "until"] {
        let answer = String(decoding: try await centre.get("/v1/recordings?\(name)=\(time)"), as: UTF8.self)
        #expect(answer.contains("\"recordings\"") == isGood, "\(time): \(answer)")
        if !isGood { #expect(answer.contains("\(name): ") && answer.contains("30m ago"), "\(answer)") }
      }
    }
  }

  @Test("a file goes before a recording of that name, and steno says so; what is neither is said to be neither")
  func operands() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    _ = try await centre.send("send", "h1", "h1", "r-1", "20", "--end")
    let token = try await centre.stenod("token", "--role", "auditor")
    let list = try await centre.steno("ls", "--json", token: token)
    let id = try #require(try JSONDecoder().decode([RecordingSummary].self, from: Data(list.output)).first?.id)
    let cast = try await centre.steno("export", "--format", "asciicast", id, token: token)
    // Without the line end, which get(_:) takes off.
    let page = try await centre.get("/v1/recordings/\(id)/export?format=asciicast")
    #expect(cast.output.dropLast() == page[...] && cast.output.starts(with: Array("{\"version\":2".utf8)))
    let messages = try await centre.steno("export", "--format", "tlog", id, token: token)
    try centre.directory.write(id, String(decoding: messages.output, as: UTF8.self))
    for (operand, note) in [(id, "steno: \(id): taken for the file of that name"), ("./" + id, "")] {
      let program = try DrivenProgram(
        onPipes: [Centre.built("steno"), "export", "--format", "asciicast", operand], directory: centre.directory.path)
      #expect(try await program.end() == .status(0))
      #expect(program.shown == cast.output, "\(program.text)")
      #expect(note.isEmpty ? program.errorText.isEmpty : program.errorText.hasPrefix(note))
    }
  }

  @Test("the client joins, sends, is told of a conflict with the head, and cuts again from there")
  func client() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    let client = try client(of: centre)
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

  /// One that speaks for h1.
  private func client(of centre: Centre) throws -> CentreClient {
    let folder = centre.directory
    return CentreClient(
      address: try #require(CentreAddress(centre.url)),
      identity: ClientIdentity(
        authorityPEM: folder.text("data/ca.pem"), certificatePEM: folder.text("h1/host.pem"),
        keyPEM: folder.text("h1/host-key.pem")))
  }

  private func message(_ seq: Int, of recording: String = "r", after previous: String, text: String) -> [UInt8] {
    Array(
      (#"{"ver":"2.4","host":"h1","rec":"\#(recording)","user":"u","term":"","session":1,"id":\#(seq),"pos":0,"time":1.000,"#
        + #""timing":">3","in_txt":"","in_bin":[],"out_txt":"\#(text)","out_bin":[],"#
        + #""prev":"\#(previous)","off":\#(seq * 10)}"# + "\n").utf8)
  }
}

/// C1's CSI, a bidi override, and a zero width blank.
private let evil = "a\u{9b}31m\u{202e}b\u{200b}"

@Suite("what steno writes to a terminal", .inTurn) struct TerminalTextTests {
  private static func line(_ word: String) -> String {
    #"{"ver":"2.3","host":"\#(word)","rec":"r-1-2","user":"\#(word)","term":"xterm","session":1,"id":1,"pos":0,"#
      + #""time":1700000000.000,"timing":"=80x24>\#(word.unicodeScalars.count)","in_txt":"","in_bin":[],"out_txt":"\#(word)","out_bin":[]}"#
      + "\n"
  }

  @Test(
    "THREATS 20: a host's words in JSON and in errors do nothing to a terminal; messages elsewhere are as sent",
    arguments: [
      ["ls", "--json", "log"], ["show", "--json", "log"], ["export", "--format", "tlog", "log"],
      ["export", "--format", "asciicast", "log"], ["ls", "no\(evil)"], ["show", "no\(evil)"],
      ["export", "--format", "raw", "no\(evil)"],
    ])
  func words(_ words: [String]) async throws {
    let scratch = try ScratchDirectory()
    try scratch.write("log", Self.line(evil))
    let command = [Centre.built("steno")] + words
    let program = try DrivenProgram(onTerminal: command, directory: scratch.path)
    try await program.end()
    let text = program.text
    #expect(text.unicodeScalars.allSatisfy { !evil.unicodeScalars.dropFirst().contains($0) || $0.isASCII })
    #expect(text.contains("\\u"), "\(text)")
    guard words.contains("tlog") else { return }
    let piped = try DrivenProgram(onPipes: command, directory: scratch.path)
    #expect(try await piped.end() == .status(0))
    #expect(piped.text == Self.line(evil))
  }
}
