import API
import Compression
import Events
import Foundation
import Identity
import Intake
import TestSupport
import Testing

@testable import Archive

@Suite("rooms of the centre") struct RoomTests {
  private func line(_ seq: UInt64, after previous: String, hash: String? = nil, off: UInt64? = nil) -> Submission.Line {
    Submission.Line(
      seq: seq, previous: previous, hash: hash ?? "h\(seq)", off: off ?? seq * 10, lastMilliseconds: 0, range: 0..<0)
  }

  private func decide(
    _ head: Head, _ lines: [Submission.Line], isEnded: Bool = false, held: Set<Int> = []
  ) -> AppendDecision {
    AppendDecision(head: head, isEnded: isEnded, lines: lines) { held.contains($0) }
  }

  @Test("a message is taken when it follows the head by number and link")
  func follows() {
    let head = Head(seq: 2, hash: "h2", off: 20)
    #expect(decide(.none, [line(1, after: ""), line(2, after: "h1")]) == .take(from: 0))
    #expect(decide(head, [line(3, after: "h2")]) == .take(from: 0))
    #expect(decide(head, [line(3, after: "x")]) == .conflict)
    #expect(decide(head, [line(4, after: "h2")]) == .conflict)
    #expect(decide(.none, [line(1, after: "h0")]) == .conflict)
    #expect(decide(head, [line(3, after: "h2"), line(5, after: "h3")]) == .conflict)
  }

  @Test("a message that is held already is taken for held when it is identical, else it is a conflict")
  func resent() {
    let head = Head(seq: 2, hash: "h2", off: 20)
    let lines = [line(1, after: ""), line(2, after: "h1"), line(3, after: "h2")]
    #expect(decide(head, lines, held: [0, 1]) == .take(from: 2))
    #expect(decide(head, lines, held: [0]) == .conflict)
    #expect(decide(head, Array(lines[..<2]), held: [0, 1]) == .take(from: 2))
    #expect(decide(head, Array(lines[..<2]), isEnded: true, held: [0, 1]) == .take(from: 2))
    #expect(decide(head, lines, isEnded: true, held: [0, 1]) == .refused(.ended))
  }

  @Test("a spool offset never goes backwards")
  func offsets() {
    #expect(decide(.none, [line(1, after: "", off: 10), line(2, after: "h1", off: 9)]) == .refused(.offset))
  }

  @Test("a recording's id is the first 16 characters of base32 of SHA-256 over host, 0, rec")
  func identifiers() {
    // printf 'h1\0r-1' | sha256sum | xxd -r -p | base32 | tr A-Z a-z | cut -c 1-16
    #expect(RecordingID(host: Array("h1".utf8), rec: Array("r-1".utf8)).description == "e2h7hrxd2l25cjp7")
    #expect(RecordingID("e2h7hrxd2l25cjp7") != nil)
    #expect(RecordingID("../../etc/passwd") == nil)
  }

  @Test(
    "times are written and read as RFC 3339 in UTC with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func times(time: Int64, text: String) {
    #expect(timestamp(milliseconds: time) == text)
    #expect(milliseconds(timestamp: text) == time)
  }

  @Test("unpacking stops at the first byte beyond the bound, and tells cut from damaged")
  func unpacking() throws {
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    let frame = try zstdFrame(of: bytes)
    var decoder = try ZstdDecoder()
    #expect(try decoder.decode(frame, limit: 1 << 20) == bytes)
    #expect(try decoder.decode(frame + frame, limit: 2 << 20) == bytes + bytes)
    #expect(throws: ZstdError.tooLong(limit: (1 << 20) - 1)) { try decodeOnce(frame, limit: (1 << 20) - 1) }
    #expect(throws: ZstdError.incomplete) { try decodeOnce(Array(frame.dropLast()), limit: 1 << 20) }
    #expect(throws: ZstdError.damaged) { try decodeOnce([1, 2, 3, 4, 5], limit: 1 << 20) }
  }

  private func decodeOnce(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
    var decoder = try ZstdDecoder()
    return try decoder.decode(bytes, limit: limit)
  }

  @Test("a certificate speaks for one host, and the authority's own for none")
  func certificates() throws {
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    let authority = try Authority(now: now)
    let kept = try Authority(certificatePEM: authority.certificatePEM, keyPEM: authority.keyPEM)
    #expect(kept.certificate == authority.certificate)
    #expect(SigningRequest(pem: "no request") == nil)
    #expect(HostCertificate(der: []) == nil)
    #expect(HostCertificate.isHostName("web-1.example.org"))
    for name in ["", ".", "a..b", "a b", "a/b", String(repeating: "a", count: 64)] {
      #expect(!HostCertificate.isHostName(name))
    }
  }

  @Test("a sealed recording is read back line for line from any message on, and its rows are gone")
  func sealing() async throws {
    let directory = try ScratchDirectory()
    var bounds = ArchiveBounds()
    bounds.freeByteCountMin = 0
    bounds.freePercentMin = 0
    let archive = try Archive(directory: URL(fileURLWithPath: directory.path), bounds: bounds)
    var numbers = SeededNumbers()
    var all: [[UInt8]] = []
    var previous = ""
    let id = RecordingID(host: [1], rec: [2])
    for batch in 0..<40 {
      var submission = Submission(
        id: id, facts: RecordingFacts(host: "h", rec: "r", user: "u", terminal: "t", session: 1, startMilliseconds: 5),
        lines: [], bytes: [], frame: [])
      for _ in 0..<10 {
        let line = (0..<(1 + numbers.below(4000))).map { _ in UInt8(32 + numbers.below(90)) }
        let start = submission.bytes.count
        submission.bytes += line + [10]
        let hash = line.withUnsafeBufferPointer { linkHash(of: $0) }
        all.append(line)
        submission.lines.append(
          Submission.Line(
            seq: UInt64(all.count), previous: previous, hash: hash, off: UInt64(all.count), lastMilliseconds: 1,
            range: start..<submission.bytes.count))
        previous = hash
      }
      if batch == 39 { submission.facts.end = .init(why: "exit", exit: 0, signal: nil) }
      submission.frame = try zstdFrame(of: submission.bytes)
      let answers = try await archive.append([submission], now: 7)
      #expect(answers.map(\.status) == [.held], "seed \(numbers.seed)")
      // Sent twice, it is held already.
      let again = try await archive.append([submission], now: 8)
      #expect(again == answers, "seed \(numbers.seed)")
    }
    #expect(try archive.unsealed() == [id])
    try await archive.seal(id)
    #expect(try archive.unsealed().isEmpty)
    for first in [1, 2, 57, 400] {
      var read: [[UInt8]] = []
      while case let lines = try await archive.lines(of: id, from: UInt64(first + read.count)), !lines.isEmpty {
        read += lines.map { Array($0.bytes) }
      }
      #expect(read == Array(all[(first - 1)...]), "seed \(numbers.seed)")
    }
  }
}
