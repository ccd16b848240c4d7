// encode-capture CHUNK TIMES < CAPTURE: puts a capture through the message encoder, CHUNK bytes an event and a
// millisecond, as a recorder does that reads so much at a time; the lines go nowhere. Prints how many bytes the lines
// had. `bench` counts its instructions: those of two passages less those of one are one passage.
//
// Built as the recorder is built, so that the code that is counted is the code that runs.

import CSys
import Events

/// No capture is larger.
let captureByteCountMax = 1 << 20

func readCapture() -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: captureByteCountMax)
  var count = 0
  while count < bytes.count {
    let got = bytes.withUnsafeMutableBytes { csys_read(0, $0.baseAddress! + count, $0.count - count) }  // never empty
    if got <= 0 { break }
    count += got
  }
  return [UInt8](bytes[..<count])
}

/// Takes `event` whole, finishing messages as they fill up.
func encode(
  _ event: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64, with encoder: inout MessageEncoder,
  into line: inout ByteBuilder
) -> Int {
  var written = 0
  var rest = event
  while true {
    let taken = encoder.append(rest, .output, at: milliseconds)
    if taken == rest.count { return written }
    rest = UnsafeBufferPointer(rebasing: rest[taken...])
    written += finish(&encoder, into: &line)
  }
}

func finish(_ encoder: inout MessageEncoder, into line: inout ByteBuilder) -> Int {
  line.clear()
  encoder.finish(into: &line)
  return line.count
}

/// One passage of `capture`; bytes of lines made.
func pass(_ capture: [UInt8], chunk: Int) -> Int {
  let header = RecordingHeader(
    host: [UInt8]("host.example".utf8), recording: [UInt8]("0123456789abcdef0123456789abcdef-1f-2e".utf8),
    user: [UInt8]("user".utf8), terminal: [UInt8]("xterm-256color".utf8), session: 1, startMilliseconds: 0)
  var encoder = MessageEncoder(header: header, payload: 2048)
  var line = ByteBuilder(capacity: 4096)
  _ = encoder.append(Window(columns: 120, rows: 40), at: 0)
  return capture.withUnsafeBufferPointer { all in
    var written = 0
    var start = 0
    while start < all.count {
      let event = UnsafeBufferPointer(rebasing: all[start..<min(start + chunk, all.count)])
      written += encode(event, at: UInt64(start / chunk), with: &encoder, into: &line)
      start += chunk
    }
    while !encoder.cut() { written += finish(&encoder, into: &line) }
    return written + finish(&encoder, into: &line)
  }
}

/// The number that argument `place` gives in decimal digits; nil when it is not one above 0.
func number(_ place: Int) -> Int? {
  guard place < Int(csys_argc()), let digits = csys_argv()[place] else { return nil }
  var value = 0
  for index in 0..<Int(csys_strlen(digits)) {
    guard digits[index] >= 0x30, digits[index] <= 0x39, value < 1_000_000 else { return nil }
    value = value * 10 + Int(digits[index] - 0x30)
  }
  return value > 0 ? value : nil
}

func run() -> Int {
  guard let chunk = number(1), let times = number(2) else { return 0 }
  let capture = readCapture()
  var written = 0
  for _ in 0..<times { written += pass(capture, chunk: chunk) }
  return written
}

func report(_ written: Int) {
  var line = ByteBuilder(capacity: 32)
  line.append(decimal: written)
  line.append("\n")
  _ = csys_write(1, line.bytes.baseAddress, line.count)
}

report(run())
