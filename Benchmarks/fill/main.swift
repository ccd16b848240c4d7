// Fills the data directory of a centre, for Benchmarks/pages to ask it for: a list of many recordings, and recordings of a
// minute, an hour and ten hours that can be played.
//
//     bench-fill FOLDER COUNT MEBIBYTES
//
// FOLDER holds nothing yet. COUNT recordings are in the list; that of ten hours has MEBIBYTES of output.

import API
import Archive
import Foundation
import GRDB
import Identity
import Intake
import Viewing

let words = CommandLine.arguments
guard words.count == 4, let count = Int(words[2]), let mebibytes = Int(words[3]) else {
  fatalError("bench-fill FOLDER COUNT MEBIBYTES")
}
var bounds = ArchiveBounds()
bounds.freeByteCountMin = 0
bounds.freePercentMin = 0
let archive = try Archive(directory: URL(fileURLWithPath: words[1]), bounds: bounds)
try fillList()
for (rec, minutes, mebibytes) in [("1-minute", 1, 1), ("1-hour", 60, 16), ("10-hours", 600, mebibytes)] {
  try await makeRecording(rec, milliseconds: minutes * 60_000, outputByteCount: mebibytes << 20)
}
try archive.close()

/// A recording of that many milliseconds with that much output, sealed and indexed. Each message is a line that says where
/// it is.
func makeRecording(_ rec: String, milliseconds: Int, outputByteCount: Int) async throws {
  let lineCount = max(outputByteCount / 2000, 1)
  var previous = ""
  var bytes: [UInt8] = []
  func send() async throws {
    let batch = try Batch.read(bytes, isCompressed: false, host: "h")
    let answers = try await archive.append(batch.submissions, now: 0)
    precondition(answers.allSatisfy { $0.status == .held })
    bytes = []
  }
  for number in 1...(lineCount + 1) {
    let time = milliseconds * (number - 1) / lineCount
    let isEnd = number > lineCount
    // Of a length that is easy to count: a number and colours that change.
    let words = (0..<40).map { "\\u001b[3\(($0 + number) % 8)mword \(number * $0 % 9973) of a line\\u001b[0m" }
    let text = isEnd ? "" : words.joined(separator: "  ") + "\\r\\n"
    let length = isEnd ? 0 : words.reduce(0) { $0 + $1.count - 10 } + 2 * 39 + 2
    let kind = isEnd ? #","kind":"end","exit":0,"why":"exit","in_bytes":0,"out_bytes":0"# : ""
    let line =
      #"{"ver":"2.4","host":"h","rec":"\#(rec)","user":"u","term":"xterm","session":1,"id":\#(number),"pos":\#(time),"#
      + #""time":\#(1_000_000_000 + time / 1000).\#(String(1000 + time % 1000).dropFirst()),"#
      + #""timing":"\#(number == 1 ? "=80x24" : "")\#(isEnd ? "" : ">\(length)")","in_txt":"","in_bin":[],"#
      + #""out_txt":"\#(text)","out_bin":[],"prev":"\#(previous)","off":\#(number)\#(kind)}"#
    let added = Array(line.utf8)
    previous = added.withUnsafeBufferPointer { linkHash(of: $0) }
    bytes += added + [10]
    if bytes.count > 4 << 20 || isEnd { try await send() }
  }
  let id = RecordingID(host: Array("h".utf8), rec: Array(rec.utf8))
  try await archive.seal(id)
  if let row = try await archive.recording(id) { try await Projector(archive: archive).indexer.index(row) }
}

/// Rows as those of recordings that were sealed long ago; what they name is not there.
func fillList() throws {
  try archive.pool.write { db in
    let recordings = try db.makeStatement(
      sql: """
        INSERT INTO recordings (id, host, rec, user, term, session, start, trust, tty, cmd, state, why, path, sealed,
          unsealed, indexed_whole, ended_duration, ended_bytes, gaps) VALUES (?, ?, ?, ?, 'xterm-256color', 1, ?, 'agent',
          '/dev/pts/1', 'bash', ?, ?, 'recordings/x', 100, 0, 1, ?, ?, ?)
        """)
    let heads = try db.makeStatement(
      sql: """
        INSERT INTO heads (recording, seq, hash, off, duration, bytes, received) VALUES (?, 100, 'h', 1, ?, ?, ?)
        """)
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    for number in 1...count {
      let isLive = number % 1000 == 0
      let duration = Int64.random(in: 0..<36_000_000)
      let id = RecordingID(host: Array("bench".utf8), rec: Array("\(number)".utf8)).description
      try recordings.execute(arguments: [
        id, "host-\(number % 500)", "r\(number)", "user-\(number % 3000)", Int64(number) * 30_000,
        isLive ? "live" : number % 50 == 0 ? "abandoned" : number % 700 == 0 ? "killed" : "complete",
        number % 700 == 0 ? "killed" : "exit",
        isLive ? nil : duration, isLive ? nil : duration * 3, number % 300 == 0 ? 1 : 0,
      ])
      try heads.execute(arguments: [db.lastInsertedRowID, duration, duration * 3, now])
    }
  }
}
