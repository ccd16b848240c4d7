import Events
import Foundation
import Glibc
import Readers
import SystemCalls
import TestSupport
import Testing

struct FileSourceTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  // MARK: - Following

  @Test("followed: half a line is waited for, and its end is read when it comes")
  func halfLine() throws {
    let line = message(2, out: "b")
    let path = try scratch.write("log", message(1, out: "a") + line.prefix(50))
    let source = try FileSource([bytes(path)], follows: true)
    let reader = RecordingReader(source, match: nil, isLax: false, follows: true)
    #expect(read(reader) == "a")
    try append(String(line.dropFirst(50)), to: path)
    #expect(try attend(source))
    #expect(read(reader) == "b")
    #expect(source.awaited != nil)
  }

  @Test("followed: a file that is renamed is read to its end, then the new one of its name")
  func rotation() throws {
    let path = try scratch.write("log", message(1, out: "a"))
    let source = try FileSource([bytes(path)], follows: true)
    let reader = RecordingReader(source, match: nil, isLax: false, follows: true)
    #expect(read(reader) == "a")
    let start = reader.position
    try append(message(2, out: "b"), to: path)
    try scratch.rename("log", to: "log.1")
    try append(message(3, out: "c"), to: scratch.file("log.1"))
    try scratch.write("log", message(4, out: "d"))
    #expect(try attend(source))
    #expect(read(reader) == "bcd")
    try append(message(5, out: "e"), to: path)
    #expect(try attend(source))
    #expect(read(reader) == "e")
    try reader.seek(to: start)
    #expect(read(reader) == "bcde")
  }

  @Test("followed: a file that shrinks is read from its start")
  func truncation() throws {
    let path = try scratch.write("log", message(1, out: "a") + message(2, out: "b"))
    let source = try FileSource([bytes(path)], follows: true)
    let reader = RecordingReader(source, match: nil, isLax: false, follows: true)
    #expect(read(reader) == "ab")
    #expect(truncate(path, 0) == 0)
    #expect(try attend(source))
    #expect(read(reader) == "")
    try append(message(3, out: "c"), to: path)
    #expect(try attend(source))
    #expect(read(reader) == "c")
  }

  @Test("followed: a file that is removed is waited for")
  func removal() throws {
    let path = try scratch.write("log", message(1, out: "a"))
    let source = try FileSource([bytes(path)], follows: true)
    let reader = RecordingReader(source, match: nil, isLax: false, follows: true)
    #expect(read(reader) == "a")
    try scratch.remove("log")
    #expect(try attend(source))
    #expect(read(reader) == "")
    try scratch.write("log", message(2, out: "b"))
    #expect(try attend(source))
    #expect(read(reader) == "b")
  }

  @Test("followed through thirty rotations, no more than a bounded number of files stay open")
  func manyRotations() throws {
    let path = try scratch.write("log", message(1, out: "a"))
    let source = try FileSource([bytes(path)], follows: true)
    let reader = RecordingReader(source, match: nil, isLax: false, follows: true)
    #expect(read(reader) == "a")
    for id in 2...31 {
      try scratch.rename("log", to: "log.\(id)")
      try scratch.write("log", message(id, out: "b"))
      #expect(try attend(source))
      #expect(read(reader) == "b")
    }
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0))?.hasPrefix(scratch.path)
        == true
    }
    #expect(open.count <= 18)
  }

  // MARK: - Lines

  @Test("a line of a mebibyte is read, a longer one is refused, and lax goes on behind it")
  func longLines() throws {
    let room = MessageEncoder.lineByteCountMax - message(1, timing: "", out: "").utf8.count + 1
    let fitting = message(1, timing: ">1", out: "").replacing(
      "\"out_txt\":\"\"", with: "\"out_txt\":\"" + String(repeating: "y", count: room - 2) + "\"")
    #expect(fitting.utf8.count - 1 == MessageEncoder.lineByteCountMax)
    let endless = "{\"a\":\"" + String(repeating: "z", count: 5_000_000) + "\"}\n"
    let path = try scratch.write("log", fitting + endless + message(2, out: "b"))
    #expect(
      read(try fileReader([path]))
        == "y<error Message line is longer than 1048576 bytes/Failed reading the source at line 2>")
    let reader = try fileReader([path], isLax: true)
    #expect(
      read(reader) == "y<broken Message line is longer than 1048576 bytes/Failed reading the source at line 2>b")
  }

  @Test("a position taken before any message leads back to it, in files, compressed files and pipes, at random")
  func seeking() throws {
    var numbers = SeededNumbers()
    let text = (1...400).map {
      message($0, out: "<\($0)>", extra: String(repeating: " ", count: numbers.below(3000))).replacing(
        "\">1\"", with: "\">3\"")
    }.joined()
    let plain = try scratch.write("log", text)
    try compress("gzip", plain, to: "log.gz")
    let cases = [plain, scratch.file("log.gz")]
    for path in cases {
      let reader = try fileReader([path])
      var places: [(RecordingPosition, Int)] = []
      var id = 1
      while let item = try reader.next() {
        guard case .message(let message) = item else { continue }
        #expect(Int(message.sequence) == id)
        places.append((reader.messagePosition, id))
        id += 1
      }
      #expect(places.count == 400, "seed \(numbers.seed)")
      for _ in 0..<100 {
        let (place, id) = places[numbers.below(places.count)]
        try reader.seek(to: place)
        guard case .message(let message)? = try reader.next() else {
          Issue.record("no message \(id), seed \(numbers.seed)")
          continue
        }
        #expect(Int(message.sequence) == id, "seed \(numbers.seed)")
      }
    }
  }

  @Test("hostile names pass through as they are")
  func hostile() throws {
    let path = try scratch.write(
      "log", message(1).replacing("\"user\":\"u\"", with: "\"user\":\"\\u001b]0;x\\u0007\""))
    let reader = try fileReader([path])
    guard case .message(let message)? = try reader.next() else {
      Issue.record("no message")
      return
    }
    #expect(message.user.array == bytes("\u{1b}]0;x\u{7}"))
  }

  // MARK: - Several files, pipes

  @Test("rotated files are one recording, oldest first, compressed or not")
  func rotatedFiles() throws {
    let path = try scratch.write("log", message(4, out: "d"))
    try scratch.write("log.1", message(3, out: "c"))
    try compress("gzip", try scratch.write("log.2", message(2, out: "b")), to: "log.2.gz")
    try compress("zstd", try scratch.write("log.10", message(1, out: "a")), to: "log.10.zst")
    try scratch.remove("log.2")
    try scratch.remove("log.10")
    try scratch.write("log.old", "}")
    try scratch.write("logs", "}")
    let set = rotatedSet(of: bytes(path))
    #expect(
      set.map { String(decoding: $0, as: UTF8.self) } == ["log.10.zst", "log.2.gz", "log.1", "log"].map(scratch.file))
    let source = try FileSource(set, follows: false)
    #expect(read(RecordingReader(source, match: nil, isLax: false, follows: false)) == "abcd")
    try scratch.write("log-20260101", "")
    #expect(rotatedSet(of: bytes(path)).first == bytes(scratch.file("log-20260101")))
  }

  @Test("a pipe is read as it comes, and can be gone back in")
  func pipes() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let source = try FileSource(Descriptor(owning: ends[0]))
    let reader = RecordingReader(source, match: nil, isLax: false, follows: false)
    #expect(try reader.next() == nil)
    #expect(source.awaited != nil)
    let start = reader.position
    put(message(1, out: "a") + "{", on: ends[1])
    #expect(try attend(source))
    #expect(read(reader) == "a")
    put(String(message(2, out: "b").dropFirst()), on: ends[1])
    close(ends[1])
    #expect(try attend(source))
    #expect(read(reader) == "b")
    #expect(source.awaited == nil)
    try reader.seek(to: start)
    #expect(read(reader) == "ab")
  }

  private func put(_ text: String, on file: Int32) {
    let text = bytes(text)
    #expect(write(file, text, text.count) == text.count)
  }

  // MARK: - Compressed

  private func compress(_ program: String, _ path: String, to name: String, append: Bool = false) throws {
    let packed = try run("/usr/bin/\(program)", ["-c", path]).output
    try scratch.write(name, (append ? scratch.bytes(name) : []) + packed)
  }

  @Test("compressed files of several members or frames are read whole", arguments: ["gzip", "zstd"])
  func members(program: String) throws {
    for id in 1...3 {
      try compress(program, try scratch.write("one", message(id, out: "\(id)")), to: "log", append: id > 1)
    }
    #expect(read(try fileReader([scratch.file("log")])) == "123")
  }

  @Test(
    "a compressed file cut at every byte plays what is there, then says that it ends too early",
    arguments: ["gzip", "zstd"])
  func truncated(program: String) throws {
    try compress(program, try scratch.write("one", message(1, out: "a") + message(2, out: "b")), to: "whole")
    let whole = scratch.bytes("whole")
    #expect(read(try fileReader([scratch.file("whole")])) == "ab")
    for count in 4..<whole.count {
      let path = try scratch.write("cut", [UInt8](whole[..<count]))
      let text = read(try fileReader([path]))
      #expect(text.contains("data ends too early/Failed reading the source at line"), "cut at \(count): \(text)")
    }
  }

  @Test("a compressed file with a changed byte never stops the reader", arguments: ["gzip", "zstd"])
  func damaged(program: String) throws {
    var numbers = SeededNumbers()
    try compress(program, try scratch.write("one", (1...50).map { message($0) }.joined()), to: "whole")
    let whole = scratch.bytes("whole")
    for _ in 0..<200 {
      var changed = whole
      changed[numbers.below(whole.count)] ^= UInt8(1 + numbers.below(255))
      let reader = try fileReader([try scratch.write("changed", changed)], isLax: true)
      var items = 0
      while try reader.next() != nil { items += 1 }
      // What comes out may be any bytes, and so any number of lines, but not more than there were bytes and some.
      #expect(items < 20_000, "seed \(numbers.seed)")
    }
  }
}
