package import API
import Compression
import Foundation
import GRDB
package import Identity

/// A message as it was sent.
package struct StoredLine: Sendable {
  package let seq: UInt64
  /// Without its LF.
  package let bytes: ArraySlice<UInt8>
}

/// Which recordings a list shows; nil means any.
package struct RecordingFilter: Sendable {
  package var user: String?
  package var host: String?
  package var state: RecordingSummary.State?
  /// Started at or after, milliseconds since the Epoch.
  package var since: Int64?
  /// Started before.
  package var until: Int64?

  package init() {}
}

extension Archive {
  package func recording(_ id: RecordingID) async throws -> RecordingRow? {
    try await pool.read { try RecordingRow.fetch($0, id: id) }
  }

  /// The recordings whose id begins with `prefix`: two at most, enough to see that it is ambiguous.
  package func recordings(prefix: String) async throws -> [RecordingRow] {
    try await pool.read { db in
      let sql = RecordingRow.columns + " WHERE r.id >= ?1 AND r.id < ?1 || '~' ORDER BY r.id LIMIT 2"
      return try Row.fetchAll(db, sql: sql, arguments: [prefix]).map { try RecordingRow($0) }
    }
  }

  /// A page of recordings, the latest start first. Pages are stable: one that begins meanwhile is on none of the later.
  ///
  /// - Parameters:
  ///   - mark: `next` of the page before; nil for the first.
  ///   - count: 1 to ``RecordingPage/countMax``.
  package func page(_ filter: RecordingFilter, after mark: String?, count: Int) async throws -> RecordingPage {
    var conditions = ["1"]
    var arguments: [(any DatabaseValueConvertible)?] = []
    func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments.append(value)
    }
    add("r.user = ?", filter.user)
    add("r.host = ?", filter.host)
    add("r.state = ?", filter.state?.rawValue)
    add("r.start >= ?", filter.since)
    add("r.start < ?", filter.until)
    if let mark, let (start, number) = place(mark) {
      conditions.append("(r.start, r.number) < (?, ?)")
      arguments += [start, number]
    }
    let sql =
      RecordingRow.columns + " WHERE " + conditions.joined(separator: " AND ")
      + " ORDER BY r.start DESC, r.number DESC LIMIT \(count + 1)"
    let all = StatementArguments(arguments)
    let rows = try await pool.read { try Row.fetchAll($0, sql: sql, arguments: all).map { try RecordingRow($0) } }
    let shown = rows.prefix(count)
    let next = rows.count > count ? shown.last.map { "\($0.startMilliseconds)-\($0.number)" } : nil
    return RecordingPage(recordings: shown.map(\.summary), next: next)
  }

  private func place(_ mark: String) -> (Int64, Int64)? {
    guard let dash = mark.lastIndex(of: "-"), let start = Int64(mark[..<dash]),
      let number = Int64(mark[mark.index(after: dash)...])
    else { return nil }
    return (start, number)
  }

  /// Some lines of a recording from `seq` on: those of one frame, so that memory stays bounded however long it is.
  ///
  /// - Returns: Empty when there are none from there on.
  package func lines(of id: RecordingID, from seq: UInt64) async throws -> [StoredLine] {
    let (row, frame) = try await pool.read { db -> (RecordingRow?, (Int64, Data)?) in
      guard let row = try RecordingRow.fetch(db, id: id) else { return (nil, nil) }
      if seq <= row.sealedSeq { return (row, nil) }
      let found = try Row.fetchOne(
        db, sql: "SELECT first, frame FROM live WHERE recording = ? AND last >= ? ORDER BY first LIMIT 1",
        arguments: [row.number, Int64(clamping: seq)])
      return (row, found.map { ($0["first"], $0["frame"]) })
    }
    guard let row, seq <= row.head.seq else { return [] }
    if let (first, data) = frame { return try stored([UInt8](data), first: UInt64(first), from: seq) }
    guard let path = row.path, let index = row.frames else { return [] }
    let place = index.place(of: seq)
    guard place < index.frames.count else { throw ArchiveError.damaged }
    let found = index.frames[place]
    let file = try FileHandle(forReadingFrom: directory.appendingPathComponent(path))
    defer { try? file.close() }
    try file.seek(toOffset: found.at)
    let bytes = [UInt8](try file.read(upToCount: Int(found.count)) ?? Data())
    return try stored(bytes, first: found.first, from: seq)
  }

  private func stored(_ frame: [UInt8], first: UInt64, from seq: UInt64) throws -> [StoredLine] {
    try storedLines(inFrame: frame, first: first).filter { $0.seq >= seq }
  }
}

func storedLines(inFrame frame: [UInt8], first: UInt64) throws -> [StoredLine] {
  try lines(inFrame: frame).enumerated().map { StoredLine(seq: first + UInt64($0.offset), bytes: $0.element) }
}
