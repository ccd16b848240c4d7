import API
import Events
import Foundation
import GRDB
import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("the state of a recording, wherever it is asked for", .inTurn) struct StateTests {
  @Test("a spool file that was damaged makes one word in every list, an incident, and an export that says so")
  func damagedSpool() async throws {
    let stage = try await JoinedStage()
    let whole = try await record(["/usr/bin/seq", "1", "100"], stage)
    try await stage.awaitEnd(of: whole)
    try await stage.centre.end(by: SIGTERM)
    let rec = try await record(["/bin/sh", "-c", "seq 1 50; sleep 0.2; seq 51 100; sleep 0.2; seq 101 150"], stage)
    try await stage.endAgent()
    let spool = stage.scratch.file("state-h1/spool/\(rec).spool")
    let damage = open(spool, O_WRONLY)
    let middle = Int(lseek(damage, 0, SEEK_END)) / 2
    #expect(pwrite(damage, [UInt8](repeating: 0x58, count: 50), 50, off_t(middle)) == 50)
    close(damage)
    try await stage.startCentre()
    try await stage.startAgent()
    try await stage.awaitEnd(of: rec)

    let (centre, id) = (stage.centre, stage.id(of: rec))
    let token = try await centre.stenod("token", "--role", "auditor")
    let summary = try #require(try await stage.summary(of: rec))
    #expect(summary.state == .tampered && summary.gaps == 1 && summary.why == "exit")
    func text(_ words: String...) async throws -> (text: String, exit: Exit) {
      let (output, exit) = try await centre.steno(words, token: token)
      return (String(decoding: output, as: UTF8.self), exit)
    }
    let list = try await text("ls").text.split(separator: "\n")
    #expect(list.first { $0.hasPrefix(id) }?.contains(" tampered ") == true)
    #expect(list.first { $0.hasPrefix(stage.id(of: whole)) }?.contains(" complete ") == true)
    #expect(try await text("ls", "--state", "tampered").text.split(separator: "\n").count == 2)
    #expect(try await text("show", id).text.contains("\nstate     tampered\n"))
    #expect(try await text("incidents").text.contains("tampered: recording \(id) "))
    // What lies behind the damage is there.
    let raw = try await text("export", "--format", "raw", id)
    #expect(raw.text.hasSuffix("149\r\n150\r\n") && raw.text.hasPrefix("1\r\n2\r\n"))
    #expect(raw.exit == .status(4))
    #expect(try await text("export", "--format", "tlog", id).exit == .status(4))
    #expect(try await text("export", "--format", "raw", stage.id(of: whole)).exit == .status(0))
    // The file itself says the same.
    #expect(try await text("ls", spool).text.hasSuffix("tampered\n"))
    #expect(try await text("export", "--format", "text", spool).exit == .status(4))
    let held = try await stage.held(rec)
    #expect(held.faults == [] && held.kinds.filter { $0 == "gap" }.count == 1)
  }

  /// Records what ends by itself.
  ///
  /// - Returns: Its name.
  private func record(_ words: [String], _ stage: JoinedStage) async throws -> String {
    let spool = stage.scratch.file("state-h1/spool")
    func names() -> Set<String> {
      Set((try? FileManager.default.contentsOfDirectory(atPath: spool))?.filter { $0.hasSuffix(".spool") } ?? [])
    }
    let before = names()
    let program = try stage.record(words)
    try await program.end()
    return String(try #require(names().subtracting(before).first).dropLast(6))
  }

  @Test("one that was quiet too long is abandoned, or what is worse, and live again when it goes on")
  func quiet() async throws {
    let scene = try ArchiveScene()
    var (plain, damaged) = (MadeRecording(rec: "plain"), MadeRecording(rec: "damaged"))
    _ = plain.next("one")
    _ = damaged.next("one")
    damaged.gap(why: "damaged", byteCount: 50)
    try await plain.send(to: scene.archive)
    try await damaged.send(to: scene.archive)
    #expect(try await scene.row(damaged)?.summary.state == .live)
    try await scene.archive.abandon(before: 1000)
    #expect(try await scene.row(plain)?.summary.state == .abandoned)
    #expect(try await scene.row(damaged)?.summary.state == .tampered)
    _ = damaged.next("two")
    try await damaged.send(to: scene.archive)
    #expect(try await scene.row(damaged)?.summary.state == .live)
    _ = damaged.end()
    try await damaged.send(to: scene.archive)
    #expect(try await scene.row(damaged)?.summary.state == .tampered)
    let incidents = try await scene.archive.pool.read { try String.fetchAll($0, sql: "SELECT what FROM incidents") }
    #expect(
      incidents == ["tampered: recording \(damaged.id) of ada: 50 bytes of its spool file are not what was written"])
  }

  @Test("a live recording lasts as long as its host is heard of, whatever comes of it")
  func liveClock() async throws {
    let scene = try ArchiveScene()
    try await scene.archive.pool.write { db in
      try db.execute(
        sql: """
          INSERT INTO hosts (name, state, key, ledger_key, enrolled, certified, seen)
          VALUES ('h1', 'enrolled', 'k', x'00', 0, 0, 1000000)
          """)
    }
    var recording = MadeRecording()
    try recording.add([(5000, .output("a"))])
    // Sent three seconds after its event, by the host's clock, which is an hour ahead of the centre's.
    try await recording.send(to: scene.archive, now: 1_000_000, sentMilliseconds: 1_700_000_008_000)
    func summary(at now: Int64) async throws -> RecordingSummary? {
      try await scene.archive.recordings([recording.id], in: .everything, at: now).first?.summary
    }
    #expect(try await scene.row(recording)?.summary.durationMilliseconds == 5000)
    #expect(try await summary(at: 1_000_000)?.durationMilliseconds == 8000)
    let quiet = try #require(try await summary(at: 1_060_000))
    #expect(quiet.durationMilliseconds == 68_000 && quiet.silent == nil)
    #expect(quiet.end == "2023-11-14T22:14:28.000Z")
    let silent = try #require(try await summary(at: 1_600_000))
    #expect(silent.durationMilliseconds == 8000 && silent.silent == "1970-01-01T00:16:40.000Z")
    try await scene.archive.pool.write { try $0.execute(sql: "UPDATE hosts SET seen = 1590000") }
    #expect(try await summary(at: 1_600_000)?.durationMilliseconds == 608_000)
    #expect(quiet.clockMilliseconds == 1_699_999_008_000)
    _ = recording.end()
    try await recording.send(to: scene.archive, now: 1_700_000)
    #expect(try await summary(at: 9_000_000)?.durationMilliseconds == 5000)
  }

  @Test("a catalogue of before gets the words that its recordings have now")
  func migration() throws {
    let scratch = try ScratchDirectory()
    let queue = try DatabaseQueue(path: scratch.file("catalogue.sqlite"))
    try Schema.migrations.migrate(queue, upTo: "accounts")
    let rows: [(state: String, trust: String, why: String?, gaps: Int, gap: String, expected: String)] = [
      ("complete", "trusted", "exit", 0, "", "complete"), ("complete", "trusted", "exit", 2, "limit", "incomplete"),
      ("complete", "trusted", "killed", 0, "", "killed"), ("complete", "trusted", "host-down", 0, "", "interrupted"),
      ("complete", "self-reported", "tampered", 0, "", "tampered"), ("live", "trusted", nil, 1, "damaged", "live"),
      ("complete", "trusted", "exit", 1, "damaged", "damaged"), ("abandoned", "trusted", nil, 1, "sync", "abandoned"),
      ("abandoned", "self-reported", nil, 1, "damaged", "tampered"), ("complete", "", "", 0, "", "complete"),
    ]
    try queue.write { db in
      for (index, row) in rows.enumerated() {
        try db.execute(
          sql: """
            INSERT INTO recordings (number, id, host, rec, user, term, session, start, state, trust, why, gaps)
            VALUES (?1, 'id' || ?1, 'h', 'r' || ?1, 'u', '', 1, 0, ?2, ?3, ?4, ?5)
            """, arguments: [index, row.state, row.trust, row.why, row.gaps])
        let body = #"{"marks":[{"ms":1,"kind":"resize"},{"ms":2,"kind":"gap","why":"\#(row.gap)"}]}"#
        try db.execute(
          sql: "INSERT INTO activities VALUES (?, 1, ?)", arguments: [index, Data(body.utf8)])
      }
    }
    try queue.close()
    let archive = try Archive(directory: URL(fileURLWithPath: scratch.path))
    let found = try archive.pool.read { try String.fetchAll($0, sql: "SELECT state FROM recordings ORDER BY number") }
    #expect(found == rows.map(\.expected))
    try archive.close()
  }
}
