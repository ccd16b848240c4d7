import API
import Compression
import Foundation
import GRDB

/// Looks up lines that the head has passed, to tell a resent message from a different one with its number.
struct HeldLines {
  private let row: RecordingRow?
  /// The chunk looked at last: resent messages come in order.
  private var chunk: (first: UInt64, lines: [ArraySlice<UInt8>]) = (0, [])

  init(_ row: RecordingRow?) { self.row = row }

  mutating func contains(_ submission: Submission, index: Int, in db: Database) throws -> Bool {
    let line = submission.lines[index]
    guard let row else { return false }
    if line.seq == row.head.seq { return line.hash == row.head.hash }
    // A sealed file is not opened for this: whoever resends parts of it only learns the head.
    guard line.seq > row.sealedSeq else { return false }
    if line.seq < chunk.first || line.seq >= chunk.first + UInt64(chunk.lines.count) {
      try load(line.seq, recording: row.number, in: db)
    }
    guard line.seq >= chunk.first, line.seq - chunk.first < chunk.lines.count else { return false }
    return chunk.lines[Int(line.seq - chunk.first)].elementsEqual(submission.bytes[line.range].dropLast())
  }

  private mutating func load(_ seq: UInt64, recording: Int64, in db: Database) throws {
    let found = try Row.fetchOne(
      db,
      sql: "SELECT first, frame FROM live WHERE recording = ? AND first <= ? ORDER BY first DESC LIMIT 1",
      arguments: [recording, Int64(seq)])
    guard let found else { return }
    let frame: Data = found["frame"]
    let first: Int64 = found["first"]
    chunk = (UInt64(first), try lines(inFrame: [UInt8](frame)))
  }
}

/// The most that a frame of ours may hold: a batch, or what a sealed file is cut at, whichever is more.
let frameByteCountMax = 8 << 20

/// The lines of a frame, without their LF.
func lines(inFrame frame: [UInt8]) throws -> [ArraySlice<UInt8>] {
  var decoder = try ZstdDecoder()
  let bytes = try decoder.decode(frame, limit: frameByteCountMax)
  guard bytes.last == UInt8(ascii: "\n") else { throw ArchiveError.damaged }
  return bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
}

extension [UInt8] {
  var data: Data { Data(self) }
}
