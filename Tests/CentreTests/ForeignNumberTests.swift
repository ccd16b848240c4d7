import API
import Events
import Foundation
import GRDB
import Identity
import Intake
import Synchronization
import TestSupport
import Testing
import Viewing

@testable import Archive

/// Numbers that a host, or a disk, made up: whatever they are, the centre goes on and shows the recordings of others.
@Suite("numbers that others made up") struct ForeignNumberTests {
  private static let edges: [UInt64] = [
    0, 1, 2, 999, 1 << 31 - 1, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 53 - 1, 1 << 53, 1 << 63 - 1_000_001, 1 << 63 - 1001,
    1 << 63 - 1000, 1 << 63 - 1, 1 << 63, .max - 1000, .max - 1, .max, MessageReader.millisecondsMax - 1,
    MessageReader.millisecondsMax, MessageReader.millisecondsMax + 1, wallMillisecondsMax, wallMillisecondsMax + 1,
  ]
  private static let columnEdges: [DatabaseValue] = {
    let integers: [Int64] = [0, 1, -1, .min, .min + 1, .max - 1, .max, 1 << 31, -(1 << 31), 1 << 53]
    let others: [any DatabaseValueConvertible] = [1e300, -1.5, "words", Data([0, 255])]
    return integers.map(\.databaseValue) + [.null] + others.map(\.databaseValue)
  }()

  /// A message with one number put in the place of another.
  private struct Forged {
    var time = "1700000000.000"
    var numbers: [String: UInt64] = ["id": 1, "pos": 0, "off": 100, "session": 1, "delay": 5, "columns": 80, "lost": 3]

    func line(_ recording: String, kind: String) -> [UInt8] {
      let of = { (name: String) in numbers[name] ?? 0 }
      let facts =
        switch kind {
        case "gap": #","lost":{"from":\#(of("pos")),"to":\#(of("lost")),"bytes":\#(of("lost")),"why":"damaged"}"#
        case "end": #","exit":1,"why":"exit","in_bytes":\#(of("lost")),"out_bytes":\#(of("lost"))"#
        default: ""
        }
      return Array(
        (#"{"ver":"2.4","host":"h1","rec":"\#(recording)","user":"eve","term":"xterm","session":\#(of("session")),"#
          + #""id":\#(of("id")),"pos":\#(of("pos")),"time":\#(time),"#
          + #""timing":"=\#(of("columns"))x24+\#(of("delay"))>2+\#(of("delay"))>1","in_txt":"","in_bin":[],"out_txt":"abc","#
          + #""out_bin":[],"kind":"\#(kind)","prev":"","off":\#(of("off"))"# + facts + "}\n").utf8)
    }
  }

  private static var forgeries: [Forged] {
    var all: [Forged] = []
    for edge in edges {
      for name in ["id", "pos", "off", "session", "delay", "columns", "lost"] {
        var forged = Forged()
        forged.numbers[name] = edge
        all.append(forged)
      }
      let thousandths = String(edge % 1000 + 1000).dropFirst()
      let times = ["\(edge).000", "\(edge / 1000).\(thousandths)", "-\(edge).5", "1e\(min(edge, 400))"]
      for time in times {
        var forged = Forged()
        forged.time = time
        all.append(forged)
        forged.numbers["pos"] = 5000
        forged.numbers["delay"] = MessageReader.millisecondsMax
        all.append(forged)
      }
    }
    return all
  }

  @Test("a message with any number in any place is refused, or shown like others, and stops nothing")
  func messages() async throws {
    let scene = try ArchiveScene()
    var other = MadeRecording(rec: "other")
    try other.add([(1, .output("a word"))])
    try await other.send(to: scene.archive)
    var takenCount = 0
    for (place, forged) in Self.forgeries.enumerated() {
      for kind in ["data", "gap", "end"] {
        let line = forged.line("forged-\(place)-\(kind)", kind: kind)
        let sent = Self.edges[place % Self.edges.count]
        guard let batch = try? Batch.read(line, isCompressed: false, host: "h1", sentMilliseconds: sent) else {
          continue
        }
        takenCount += try await scene.archive.append(batch.submissions, now: 8).count { $0.status == .held }
      }
      if place % 100 == 99 { try await look(scene, sees: [other]) }
    }
    #expect(takenCount > 100)
    try await look(scene, sees: [other])
  }

  @Test("a row that cannot be read is an incident, and no other recording is missing from a list")
  func rows() async throws {
    var unreadableCount = 0
    for (table, which) in [("recordings", "number = 1"), ("heads", "recording = 1"), ("hosts", "1")] {
      let scene = try ArchiveScene()
      let archive = scene.archive
      try await archive.pool.write { db in
        try db.execute(
          sql: """
            INSERT INTO hosts (name, state, key, ledger_key, enrolled, certified, seen)
            VALUES ('h1', 'enrolled', 'k', x'00', 0, 0, 1)
            """)
      }
      var (victim, other) = (MadeRecording(rec: "victim"), MadeRecording(rec: "other"))
      try victim.add([(1, .output("gone"))])
      try await victim.send(to: archive)
      try other.add([(1, .output("a word"))])
      try await other.send(to: archive)
      let columns = try await archive.pool.read { db in
        try Row.fetchAll(db, sql: "PRAGMA table_info(\(table))").map { $0["name"] as String }
      }
      for column in columns where !["number", "recording", "id", "name"].contains(column) {
        let before = try await archive.pool.read { db in
          try Row.fetchOne(db, sql: "SELECT \(column) FROM \(table) WHERE \(which)")?[0] as DatabaseValue?
        }
        for edge in Self.columnEdges + [before ?? .null] {
          archive.setAside.withLock { $0 = [] }
          do {
            try await archive.pool.write { db in
              try db.execute(sql: "UPDATE \(table) SET \(column) = ? WHERE \(which)", arguments: [edge])
            }
          } catch is DatabaseError {
            continue  // the schema refuses it
          }
          try await look(scene, sees: table == "hosts" ? [] : [other])
          unreadableCount += archive.setAside.withLock { $0.count }
        }
        #expect(try await archive.recordings(prefix: "").count == 2, "\(table).\(column)")
      }
      let incidents = try await archive.pool.read { try String.fetchAll($0, sql: "SELECT what FROM incidents") }
      #expect(incidents.count { $0.hasPrefix("unreadable: recording number 1 ") } == (table == "hosts" ? 0 : 1))
    }
    #expect(unreadableCount > 100)
  }

  /// All that a centre does by itself or for whoever looks.
  private func look(_ scene: ArchiveScene, sees others: [MadeRecording]) async throws {
    let archive = scene.archive
    for now in [nil, 2_000_000_000_000] as [Int64?] {
      for sort in RecordingSort.allCases {
        var ids: [String] = []
        var next: String?
        repeat {
          let page = try #require(
            try await archive.page(RecordingFilter(), sort: sort, after: next, count: ids.isEmpty ? 1 : 500, at: now))
          ids += page.recordings.map(\.id)
          next = page.next
        } while next != nil
        for other in others { #expect(ids.contains(other.id.description), "\(sort)") }
      }
    }
    for row in try await archive.recordings(prefix: "") { await show(row, scene) }
    try await archive.abandon(before: 7)
    for id in try archive.unsealed() { try? await archive.seal(id) }
  }

  /// What a player asks for; it may be refused.
  private func show(_ row: RecordingRow, _ scene: ArchiveScene) async {
    for from in [0, 5000, MessageReader.millisecondsMax] as [UInt64] {
      var range = EventRange()
      range.from = from
      range.hasKeyframe = true
      _ = try? await scene.projector.events(of: row, range)
      _ = try? await scene.projector.keyframe(of: row, at: .milliseconds(from))
    }
    for edge in [0, 1 << 63 - 1, .max] as [UInt64] {
      _ = try? await scene.projector.keyframe(of: row, at: .event(edge))
    }
    _ = try? await scene.projector.activity(of: row, bucketCount: 100)
    for format in ExportFormat.allCases {
      guard let export = try? scene.projector.export(row, as: format) else { continue }
      while let piece = try? await export.next() { _ = piece }
      await export.close()
    }
  }
}
