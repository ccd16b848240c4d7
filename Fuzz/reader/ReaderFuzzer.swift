// Feeds the readers of recordings with files that libFuzzer makes up: plain, compressed, or of a spool.
//
// What must hold for any bytes: reading ends, strict or lax; a lax reader never throws; going back to where a message
// began gives that message again; a list is made without a word.

import Events
import Glibc
import Readers

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  write(UnsafeBufferPointer(start: data, count: count))
  // One way a run, so that there are more of them; libFuzzer finds each length soon.
  switch count % 3 {
  case 0: readStrictly()
  case 1: readLaxly()
  default: list()
  }
  return 0
}

/// One file for all runs, without a name, where `Fuzz/run` says: in memory, as what the readers keep. On a disk, most of a
/// run would be the making of files.
private let file: Int32 = {
  let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  var template = Array("\(directory)/fuzz-reader-XXXXXX".utf8CString)
  let raw = mkstemp(&template)
  precondition(raw >= 0, "no temporary file")
  unlink(template)
  return raw
}()

private func write(_ bytes: UnsafeBufferPointer<UInt8>) {
  precondition(ftruncate(file, 0) == 0 && pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count)
}

private func open(keeps: Bool) -> FileSource? {
  try? FileSource([Array("/proc/self/fd/\(file)".utf8)], follows: false, keeps: keeps)
}

/// No input of the fuzzer's is so long that it has more; compressed ones expand by a thousand at most, into few lines.
private let itemCountMax = 10_000_000

private func readStrictly() {
  guard let source = open(keeps: true) else { return }
  let reader = RecordingReader(source, match: nil, isLax: false, follows: false)
  var items = 0
  while (try? reader.next()) != nil { items += 1 }
  precondition(items < itemCountMax, "reading does not end")
}

private func list() {
  var listing = Listing()
  if let source = open(keeps: false) { listing.read(source) }
}

private func readLaxly() {
  guard let source = open(keeps: true) else { return }
  let reader = RecordingReader(source, match: nil, isLax: true, follows: false)
  var places: [(RecordingPosition, UInt64)] = []
  var items = 0
  do {
    while let item = try reader.next() {
      items += 1
      precondition(items < itemCountMax, "reading does not end")
      if case .message(let message) = item, places.count < 8 {
        places.append((reader.messagePosition, message.sequence))
      }
    }
    for (place, sequence) in places.reversed() {
      try reader.seek(to: place)
      var item = try reader.next()
      if case .gap? = item { item = try reader.next() }
      guard case .message(let message)? = item, message.sequence == sequence else {
        preconditionFailure("message \(sequence) is not where it was")
      }
    }
  } catch {
    preconditionFailure("a lax reader throws \(error)")
  }
}
