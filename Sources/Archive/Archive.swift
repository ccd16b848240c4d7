package import API
import Events
package import Foundation
package import GRDB
package import Identity
import Synchronization

/// What the centre keeps: the catalogue, live chunks in it, and sealed files beside it. One process writes it.
///
/// Sketch: a batch costs one row a recording and one head; all batches that arrive within ``commitInterval`` share one
/// commit, and so one sync.
package final class Archive: Sendable {
  /// How long a batch waits at most for others to share its sync.
  package static let commitInterval = Duration.milliseconds(5)

  package let directory: URL
  package let pool: DatabasePool
  package let bounds: ArchiveBounds
  /// Which recordings began, grew or ended, for those who watch the list.
  package let changes = Changes()
  let sealedIndexes = SealedIndexes()
  /// Numbers of recordings that could not be read since the start.
  let setAside = Mutex<Set<Int64>>([])
  let writer: Writer

  /// Opens the archive in `directory`, and makes it when there is none.
  package init(directory: URL, bounds: ArchiveBounds = ArchiveBounds()) throws {
    self.directory = directory
    self.bounds = bounds
    pool = try Schema.open(directory.appendingPathComponent("catalogue.sqlite").path)
    writer = Writer(pool: pool, bounds: bounds, changes: changes)
  }

  /// Keeps what `submissions` bring, and returns when it is on disk: one answer for each, in their order.
  ///
  /// - Parameter now: Milliseconds since the Epoch.
  /// - Throws: ``ArchiveError/full``, or what the database says; nothing is acknowledged then.
  package func append(_ submissions: [Submission], now: Int64) async throws -> [RecordingAnswer] {
    guard hasRoom() else { throw ArchiveError.full }
    do {
      return try await writer.append(submissions, now: now)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      throw ArchiveError.full
    }
  }

  /// How far each of `ids` is held; those that are not held at all are not in the answer.
  package func heads(of ids: [RecordingID]) async throws -> [RecordingID: Head] {
    try await pool.read { db in
      let statement = try db.cachedStatement(
        sql: "SELECT seq, hash, off FROM heads WHERE recording = (SELECT number FROM recordings WHERE id = ?)")
      var heads: [RecordingID: Head] = [:]
      for id in ids {
        heads[id] = try Row.fetchOne(statement, arguments: [id.description]).map {
          try $0.head()
        }
      }
      return heads
    }
  }

  /// Returns when the recording has more than `seq` messages, is no longer live, or the task is cancelled.
  package func waitForMore(in id: RecordingID, after seq: UInt64) async throws {
    guard let entry = try await pool.read({ try RecordingRow.fetch($0, id: id) }) else { return }
    if entry.head.seq > seq || entry.summary.state != .live { return }
    await writer.waitForMore(in: id, after: seq)
  }

  /// Whether enough is free to take more.
  package func hasRoom() -> Bool {
    guard let space = FreeSpace(path: directory.path) else { return true }
    return space.free >= bounds.freeByteCountMin && space.free >= space.total / 100 * bounds.freePercentMin
  }

  package func close() throws { try pool.close() }
}

/// Bounds that an administrator may set.
package struct ArchiveBounds: Sendable {
  /// Below either of these nothing is taken, so that retention and the database have room to work (DESIGN §6).
  package var freeByteCountMin: UInt64 = 2 << 30
  package var freePercentMin: UInt64 = 5
  /// More than any host has logins; a bound for one that lies (THREATS 22).
  package var livePerHostMax = 10_000

  package init() {}
}
