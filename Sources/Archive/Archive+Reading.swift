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

extension Archive {
  package func recording(_ id: RecordingID) async throws -> RecordingRow? {
    try await pool.read { try RecordingRow.fetch($0, id: id) }
  }

  /// The recordings whose id begins with `prefix`: two at most, enough to see that it is ambiguous.
  ///
  /// - Parameter now: Milliseconds since the Epoch: live ones last until then. nil: as long as what is held of them.
  package func recordings(
    prefix: String, in scope: Scope = .everything, at now: Int64? = nil
  ) async throws -> [RecordingRow] {
    try await readable(at: now) { db, aside in
      var conditions = Conditions(without: aside)
      conditions.add("r.id >= ? AND r.id < ? || '~'", [prefix, prefix])
      conditions.add(scope)
      let sql = RecordingRow.columns + " WHERE \(conditions.sql) ORDER BY r.id LIMIT 2"
      return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(conditions.arguments))
    }
  }

  /// Some lines of a recording from `seq` on: those of one frame, or of as many rows as make one, so that memory stays
  /// bounded however long it is.
  ///
  /// - Returns: Empty when there are none from there on.
  /// - Throws: ``ArchiveError/damaged`` or what the system says; ``firstSeq(after:in:)`` tells where to go on.
  package func lines(of id: RecordingID, from seq: UInt64) async throws -> [StoredLine] {
    let (row, chunks) = try await pool.read { db -> (RecordingRow?, [(UInt64, Data)]) in
      guard let row = try RecordingRow.fetch(db, id: id) else { return (nil, []) }
      if seq <= row.sealedSeq { return (row, []) }
      return (row, try liveChunks(of: row.number, from: seq, in: db))
    }
    guard let row, seq <= row.head.seq else { return [] }
    if !chunks.isEmpty {
      return try chunks.flatMap { first, data in try stored([UInt8](data), first: first, from: seq) }
    }
    guard let path = row.path, let index = try sealedIndex(of: row) else { return [] }
    let place = index.place(of: seq)
    guard place < index.frames.count else { throw ArchiveError.damaged }
    let found = index.frames[place]
    let bytes = try KeptFile(directory.appendingPathComponent(path)).read(Int(found.count), at: found.at)
    return try stored(bytes, first: found.first, from: seq)
  }

  /// Where the frame begins that comes after the one with message `seq`: for who goes on behind a damaged one.
  ///
  /// - Returns: nil when there is none.
  package func firstSeq(after seq: UInt64, in row: RecordingRow) async throws -> UInt64? {
    if let index = try sealedIndex(of: row) {
      let place = index.place(of: seq) + 1
      if place < index.frames.count { return index.frames[place].first }
    }
    // Behind the sealed file, or without one.
    return try await pool.read { db in
      try Int64.fetchOne(
        db, sql: "SELECT first FROM live WHERE recording = ? AND first > ? ORDER BY first LIMIT 1",
        arguments: [row.number, Int64(clamping: seq)]
      ).map { UInt64($0) }
    }
  }

  /// nil while the recording has no sealed file.
  func sealedIndex(of row: RecordingRow) throws -> SealedIndex? {
    if row.path == nil { return nil }
    return try sealedIndexes.index(of: row.number, upTo: row.sealedSeq) {
      let text = try pool.read { db in
        try String.fetchOne(db, sql: "SELECT frames FROM recordings WHERE number = ?", arguments: [row.number])
      }
      return try text.map { try JSONDecoder().decode(SealedIndex.self, from: Data($0.utf8)) }
    }
  }

  private func stored(_ frame: [UInt8], first: UInt64, from seq: UInt64) throws -> [StoredLine] {
    try storedLines(inFrame: frame, first: first).filter { $0.seq >= seq }
  }
}

func storedLines(inFrame frame: [UInt8], first: UInt64) throws -> [StoredLine] {
  try lines(inFrame: frame).enumerated().map { StoredLine(seq: first + UInt64($0.offset), bytes: $0.element) }
}

/// Rows that follow each other, up to some 64 KiB packed: of a session that is typed there are thousands of small ones.
private func liveChunks(of recording: Int64, from seq: UInt64, in db: Database) throws -> [(UInt64, Data)] {
  let sql = "SELECT first, frame FROM live WHERE recording = ? AND last >= ? ORDER BY first LIMIT 1000"
  let rows = try Row.fetchCursor(
    db.cachedStatement(sql: sql), arguments: [recording, Int64(clamping: seq)])
  var chunks: [(UInt64, Data)] = []
  var byteCount = 0
  while byteCount < 64 * 1024, let row = try rows.next() {
    let frame: Data = try row.value("frame")
    chunks.append((try row.count("first"), frame))
    byteCount += frame.count
  }
  return chunks
}
