// bench-screen FILE...: how fast the emulator takes each file, 120 by 40 and 4096 bytes a time, in MB/s; then the bytes of
// private memory that one emulator at 240 by 67 keeps after the last file. One number a line.

import Events
import Glibc
import Screen

let columns: UInt16 = 120
let rows: UInt16 = 40
let chunk = 4096

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func read(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else {
    perror(path)
    exit(1)
  }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return [UInt8](bytes[..<count])
}

func put(_ bytes: [UInt8], into emulator: inout Emulator) {
  bytes.withUnsafeBufferPointer { all in
    var start = 0
    while start < all.count {
      let end = min(start + chunk, all.count)
      emulator.feed(UnsafeBufferPointer(rebasing: all[start..<end]), at: 0)
      start = end
    }
  }
}

func speed(_ bytes: [UInt8]) -> Double {
  var emulator = Emulator(window: Window(columns: columns, rows: rows))
  var fed = 0
  let start = now()
  while now() - start < 1 {
    put(bytes, into: &emulator)
    fed += bytes.count
  }
  return Double(fed) / 1e6 / (now() - start)
}

/// Emulators that live at once while their memory is measured, so that pages and pools weigh little.
let crowd = 64

final class Holder {
  var emulator = Emulator(window: Window(columns: 240, rows: 67))

  func feed(_ bytes: [UInt8]) { put(bytes, into: &emulator) }
}

/// Bytes of this process that are in memory.
func resident() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  fgets(&line, 128, file)
  let fields = line.prefix { $0 != 0 }.split(separator: 0x20).map {
    String(decoding: $0.map { UInt8($0) }, as: UTF8.self)
  }
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
}

func memory(_ bytes: [UInt8]) -> Int {
  var holders: [Holder] = []
  let before = resident()
  for _ in 0..<crowd {
    holders.append(Holder())
    holders[holders.count - 1].feed(bytes)
  }
  let used = (resident() - before) / crowd
  return withExtendedLifetime(holders) { used }
}

let files = CommandLine.arguments.dropFirst().map(read)
for bytes in files { print((speed(bytes) * 10).rounded() / 10) }
if let last = files.last { print(memory(last)) }
