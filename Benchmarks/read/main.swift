// bench-read: what the reading side is measured with.
//
//   bench-read generate BYTES   writes messages of terminal output to standard output, about that many bytes, of 64
//                               recordings one after the other; the same bytes each time
//   bench-read read FILE        reads all messages in it event by event; prints how many bytes of output they had

import Events
import Glibc
import Readers

let recordingCount = 64

func generate(_ byteCount: Int) -> Int32 {
  let text = Array(
    "\u{1b}[32mok\u{1b}[0m 17:05:12 größer → \"GET /index.html\" 200, 日本語 and plain words of a log\r\n".utf8)
  for recording in 0..<recordingCount {
    var encoder = MessageEncoder(
      header: RecordingHeader(
        host: Array("host.example".utf8), recording: Array("b00t-\(recording)-1".utf8), user: Array("user".utf8),
        terminal: Array("xterm".utf8), session: 1, startMilliseconds: 1_700_000_000_000), payload: 2048)
    var lines = ByteBuilder(capacity: 1 << 20)
    var milliseconds: UInt64 = 0
    while lines.count < byteCount / recordingCount {
      var rest = text[...]
      while !rest.isEmpty {
        rest = rest.dropFirst(rest.withUnsafeBufferPointer { encoder.append($0, .output, at: milliseconds) })
        if !rest.isEmpty { encoder.finish(into: &lines) }
      }
      milliseconds += 7
    }
    if !encoder.isEmpty { encoder.finish(into: &lines) }
    guard writeAll(lines.bytes) else { return 1 }
  }
  return 0
}

func writeAll(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  var rest = UnsafeRawBufferPointer(bytes)
  while !rest.isEmpty {
    let put = write(1, rest.baseAddress, rest.count)
    if put <= 0 { return false }
    rest = UnsafeRawBufferPointer(rebasing: rest[put...])
  }
  return true
}

func readAll(_ path: String) throws(ReadError) -> Int {
  var count = 0
  let source = try FileSource([Array(path.utf8)], follows: false)
  var messages = MessageReader(window: nil)
  while let line = try source.next() {
    do {
      _ = try messages.read(line.bytes)
      while let event = try messages.next() {
        if case .data(_, _, let bytes) = event.content { count += bytes.count }
      }
    } catch { return count }
  }
  return count
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else { exit(2) }
do throws(ReadError) {
  switch arguments[1] {
  case "generate": exit(generate(Int(arguments[2]) ?? 0))
  case "read": print(try readAll(arguments[2]))
  default: exit(2)
  }
} catch {
  _ = error.text.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  exit(1)
}
