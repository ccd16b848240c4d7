import API
import Compression
import Events
import Foundation
import GRDB
package import Identity

extension Archive {
  /// Recordings that are over and of which something lies in rows; the oldest first.
  ///
  /// - Parameter limit: At most so many, so that one round ends.
  package func unsealed(limit: Int = 100) throws -> [RecordingID] {
    let sql = "SELECT id FROM recordings WHERE unsealed AND state != 'live' ORDER BY number LIMIT ?"
    return try pool.read { try String.fetchAll($0, sql: sql, arguments: [limit]) }.compactMap { RecordingID($0) }
  }

  /// Waits no longer for those live recordings of which nothing came since `time`: they are abandoned. What comes later
  /// makes them live again.
  ///
  /// - Parameter time: Milliseconds since the Epoch.
  package func abandon(before time: Int64) async throws {
    let ids = try await pool.write { db in
      let sql = """
        SELECT number, id FROM recordings
        WHERE state = 'live' AND number IN (SELECT recording FROM heads WHERE received < ?)
        """
      let quiet = try Row.fetchAll(db, sql: sql, arguments: [time])
      return try quiet.compactMap { row -> String? in
        // One that cannot be read is no reason to keep the others waiting.
        do { try RecordingRow.close(try row.value("number"), in: db) } catch ArchiveError.damaged { return nil }
        return try row.value("id")
      }
    }.compactMap { RecordingID($0) }
    await writer.wakeAll(of: ids)
    changes.note(ids)
  }

  /// Packs a recording that is over into a file of its own, and then lets go of its rows.
  ///
  /// A crash leaves the rows, and perhaps a file that the next attempt replaces: the catalogue names the file only in
  /// the transaction that deletes the rows, after file and directory are on disk. One that was sealed before, and went
  /// on, gets its frames behind those that it has: so the index that the catalogue has is true of either file.
  package func seal(_ id: RecordingID) async throws {
    guard let row = try await pool.read({ try RecordingRow.fetch($0, id: id) }), row.isUnsealed,
      row.summary.state != .live
    else { return }
    let path = row.path ?? sealedPath(row)
    let index = try write(row, after: try sealedIndex(of: row), to: directory.appendingPathComponent(path))
    let text = String(decoding: try JSONEncoder().encode(index), as: UTF8.self)
    try await pool.write { db in
      // What came meanwhile is not in the file: then the next round seals it.
      try db.execute(
        sql: """
          UPDATE recordings SET path = ?1, frames = ?2, sealed = ?3, unsealed = 0
          WHERE number = ?4 AND unsealed AND state != 'live'
            AND EXISTS (SELECT 1 FROM heads WHERE recording = number AND seq = ?3)
          """, arguments: [path, text, Int64(row.head.seq), row.number])
      guard db.changesCount == 1 else { return }
      try db.execute(sql: "DELETE FROM live WHERE recording = ?", arguments: [row.number])
    }
  }

  /// Named by the date that the host gave and the catalogue's own id: no word of the host's is in it (THREATS 17).
  private func sealedPath(_ row: RecordingRow) -> String {
    let date = row.summary.start.prefix(10).split(separator: "-").joined(separator: "/")
    return "recordings/\(date)/\(row.summary.id).jsonl.zst"
  }

  private func liveChunk(_ recording: Int64, from seq: UInt64) throws -> [StoredLine]? {
    let found = try pool.read { db in
      try Row.fetchOne(
        db, sql: "SELECT frame FROM live WHERE recording = ? AND first = ?", arguments: [recording, Int64(seq)])
    }
    guard let found else { return nil }
    let frame: Data = found["frame"]
    return try storedLines(inFrame: [UInt8](frame), first: seq)
  }

  /// - Parameter sealed: Where the frames of the file that is there lie; nil when there is none.
  private func write(_ row: RecordingRow, after sealed: SealedIndex?, to file: URL) throws -> SealedIndex {
    var index = sealed ?? SealedIndex()
    var durable = try DurableFile(replacing: file, below: directory)
    try durable.append(contentsOf: file, byteCount: index.byteCount)
    var bytes: [UInt8] = []
    var (first, last) = (index.last + 1, index.last)
    func flush() throws {
      if bytes.isEmpty { return }
      let frame = try zstdFrame(of: bytes, level: 9)
      index.frames.append(.init(at: durable.byteCount, count: UInt64(frame.count), first: first, last: last))
      try durable.append(frame)
      bytes.removeAll(keepingCapacity: true)
      first = last + 1
    }
    while last < row.head.seq, let chunk = try liveChunk(row.number, from: last + 1) {
      for line in chunk where line.seq <= row.head.seq {
        guard line.seq == last + 1 else { throw ArchiveError.damaged }
        bytes.append(contentsOf: line.bytes)
        bytes.append(UInt8(ascii: "\n"))
        last = line.seq
        if bytes.count >= SealedIndex.frameByteCount { try flush() }
      }
    }
    try flush()
    guard last == row.head.seq else { throw ArchiveError.damaged }
    try durable.finish()
    return index
  }
}
