import API
import Archive
import Events
import Identity

/// Reads a recording's events from a place on, a frame of lines at a time.
actor EventWalk {
  enum Progress {
    case more
    /// There are no more messages now.
    case atHead
    case stopped(EventWriter.Stop)
  }

  private let archive: Archive
  private let id: RecordingID
  private let writer: EventWriter
  private var seq: UInt64

  init(_ archive: Archive, _ id: RecordingID, _ range: EventRange, from keyframe: Keyframe) {
    self.archive = archive
    self.id = id
    seq = keyframe.seq
    writer = EventWriter(range, from: keyframe)
  }

  /// Behind the last event that was read.
  var position: Position { writer.position }

  /// The events since the last time, as JSON joined by commas.
  func takeJSON() -> [UInt8] { writer.takeJSON() }

  /// Reads some lines on.
  func advance() async throws -> Progress {
    let lines: [StoredLine]
    do {
      lines = try await archive.lines(of: id, from: seq)
    } catch let error where !(error is CancellationError) {
      return try await skipDamage()
    }
    if lines.isEmpty { return .atHead }
    for line in lines {
      if let stop = writer.take(line) { return .stopped(stop) }
      seq = line.seq + 1
    }
    return .more
  }

  /// What cannot be read is told as a gap, and the rest goes on.
  private func skipDamage() async throws -> Progress {
    guard let row = try await archive.recording(id) else { return .atHead }
    if let stop = writer.gap(0, Array("the archive cannot read what it kept here".utf8), seq) { return .stopped(stop) }
    guard let next = try await archive.firstSeq(after: seq, in: row) else {
      seq = row.head.seq + 1
      return .atHead
    }
    seq = next
    return .more
  }

  /// From now on every event is written, in answers of any length: a message bounds them.
  func open() { writer.open() }

  /// Reads on, and gives each message with its events as JSON joined by commas, which may be none.
  func follow() async throws -> [LiveTail.Message] {
    try await archive.lines(of: id, from: seq).map { line in
      // Open: nothing stops it.
      _ = writer.take(line)
      seq = line.seq + 1
      return LiveTail.Message(seq: line.seq, json: writer.takeJSON())
    }
  }
}
