// Measures what a centre answers to those who look: pages of a list of a million recordings, and seeks in recordings of a
// minute, an hour and ten hours. Prints one line a figure, in milliseconds: median and the worst of the runs.
//
//     bench-look FOLDER [COUNT [MEBIBYTES]]
//
// FOLDER is emptied first. COUNT recordings are in the list, 1000000; the recording of ten hours has MEBIBYTES of output,
// 512.

import API
import Archive
import Foundation
import GRDB
import Identity
import Intake
import Viewing

guard CommandLine.arguments.count >= 2 else { fatalError("bench-look FOLDER [COUNT [MEBIBYTES]]") }
let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let count = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1_000_000 : 1_000_000
let mebibytesOfLongest = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 512 : 512
// A folder of an earlier run.
try? FileManager.default.removeItem(at: folder)
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
var bounds = ArchiveBounds()
bounds.freeByteCountMin = 0
bounds.freePercentMin = 0
let archive = try Archive(directory: folder, bounds: bounds)

func measured(_ what: String, runs: Int = 15, _ work: () async throws -> Void) async throws {
  var times: [Double] = []
  for _ in 0..<runs {
    let start = ContinuousClock.now
    try await work()
    times.append((ContinuousClock.now - start) / .milliseconds(1))
  }
  times.sort()
  print("\(what): \(String(format: "%.1f", times[runs / 2])) median, \(String(format: "%.1f", times[runs - 1])) worst")
}

// MARK: - Seeks

/// A recording of that many milliseconds with that much output, sealed and indexed.
func makeRecording(_ rec: String, milliseconds: Int, outputByteCount: Int) async throws -> RecordingRow {
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
    let words = (0..<40).map { "\\u001b[3\(($0 + number) % 8)mword \(number * $0 % 9973) of a line\\u001b[0m" }
    let text = isEnd ? "" : words.joined(separator: "  ") + "\\r\\n"
    let length = isEnd ? 0 : words.reduce(0) { $0 + $1.count - 10 } + 2 * 39 + 2
    let kind = isEnd ? #","kind":"end","exit":0,"why":"exit","in_bytes":0,"out_bytes":0"# : ""
    let line =
      #"{"ver":"2.4","host":"h","rec":"\#(rec)","user":"u","term":"xterm","session":1,"id":\#(number),"pos":\#(time),"#
      + #""time":\#(1_700_000_000 + time / 1000).\#(String(1000 + time % 1000).dropFirst()),"#
      + #""timing":"\#(isEnd ? "" : ">\(length)")","in_txt":"","in_bin":[],"out_txt":"\#(text)","out_bin":[],"#
      + #""prev":"\#(previous)","off":\#(number)\#(kind)}"#
    let added = Array(line.utf8)
    previous = added.withUnsafeBufferPointer { linkHash(of: $0) }
    bytes += added + [10]
    if bytes.count > 4 << 20 || isEnd { try await send() }
  }
  let id = RecordingID(host: Array("h".utf8), rec: Array(rec.utf8))
  try await archive.seal(id)
  let projector = Projector(archive: archive)
  let start = ContinuousClock.now
  if let row = try await archive.recording(id) { try await projector.indexer.index(row) }
  print("index \(rec), \(outputByteCount >> 20) MiB of output: \((ContinuousClock.now - start) / .milliseconds(1)) ms")
  guard let row = try await archive.recording(id) else { fatalError("not kept") }
  return row
}

for (rec, minutes, mebibytes) in [("1-minute", 1, 1), ("1-hour", 60, 16), ("10-hours", 600, mebibytesOfLongest)] {
  let row = try await makeRecording(rec, milliseconds: minutes * 60_000, outputByteCount: mebibytes << 20)
  // Another program would have read nothing of it yet.
  let projector = Projector(archive: archive)
  var byteCount = 0
  try await measured("seek in \(rec), random places", runs: 40) {
    var range = EventRange()
    range.from = UInt64.random(in: 0..<row.summary.durationMilliseconds)
    (range.until, range.hasKeyframe) = (range.from + 1, true)
    byteCount += try await projector.events(of: row, range).count
  }
  print("bytes a seek in \(rec): \(byteCount / 40)")
}

// MARK: - Lists

try archive.pool.write { db in
  let recordings = try db.makeStatement(
    sql: """
      INSERT INTO recordings (id, host, rec, user, term, session, start, trust, tty, cmd, state, why, path, sealed,
        unsealed, indexed_whole, ended_duration, ended_bytes, gaps) VALUES (?, ?, ?, ?, 'xterm-256color', 1, ?, 'agent',
        '/dev/pts/1', 'bash', ?, ?, 'recordings/x', 100, 0, 1, ?, ?, ?)
      """)
  let heads = try db.makeStatement(sql: "INSERT INTO heads VALUES (?, 100, 'h', 1, ?, ?, 0)")
  for number in 1...count {
    let isLive = number % 1000 == 0
    let duration = Int64.random(in: 0..<36_000_000)
    let id = RecordingID(host: Array("bench".utf8), rec: Array("\(number)".utf8)).description
    try recordings.execute(arguments: [
      id, "host-\(number % 500)", "r\(number)", "user-\(number % 3000)", Int64(number) * 30_000,
      isLive ? "live" : number % 50 == 0 ? "abandoned" : "complete", number % 700 == 0 ? "killed" : "exit",
      isLive ? nil : duration, isLive ? nil : duration * 3, number % 300 == 0 ? 1 : 0,
    ])
    try heads.execute(arguments: [db.lastInsertedRowID, duration, duration * 3])
  }
}

for sort in RecordingSort.allCases {
  try await measured("page of \(count) by \(sort)") {
    _ = try await archive.page(RecordingFilter(), sort: sort, isAscending: false, after: nil, count: 100)
  }
}
let filters: [(String, (inout RecordingFilter) -> Void)] = [
  ("one user", { $0.user = "user-7" }), ("one host", { $0.host = "host-7" }), ("live", { $0.state = .live }),
  ("abandoned", { $0.state = .abandoned }), ("gaps", { $0.mark = .gaps }), ("killed", { $0.mark = .killed }),
  ("an hour of an old day", { ($0.since, $0.until) = (3_000_000_000, 3_003_600_000) }),
  ("text that many have", { $0.text = "user-77" }), ("text that none has", { $0.text = "nothing at all" }),
  ("a viewer of one host", { $0.scope.hosts = ["host-7"] }), ("a viewer of host-1*", { $0.scope.hosts = ["host-1*"] }),
]
for (name, set) in filters {
  var filter = RecordingFilter()
  set(&filter)
  try await measured("page of \(count), \(name)") { [filter] in
    _ = try await archive.page(filter, after: nil, count: 100)
  }
}
let middle = "\(count / 2 * 30_000)-\(count / 2)"
try await measured("page of \(count), from the middle") {
  _ = try await archive.page(RecordingFilter(), after: middle, count: 100)
}
