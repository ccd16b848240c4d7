// bench-generate KIND BYTES: writes that many bytes of one kind of terminal output to standard output, the same bytes
// each time.
//
//   ascii   log lines: printable ASCII and line ends only
//   text    what compilers, `ls` and `git log` print: SGR colours, words in five scripts, box drawing, emoji
//   binary  bytes with no order at all, most of them not UTF-8

import Glibc

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &self)] }
}

let plain = [
  "session", "opened", "for", "user", "root", "by", "uid=0", "from", "10.0.3.17", "port", "accepted", "publickey",
  "systemd[1]:", "kernel:", "device", "eth0", "link", "is", "up", "cache", "miss", "\"GET", "/index.html\"", "200",
]
let wide = [
  "größer", "naïve", "Übung", "žluťoučký", "смотри", "файл", "αρχείο", "日本語", "文件夹", "→", "✓", "…", "é", "🚀", "“ok”",
]

/// One line of a log: plain words up to 79 columns.
func asciiLine(_ random: inout SplitMix64) -> String {
  var line = "Nov 23 15:\(Int.random(in: 10...59, using: &random)):\(Int.random(in: 10...59, using: &random))"
  while line.utf8.count < 64 { line += " " + random.pick(plain) }
  return line + "\n"
}

/// One coloured line, in one of the shapes that programs print.
func textLine(_ random: inout SplitMix64) -> String {
  let colour = Int.random(in: 31...36, using: &random)
  var line: String
  switch Int.random(in: 0..<4, using: &random) {
  case 0: line = "-rw-r--r-- 1 root root \(Int.random(in: 100...99999, using: &random)) Nov 23 \u{1b}[01;\(colour)m"
  case 1: line = "\u{1b}[33m\(String(random.next(), radix: 16))\u{1b}[m (\u{1b}[1;\(colour)mHEAD\u{1b}[m) "
  case 2: line = "src/main.c:\(Int.random(in: 1...999, using: &random)): \u{1b}[1;\(colour)merror:\u{1b}[0m "
  default: line = "│ \u{1b}[38;5;\(Int.random(in: 16...231, using: &random))m"
  }
  for _ in 0..<Int.random(in: 4...10, using: &random) {
    line += (Int.random(in: 0..<5, using: &random) == 0 ? random.pick(wide) : random.pick(plain)) + " "
  }
  return line + "\u{1b}[0m\n"
}

/// `count` bytes made of whole lines, so that no character is cut; the last line is filled up with dots.
func lines(_ count: Int, _ line: (inout SplitMix64) -> String) -> [UInt8] {
  var random = SplitMix64(state: 1)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count)
  while true {
    let next = line(&random).utf8
    if bytes.count + next.count >= count { break }
    bytes.append(contentsOf: next)
  }
  bytes.append(contentsOf: repeatElement(UInt8(ascii: "."), count: count - bytes.count - 1))
  return bytes + [UInt8(ascii: "\n")]
}

func binary(_ count: Int) -> [UInt8] {
  var random = SplitMix64(state: 1)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

func writeAll(_ bytes: [UInt8], to descriptor: Int32 = 1) -> Bool {
  bytes.withUnsafeBytes { all in
    var done = 0
    while done < all.count {
      let put = write(descriptor, all.baseAddress! + done, all.count - done)  // not empty, as done < count
      if put <= 0 { return false }
      done += put
    }
    return true
  }
}

/// The block that a long text repeats: long enough that no cache or compressor notices.
let blockSize = 8 << 20

func generator(_ kind: String) -> ((Int) -> [UInt8])? {
  switch kind {
  case "ascii": { lines($0, asciiLine) }
  case "text": { lines($0, textLine) }
  case "binary": binary
  default: nil
  }
}

func run(_ arguments: [String]) -> Int32 {
  guard arguments.count == 3, let make = generator(arguments[1]), let count = Int(arguments[2]), count > 0
  else { return 2 }
  let block = make(min(count, blockSize))
  for _ in 0..<count / block.count {
    guard writeAll(block) else { return 1 }
  }
  let rest = count % block.count
  return rest == 0 || writeAll(make(rest)) ? 0 : 1
}

let result = run(CommandLine.arguments)
if result == 2 { _ = writeAll(Array("usage: bench-generate ascii|text|binary BYTES\n".utf8), to: 2) }
exit(result)
