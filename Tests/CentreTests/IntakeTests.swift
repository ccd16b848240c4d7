import API
import Events
import Foundation
import TestSupport
import Testing

@Suite("a centre on loopback", .serialized) struct IntakeTests {
  @Test("what a host sends is held, listed and given back byte for byte")
  func roundTrip() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    let head = try await centre.send("send", "h1", "h1", "r-1", "50", "--end")
    #expect(head.contains("\"seq\": 50"))
    let page = try JSONDecoder().decode(RecordingPage.self, from: Data(try await centre.get("/v1/recordings")))
    let recording = try #require(page.recordings.first)
    #expect(page.recordings.count == 1)
    #expect(recording.host == "h1" && recording.rec == "r-1" && recording.messages == 50)
    #expect(recording.state == .complete && recording.exit == 0)
    let lines = try await centre.get("/v1/recordings/\(recording.id)/messages").split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 50)
    #expect(String(decoding: lines[6], as: UTF8.self).contains("message 7 of r-1"))
  }

  @Test("a join token is good once, for its host")
  func joinTokens() async throws {
    let centre = try await Centre()
    let token = try await centre.stenod("join-token", "--host", "h1")
    #expect(try await centre.send("join", "other", "h2", token).hasPrefix("403"))
    #expect(try await centre.send("join", "h1", "h1", token).hasPrefix("200"))
    #expect(try await centre.send("join", "again", "h1", token).hasPrefix("403"))
    let second = try await centre.stenod("join-token", "--host", "h1")
    #expect(try await centre.send("join", "again", "h1", second).hasPrefix("409"))
    let third = try await centre.stenod("join-token", "--host", "h1", "--replace")
    #expect(try await centre.send("join", "again", "h1", third).hasPrefix("200"))
    // The key that was replaced speaks no more.
    #expect(try await centre.send("send", "h1", "h1", "r-1", "1").contains("revoked"))
    #expect(try await centre.send("send", "again", "h1", "r-1", "1").contains("\"seq\": 1"))
  }

  @Test("a host speaks for itself only, and nobody without a certificate")
  func foreignHost() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    #expect(try await centre.send("send", "h1", "h2", "r-1", "1").contains("foreign-host"))
    #expect(try await centre.send("send", "nobody", "h1", "r-1", "1").contains("no-certificate"))
    #expect(String(decoding: try await centre.get("/v1/recordings"), as: UTF8.self) == "{\"recordings\":[]}")
  }

  @Test("a revoked host is refused from the next batch on")
  func revoked() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    #expect(try await centre.send("send", "h1", "h1", "r-1", "1").contains("\"seq\": 1"))
    _ = try await centre.stenod("revoke", "--host", "h1")
    #expect(try await centre.send("send", "h1", "h1", "r-1", "2").contains("revoked"))
  }

  @Test("malformed, oversized and over-packed batches are refused whole, and honest ones go on")
  func hostile() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    let bomb = try centre.directory.write("bomb", try zeros(mebibytes: 9))
    #expect(try await centre.send("post", "h1", bomb, "zstd").hasPrefix("413"))
    let long = try centre.directory.write("long", [UInt8](repeating: UInt8(ascii: "x"), count: 9 << 20))
    #expect(try await centre.send("post", "h1", long).hasPrefix("413"))
    let garbage = try centre.directory.write("garbage", "no zstd\n")
    #expect(try await centre.send("post", "h1", garbage, "zstd").hasPrefix("400"))
    #expect(try await centre.send("post", "h1", garbage).contains("\"line\":1"))
    let empty = try centre.directory.write("empty", "")
    #expect(try await centre.send("post", "h1", empty).hasPrefix("400"))
    #expect(try await centre.send("send", "h1", "h1", "r-1", "3").contains("\"seq\": 3"))
  }

  @Test("routes for people need a token; an unknown route is none")
  func denyByDefault() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    for path in ["/v1/recordings", "/v1/hosts", "/metrics"] {
      #expect(try await centre.send("raw", "h1", "GET", path).hasPrefix("401"))
    }
    #expect(try await centre.send("raw", "h1", "GET", "/v1/else").hasPrefix("404"))
    let token = try await centre.stenod("token", "--role", "admin")
    #expect(try await centre.send("raw", "h1", "GET", "/v1/hosts", token).contains("\"name\":\"h1\""))
  }

  @Test("stenod killed again and again loses nothing that it acknowledged, and numbers run from 1 without holes")
  func killed() async throws {
    let centre = try await Centre()
    try await centre.join("h1")
    var numbers = SeededNumbers()
    for round in 1...5 {
      let count = String(round * 300)
      let sender = try DrivenProgram(
        onPipes: centre.senderCommand("send", "h1", ["h1", "r-1", count, "--batch=3"]))
      // Killed after a random number of acknowledged batches of this round.
      let before = centre.directory.text("h1/acknowledged").utf8.count { $0 == UInt8(ascii: "\n") }
      let target = before + 1 + numbers.below(60)
      try await sender.until("have \(target) batches acknowledged (seed \(numbers.seed))") {
        centre.directory.text("h1/acknowledged").utf8.count { $0 == UInt8(ascii: "\n") } >= target
      }
      try await centre.killAndRestart()
      try await sender.end()
      try await check(centre, seed: numbers.seed)
    }
    #expect(try await centre.send("send", "h1", "h1", "r-1", "2000", "--batch=50").contains("\"seq\": 2000"))
    try await check(centre, seed: numbers.seed)
  }

  /// Every acknowledged message is there, as it was acknowledged.
  private func check(_ centre: Centre, seed: UInt64) async throws {
    let page = try JSONDecoder().decode(RecordingPage.self, from: Data(try await centre.get("/v1/recordings")))
    let id = try #require(page.recordings.first?.id)
    let lines = try await centre.get("/v1/recordings/\(id)/messages").split(separator: UInt8(ascii: "\n"))
    for (index, line) in lines.enumerated() {
      let text = String(decoding: line, as: UTF8.self)
      #expect(text.contains("\"id\":\(index + 1),"), "seed \(seed)")
    }
    let acknowledged = centre.directory.text("h1/acknowledged").split(separator: "\n")
    let newest = acknowledged.compactMap { Int($0.split(separator: " ")[1]) }.max() ?? 0
    #expect(newest > 0 && lines.count >= newest, "seed \(seed)")
  }

  /// Zeros, packed: as many bytes as a batch may not have, in a few.
  private func zeros(mebibytes: Int) throws -> [UInt8] {
    // One frame without a content size, window 128 KiB, of run-length blocks of 128 KiB (RFC 8878, 3.1.1.2).
    var frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]
    for block in 1...(mebibytes * 8) {
      let header = (128 << 10) * 8 | 2 | (block == mebibytes * 8 ? 1 : 0)
      frame += [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16 & 255), 0]
    }
    return frame
  }
}
