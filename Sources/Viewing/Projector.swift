package import API
package import Archive
import Events
import Foundation
import Identity

/// Shows recordings: their events by time, with the screen to begin with; their activity; what they go on with.
package struct Projector: Sendable {
  let archive: Archive
  package let indexer: Indexer
  let pool: EmulatorPool
  private let tails: LiveTails

  package init(archive: Archive) {
    self.archive = archive
    pool = EmulatorPool()
    indexer = Indexer(archive: archive, pool: pool)
    tails = LiveTails(archive: archive)
  }

  /// The answer to `GET /v1/recordings/ID/events`, JSON: bounded, however long the recording is, and as quick at its end as
  /// at its start.
  package func events(of row: RecordingRow, _ range: EventRange) async throws -> [UInt8] {
    let (walk, keyframe) = try await walk(row, range)
    var next: UInt64?
    reading: while true {
      switch try await walk.advance() {
      case .more: await Task.yield()
      case .atHead: break reading
      case .stopped(.full(let time)), .stopped(.reached(let time)):
        next = time
        break reading
      }
    }
    var json = ByteBuilder(capacity: 4096)
    json.append("{")
    if range.hasKeyframe {
      json.append("\"keyframe\":")
      json.append(keyframe)
      json.append(",")
    }
    json.append("\"events\":[")
    json.append(await walk.takeJSON())
    json.append("],\"position\":\"")
    json.append(Array(await walk.position.description.utf8))
    json.append("\"")
    if let next {
      json.append(",\"next\":")
      json.append(decimal: next)
    }
    json.append(row.summary.state == .live ? ",\"live\":true" : ",\"live\":false")
    json.append(",\"duration_ms\":")
    json.append(decimal: row.summary.durationMilliseconds)
    json.append("}")
    return json.array
  }

  /// The answer to `GET /v1/recordings/ID/keyframe`: for a player with a screen and a filter of its own.
  package func keyframe(of row: RecordingRow, at place: KeyframePlace) async throws -> KeyframeAnswer {
    try await indexer.indexRoughly(row)
    let found =
      switch place {
      case .milliseconds(let time):
        try await archive.keyframe(of: row, at: time, isStrict: false, before: .max)
      case .event(let count): try await archive.keyframe(of: row, atEvent: count)
      }
    return KeyframeAnswer(
      seq: found.seq, milliseconds: found.milliseconds, events: found.eventCount, output: found.outputByteCount,
      columns: found.window.columns, rows: found.window.rows, dump: Data(found.dump))
  }

  /// A walk that has not begun, and the keyframe that it begins at.
  func walk(_ row: RecordingRow, _ range: EventRange) async throws -> (EventWalk, Keyframe) {
    guard let id = RecordingID(row.summary.id) else { throw ArchiveError.damaged }
    try await indexer.indexRoughly(row)
    let keyframe = try await archive.keyframe(
      of: row, at: range.after == nil ? range.from : .max, isStrict: !range.hasKeyframe && range.after == nil,
      before: range.after.map { $0.seq + 1 } ?? .max)
    var range = range
    // With a keyframe, what comes between it and the place that was asked for belongs to the answer.
    if range.hasKeyframe { range.from = 0 }
    return (EventWalk(archive, id, range, from: keyframe), keyframe)
  }

  /// The answer to `GET /v1/recordings/ID/activity`, JSON.
  ///
  /// - Parameter bucketCount: 1 to ``bucketCountMax``.
  package func activity(of row: RecordingRow, bucketCount: Int) async throws -> [UInt8] {
    let activity = try await indexer.activity(of: row)
    let answer = ActivityAnswer(
      activity, durationMilliseconds: row.summary.durationMilliseconds, bucketCount: bucketCount)
    return [UInt8](try JSONEncoder().encode(answer))
  }

  /// A time line of that many buckets is finer than any screen.
  package static let bucketCountMax = 1000

  // MARK: - Live

  /// Follows a recording from a place on.
  package func follow(_ row: RecordingRow, _ range: EventRange, bell: @escaping @Sendable () -> Void) throws -> Follower
  {
    guard let id = RecordingID(row.summary.id) else { throw ArchiveError.damaged }
    return Follower(self, tails, id, range, bell: bell)
  }
}

extension ByteBuilder {
  fileprivate mutating func append(_ keyframe: Keyframe) {
    append("{\"ms\":")
    append(decimal: keyframe.milliseconds)
    append(",\"columns\":")
    append(decimal: UInt64(keyframe.window.columns))
    append(",\"rows\":")
    append(decimal: UInt64(keyframe.window.rows))
    append(",\"data\":")
    append(jsonString: keyframe.shownDump)
    append("}")
  }
}
