import Capture
import Foundation
import SystemCalls
import TestSupport
import Testing

private func sink(at path: String) -> Sink { .file(FileSink(path: Array(path.utf8))) }

private func line(_ id: Int, padding: Int = 0) -> String {
  "{\"id\":\(id),\"out_txt\":\"\(String(repeating: "x", count: padding))\"}\n"
}

@Suite struct `The file sink` {
  private let directory: ScratchDirectory
  private var path: String { directory.file("log") }

  init() throws { directory = try ScratchDirectory() }

  @Test func `appends lines to what is there`() throws {
    try directory.write("log", "earlier\n")
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    #expect(sink.give(line(1), id: 1) == .taken)
    #expect(sink.give(line(2) + line(3), id: 2) == .taken)
    #expect(sink.give("", id: 4) == .taken)
    #expect(directory.text("log") == "earlier\n" + line(1) + line(2) + line(3))
  }

  @Test func `makes the file for its owner only`() throws {
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `opens by itself when nobody has opened it`() {
    var sink = sink(at: path)
    #expect(sink.descriptor == nil)
    #expect(sink.give(line(1), id: 1) == .taken)
    #expect(directory.text("log") == line(1))
  }

  @Test func `keeps the lines of recorders that write at once apart and whole`() async throws {
    let path = path
    let count = 2000
    await withTaskGroup(of: Void.self) { group in
      for writer in 1...3 {
        group.addTask {
          var sink = sink(at: path)
          for number in 1...count {
            #expect(sink.give(line(writer * 10_000 + number, padding: number % 300), id: UInt64(number)) == .taken)
          }
        }
      }
    }
    let lines = directory.text("log").split(separator: "\n")
    #expect(lines.count == 3 * count)
    for writer in 1...3 {
      let own = lines.filter { $0.hasPrefix("{\"id\":\(writer)") }.map { $0 + "\n" }
      #expect(own == (1...count).map { Substring(line(writer * 10_000 + $0, padding: $0 % 300)) })
    }
  }

  // MARK: - What cannot be opened

  @Test(arguments: [
    ("missing/log", "No such file or directory"), (".", "Is a directory"), ("plain/log", "Not a directory"),
  ])
  func `says in tlog's words why a file cannot be opened`(name: String, reason: String) throws {
    try directory.write("plain", "")
    let path = directory.file(name)
    var sink = sink(at: path)
    let lines = [reason, "Failed opening log file \"\(path)\""]
    #expect(sink.open() == lines)
    #expect(sink.give(line(1), id: 1) == .failed(lines))
  }

  @Test func `refuses an empty path as tlog does`() {
    var sink = sink(at: "")
    #expect(sink.open() == ["No such file or directory", "Failed opening log file \"\""])
  }

  @Test func `does not wait for somebody to read a FIFO`() {
    #expect(mkfifo(path, 0o600) == 0)
    var sink = sink(at: path)
    #expect(
      sink.open() == [
        "No such device or address: nobody reads this FIFO", "Failed opening log file \"\(path)\"",
      ])
  }

  // MARK: - A file that is renamed, removed or damaged

  @Test func `goes on in a new file when the old one was renamed`() throws {
    var sink = sink(at: path)
    #expect(sink.give(line(1), id: 1) == .taken)
    #expect(rename(path, directory.file("log.1")) == 0)
    #expect(sink.give(line(2), id: 2) == .taken)
    #expect(sink.give(line(3), id: 3) == .taken)
    #expect(directory.text("log.1") == line(1))
    #expect(directory.text("log") == line(2) + line(3))
  }

  @Test func `goes on in the file that was put in the old one's place`() throws {
    var sink = sink(at: path)
    #expect(sink.give(line(1), id: 1) == .taken)
    try directory.write("new", "")
    #expect(rename(directory.file("new"), path) == 0)
    #expect(sink.give(line(2), id: 2) == .taken)
    #expect(directory.text("log") == line(2))
  }

  @Test func `makes the file again when it was removed`() {
    var sink = sink(at: path)
    #expect(sink.give(line(1), id: 1) == .taken)
    #expect(unlink(path) == 0)
    #expect(sink.give(line(2), id: 2) == .taken)
    #expect(directory.text("log") == line(2))
  }

  @Test func `goes on at the start of a file that was cut to nothing`() {
    var sink = sink(at: path)
    #expect(sink.give(line(1), id: 1) == .taken)
    #expect(truncate(path, 0) == 0)
    #expect(sink.give(line(2), id: 2) == .taken)
    #expect(directory.text("log") == line(2))
  }

  @Test func `fails when the file and its directory are gone, and works when they are back`() throws {
    let folder = directory.file("folder")
    #expect(mkdir(folder, 0o700) == 0)
    var sink = sink(at: folder + "/log")
    #expect(sink.give(line(1), id: 1) == .taken)
    try FileManager.default.removeItem(atPath: folder)
    let lines = ["No such file or directory", "Failed opening log file \"\(folder)/log\""]
    #expect(sink.give(line(2), id: 2) == .failed(lines))
    #expect(sink.open() == lines)
    #expect(mkdir(folder, 0o700) == 0)
    #expect(sink.open() == nil)
    #expect(sink.give(line(2), id: 2) == .taken)
    #expect(directory.text("folder/log") == line(2))
  }

  @Test func `ends a line that a killed recorder has left, once`() throws {
    try directory.write("log", line(1) + "{\"id\":2,\"out_")
    for id in 3...4 {
      var sink = sink(at: path)
      #expect(sink.open() == nil)
      #expect(sink.give(line(id), id: UInt64(id)) == .taken)
    }
    #expect(directory.text("log") == line(1) + "{\"id\":2,\"out_\n" + line(3) + line(4))
  }

  @Test func `looks at the end of the file that is put in the old one's place, too`() throws {
    var sink = sink(at: path)
    #expect(sink.give(line(1), id: 1) == .taken)
    try directory.write("new", "torn")
    #expect(rename(directory.file("new"), path) == 0)
    #expect(sink.give(line(2), id: 2) == .taken)
    #expect(directory.text("log") == "torn\n" + line(2))
  }

  // MARK: - FIFOs, terminals, devices

  @Test func `continues in a FIFO where it stopped when that was full`() throws {
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    var sink = sink(at: path)
    #expect(sink.open() == nil)
    var id = 1
    while id < 10_000, sink.give(line(id, padding: 9000), id: UInt64(id)) == .taken { id += 1 }
    #expect(id < 10_000)
    #expect(sink.give(line(id, padding: 9000), id: UInt64(id)) == .busy)
    #expect(sink.hasRoom == false)
    var shown = readAll(reader)
    #expect(!shown.hasSuffix("\n"), "the FIFO was to be full inside a line")
    #expect(sink.hasRoom == true)
    // More may have gathered behind the line that was refused.
    #expect(sink.give(line(id, padding: 9000) + line(id + 1), id: UInt64(id)) == .taken)
    shown += readAll(reader)
    #expect(shown == (1...id).map { line($0, padding: 9000) }.joined() + line(id + 1))
  }

  @Test func `ends a line begun in a FIFO when another message comes`() throws {
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    var sink = sink(at: path)
    var id = 1
    while id < 10_000, sink.give(line(id, padding: 9000), id: UInt64(id)) == .taken { id += 1 }
    let shown = readAll(reader)
    #expect(!shown.hasSuffix("\n"), "the FIFO was to be full inside a line")
    #expect(sink.give(line(id + 1), id: UInt64(id + 1)) == .taken)
    #expect(readAll(reader) == "\n" + line(id + 1))
  }

  @Test func `writes a line begun in a FIFO again, whole, when it was opened anew`() throws {
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    var sink = sink(at: path)
    var id = 1
    while id < 10_000, sink.give(line(id, padding: 9000), id: UInt64(id)) == .taken { id += 1 }
    let shown = readAll(reader)
    #expect(!shown.hasSuffix("\n"), "the FIFO was to be full inside a line")
    #expect(sink.open() == nil)
    #expect(sink.give(line(id, padding: 9000), id: UInt64(id)) == .taken)
    #expect(readAll(reader) == "\n" + line(id, padding: 9000))
  }

  @Test func `fails when nobody reads the FIFO any more, and writes the line whole to the next reader`() async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      signal(SIGPIPE, SIG_IGN)
      #expect(mkfifo(path, 0o600) == 0)
      var reader = open(path, O_RDONLY | O_NONBLOCK)
      var sink = sink(at: path)
      #expect(sink.give(line(1), id: 1) == .taken)
      #expect(readAll(reader) == line(1))
      close(reader)
      #expect(
        sink.give(line(2), id: 2)
          == .failed(["Broken pipe: nobody reads this FIFO any more", "Failed writing log file \"\(path)\""]))
      reader = open(path, O_RDONLY | O_NONBLOCK)
      #expect(sink.open() == nil)
      #expect(sink.give(line(2), id: 2) == .taken)
      #expect(readAll(reader) == line(2))
    }
  }

  @Test func `continues on a terminal where it stopped when that was full`() throws {
    var near: Int32 = -1
    var far: Int32 = -1
    #expect(openpty(&near, &far, nil, nil, nil) == 0)
    defer { for end in [near, far] { close(end) } }
    _ = fcntl(near, F_SETFL, O_NONBLOCK)
    var sink = sink(at: String(cString: ttyname(far)))
    #expect(sink.open() == nil)
    var id = 1
    while id < 10_000, sink.give(line(id, padding: 500), id: UInt64(id)) == .taken { id += 1 }
    #expect(id < 10_000)
    var shown = ""
    var outcome = Outcome.busy
    for _ in 0..<1000 where outcome == .busy {
      shown += readAll(near)
      outcome = sink.give(line(id, padding: 500), id: UInt64(id))
    }
    #expect(outcome == .taken)
    let wanted = (1...id).map { line($0, padding: 500).replacingOccurrences(of: "\n", with: "\r\n") }.joined()
    // The kernel moves what was written to the other end in its own time.
    for _ in 0..<1000 where shown.utf8.count < wanted.utf8.count {
      shown += readAll(near)
      usleep(100)
    }
    #expect(shown == wanted)
  }

  @Test func `says that a full device is full`() {
    var sink = sink(at: "/dev/full")
    #expect(sink.open() == nil)
    let full = [
      "No space left on device: the log's file system is full", "Failed writing log file \"/dev/full\"",
    ]
    #expect(sink.give(line(1), id: 1) == .failed(full))
    #expect(sink.give(line(1), id: 1) == .failed(full))
    #expect(sink.give(line(2), id: 2) == .failed(full))
  }

  @Test func `fails and does not spin when a file takes nothing`() {
    // A write to it is EIO.
    var sink = sink(at: "/proc/version")
    #expect(
      sink.give(line(1), id: 1)
        == .failed([
          "Input/output error: the device or server that holds the log does not work",
          "Failed writing log file \"/proc/version\"",
        ]))
  }

  // MARK: - Lines of which only a part fits

  @Test func `takes a part of a line back, and writes each line once when there is room`() async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      var sink = sink(at: path)
      limitFiles(to: 250)
      #expect(sink.give(line(1, padding: 50), id: 1) == .taken)
      let lines = (2...6).map { line($0, padding: 50) }
      let failed = Outcome.failed([
        "File too large: the log has reached the limit of its file system or of its recorder, and needs rotating",
        "Failed writing log file \"\(path)\"",
      ])
      #expect(sink.give(lines.joined(), id: 2) == failed)
      #expect(text(path) == line(1, padding: 50) + lines[..<2].joined())
      #expect(sink.give(lines.joined(), id: 2) == failed)
      #expect(sink.open() == nil)
      #expect(sink.give(lines.joined(), id: 2) == failed)
      #expect(text(path) == line(1, padding: 50) + lines[..<2].joined())
      limitFiles(to: 100_000)
      #expect(sink.give(lines.joined() + line(7), id: 2) == .taken)
      #expect(text(path) == line(1, padding: 50) + lines.joined() + line(7))
    }
  }

  @Test func `cuts nothing off a file that another recorder has, but ends the line and writes it again`() async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      var other = sink(at: path)
      #expect(other.open() == nil)
      var sink = sink(at: path)
      limitFiles(to: 100)
      let long = line(1, padding: 200)
      guard case .failed = sink.give(long, id: 1) else {
        Issue.record("a line longer than the file may be was taken")
        return
      }
      #expect(text(path) == String(long.prefix(100)))
      limitFiles(to: 100_000)
      #expect(sink.give(long, id: 1) == .taken)
      #expect(other.give(line(2), id: 2) == .taken)
      #expect(text(path) == String(long.prefix(100)) + "\n" + long + line(2))
    }
  }

  @Test func `cuts nothing off a file while others cannot see that it is ours, too`() async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      let holder = open(path, O_WRONLY | O_CREAT, 0o600)
      #expect(flock(holder, LOCK_EX) == 0)
      var sink = sink(at: path)
      #expect(sink.open() == nil)
      #expect(flock(holder, LOCK_UN) == 0)
      limitFiles(to: 100)
      let long = line(1, padding: 200)
      guard case .failed = sink.give(long, id: 1) else {
        Issue.record("a line longer than the file may be was taken")
        return
      }
      #expect(text(path) == String(long.prefix(100)))
    }
  }

  @Test func `takes nothing back that is no longer the end of the file`() throws {
    let name = LogPath(Array(path.utf8))
    let log = try LogFile(name)
    let written = Array("part".utf8).withUnsafeBytes { log.append($0) }
    #expect(written.count == 4)
    let stranger = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(stranger) }
    #expect(write(stranger, "other\n", 6) == 6)
    let isTaken = log.takeBack(4)
    #expect(!isTaken)
    #expect(text(path) == "partother\n")
  }

  @Test func `cuts again once the other recorder has closed the file`() async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      do {
        var other = sink(at: path)
        #expect(other.open() == nil)
      }
      var sink = sink(at: path)
      limitFiles(to: 100)
      guard case .failed = sink.give(line(1, padding: 200), id: 1) else {
        Issue.record("a line longer than the file may be was taken")
        return
      }
      #expect(text(path) == "")
    }
  }

  @Test(
    .enabled(if: Surroundings.isRoot, "mounts a small file system in a namespace of its own: run as root"), .inTurn)
  func `leaves whole lines on a file system that fills up, and goes on when there is room`() async throws {
    let script = "mount -t tmpfs -o size=64k steno \(directory.path) && echo mounted && exec cat"
    let keeper = try DrivenProgram(onPipes: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", script], input: .pipe)
    try await keeper.expect("mounted")
    // The keeper's mounts, seen from here.
    let inside = "/proc/\(keeper.pid)/root\(directory.path)"
    let path = inside + "/log"
    #expect(FileManager.default.createFile(atPath: inside + "/ballast", contents: Data(count: 8192)))
    var sink = sink(at: path)
    var id = 1
    var outcome = Outcome.taken
    while id < 1000 {
      outcome = sink.give(line(id, padding: 700), id: UInt64(id))
      if outcome != .taken { break }
      id += 1
    }
    let full = Outcome.failed([
      "No space left on device: the log's file system is full", "Failed writing log file \"\(path)\"",
    ])
    #expect(outcome == full)
    #expect(sink.give(line(id, padding: 700), id: UInt64(id)) == full)
    let written = (1..<id).map { line($0, padding: 700) }.joined()
    #expect(text(path) == written)
    #expect(unlink(inside + "/ballast") == 0)
    #expect(sink.open() == nil)
    #expect(sink.give(line(id, padding: 700), id: UInt64(id)) == .taken)
    let all = written + line(id, padding: 700)
    #expect(text(path) == all)
    keeper.closeInput()
    #expect(try await keeper.end() == .status(0))
  }

  // MARK: - What it costs

  @Test func `makes one write of any number of lines`() async {
    await #expect(processExitsWith: .success) { [path = path as String] in
      var sink = sink(at: path)
      #expect(sink.open() == nil)
      let lines = (1...50).map { line($0) }.joined()
      let before = writeCount()
      for id in 1...100 { #expect(sink.give(lines, id: UInt64(id)) == .taken) }
      #expect(writeCount() - before == 100)
    }
  }
}

/// How many times this process has called write(2) or its like; reading that does not count.
private func writeCount() -> Int {
  let io = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
  let line = io.split(separator: "\n").first { $0.hasPrefix("syscw: ") }
  return line.flatMap { Int($0.dropFirst("syscw: ".count)) } ?? 0
}

/// Lets no file of this process become longer, as `ulimit -f` does; for processes that a test has for itself.
private func limitFiles(to byteCount: Int) {
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  limit.rlim_cur = rlim_t(byteCount)
  #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
}

private func text(_ path: String) -> String {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  defer { close(file) }
  return readAll(file)
}

/// What is there to be read from a file, or from what does not wait.
private func readAll(_ descriptor: Int32) -> String {
  var all: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count <= 0 { return String(decoding: all, as: UTF8.self) }
    all += block[..<count]
  }
}
