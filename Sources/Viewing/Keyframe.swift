import API
import Archive
import Compression
import Events
import Foundation
import GRDB
import Screen

/// The screen before a message: all that what follows depends on.
struct Keyframe: Sendable {
  /// Bytes of output between two (DESIGN §8).
  static let outputSpacing: UInt64 = 256 << 10
  /// Bytes of lines between two: of what is typed, a line has little output.
  static let lineSpacing: UInt64 = 1 << 20

  let seq: UInt64
  /// Of the last event before it.
  let milliseconds: UInt64
  /// Before it.
  let eventCount: UInt64
  let outputByteCount: UInt64
  let lineByteCount: UInt64
  /// The one in force.
  let window: Window
  /// Terminal output that brings a new emulator of ``window`` into this state. Not for a browser: see ``shownDump``.
  let dump: [UInt8]

  /// The screen before everything. Until a window is recorded, a terminal is taken to be what most are.
  static func start(of row: RecordingRow) -> Keyframe {
    Keyframe(
      seq: 1, milliseconds: 0, eventCount: 0, outputByteCount: 0, lineByteCount: 0,
      window: Window(columns: row.summary.columns, rows: row.summary.rows).orUsual, dump: [])
  }

  /// Reads what follows. The first window of a recording is an event, so at the start none is in force.
  func makeReader() -> MessageReader { MessageReader(window: seq > 1 ? window : nil) }

  /// What a browser's terminal is given.
  var shownDump: [UInt8] {
    var filter = TerminalFilter()
    var shown = ByteBuilder(capacity: dump.count)
    dump.withUnsafeBufferPointer { filter.pass($0, into: &shown) }
    return shown.array
  }
}

/// Keyframes as the catalogue keeps them.
extension Archive {
  /// The last keyframe before message `seq`, and at or before a time.
  ///
  /// - Parameter isStrict: Before that time and not at it, so that all its events follow.
  func keyframe(of row: RecordingRow, at milliseconds: UInt64, isStrict: Bool, before seq: UInt64) async throws
    -> Keyframe
  {
    let sql = """
      SELECT * FROM keyframes WHERE recording = ? AND ms \(isStrict ? "<" : "<=") ? AND seq <= ?
      ORDER BY ms DESC, seq DESC LIMIT 1
      """
    return try await pool.read { db in
      let found = try Row.fetchOne(
        db.cachedStatement(sql: sql),
        arguments: [row.number, Int64(clamping: milliseconds), Int64(clamping: seq)])
      return try found.map { try Keyframe($0) } ?? .start(of: row)
    }
  }

  /// The keyframe so many before the last one at or before a time; the start where there are not so many.
  func keyframe(of row: RecordingRow, at milliseconds: UInt64, back count: Int) async throws -> Keyframe {
    let sql = "SELECT * FROM keyframes WHERE recording = ? AND ms <= ? ORDER BY ms DESC, seq DESC LIMIT 1 OFFSET ?"
    return try await pool.read { db in
      let found = try Row.fetchOne(
        db.cachedStatement(sql: sql), arguments: [row.number, Int64(clamping: milliseconds), count])
      return try found.map { try Keyframe($0) } ?? .start(of: row)
    }
  }

  /// The last keyframe before which there are no more than so many events.
  func keyframe(of row: RecordingRow, atEvent count: UInt64) async throws -> Keyframe {
    let sql = "SELECT * FROM keyframes WHERE recording = ? AND events <= ? ORDER BY seq DESC LIMIT 1"
    return try await pool.read { db in
      let found = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [row.number, Int64(clamping: count)])
      return try found.map { try Keyframe($0) } ?? .start(of: row)
    }
  }

  func lastKeyframe(of row: RecordingRow) async throws -> Keyframe {
    try await keyframe(of: row, at: .max, isStrict: false, before: .max)
  }

  func insert(_ keyframe: Keyframe, of row: RecordingRow, in db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO keyframes (recording, seq, ms, events, output, lines, window_columns, window_rows, dump)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      row.number, Int64(keyframe.seq), Int64(keyframe.milliseconds), Int64(keyframe.eventCount),
      Int64(keyframe.outputByteCount), Int64(keyframe.lineByteCount), keyframe.window.columns, keyframe.window.rows,
      Data(try zstdFrame(of: keyframe.dump)),
    ])
  }
}

extension Keyframe {
  /// A screen of 512×256 cells, each with a style of its own.
  private static let dumpByteCountMax = 16 << 20

  fileprivate init(_ row: Row) throws {
    let packed: Data = try row.value("dump")
    var decoder = try ZstdDecoder()
    self.init(
      seq: try row.count("seq"), milliseconds: try row.count("ms"), eventCount: try row.count("events"),
      outputByteCount: try row.count("output"), lineByteCount: try row.count("lines"),
      window: Window(
        columns: UInt16(clamping: try row.value("window_columns") as Int),
        rows: UInt16(clamping: try row.value("window_rows") as Int)),
      dump: try decoder.decode([UInt8](packed), limit: Self.dumpByteCountMax))
  }
}
