import CBench
import Glibc

/// A program on a pseudo-terminal whose other side this process holds: the person's terminal, emptied without pause.
final class Session {
  let pid: pid_t
  private let master: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

  /// No recorder is silent for longer while its program has something to say.
  static let usualPatienceSeconds: Int32 = 20
  /// Nor is a program that goes through a gigabyte and has its say in the end.
  static let longPatienceSeconds: Int32 = 300
  private let patienceSeconds: Int32

  /// Starts `command` on a terminal of 80 by 24, in an environment that is the same for every subject.
  init(_ command: [String], patienceSeconds: Int32 = usualPatienceSeconds) throws(BenchError) {
    self.patienceSeconds = patienceSeconds
    let terminal = bench_open_terminal(80, 24)
    if terminal < 0 { throw BenchError("cannot open a pseudo-terminal: errno \(errno)") }
    let environment = ["PATH=/usr/bin:/bin", "HOME=/", "SHELL=/bin/sh", "TERM=xterm-256color", "LC_ALL=C.UTF-8"]
    let started = withStrings(command) { arguments in
      withStrings(environment) { bench_spawn(terminal, arguments, $0) }
    }
    master = terminal
    pid = started
    if started < 0 { throw BenchError("cannot start \(command[0]): errno \(errno)") }
  }

  deinit {
    close(master)
    buffer.deallocate()
  }

  /// Sends one byte, as a keyboard does.
  func type(_ byte: UInt8) throws(BenchError) {
    var byte = byte
    if write(master, &byte, 1) != 1 { throw BenchError("the terminal took no key: errno \(errno)") }
  }

  /// Waits for output and returns what is there, valid until the next call; nil when the program and its children ended.
  func read() throws(BenchError) -> UnsafeRawBufferPointer? {
    guard bench_wait_readable(master, patienceSeconds * 1000) == 1 else {
      kill(pid, SIGKILL)
      throw BenchError("process \(pid) was silent for \(patienceSeconds) s")
    }
    let count = Glibc.read(master, buffer.baseAddress, buffer.count)
    // EIO is how a master says that nobody has the other side open any more (pty(7) leaves it out; Linux n_tty).
    return count > 0 ? UnsafeRawBufferPointer(rebasing: buffer[..<count]) : nil
  }

  /// Reads until the output ends in `mark`, or in `mark` and a line end.
  func read(until mark: String) throws(BenchError) {
    var tail: [UInt8] = []
    let wanted = Array(mark.utf8)
    while let bytes = try read() {
      tail = Array((tail + bytes).suffix(wanted.count + 2))
      if tail.starts(with: wanted) || tail.suffix(wanted.count) == wanted { return }
    }
    throw BenchError("the program ended before it said \(mark)")
  }

  /// Reads until the output has `mark` in it.
  func read(showing mark: String) throws(BenchError) {
    var tail: [UInt8] = []
    let wanted = Array(mark.utf8)
    while let bytes = try read() {
      tail += bytes
      for start in tail.indices where tail[start...].starts(with: wanted) { return }
      tail = Array(tail.suffix(wanted.count - 1))
    }
    throw BenchError("the program ended before it showed \(mark)")
  }

  /// All output until the end, as text.
  func readAll() throws(BenchError) -> String {
    var all: [UInt8] = []
    while let bytes = try read() { all += bytes }
    return String(decoding: all, as: UTF8.self)
  }

  /// Reads what is left, and waits for the end.
  func end() throws(BenchError) -> bench_usage {
    while try read() != nil {}
    var usage = bench_usage()
    if bench_wait(pid, &usage) < 0 { throw BenchError("cannot wait for process \(pid): errno \(errno)") }
    return usage
  }
}

/// What a program prints: `count` numbers, one a line.
func numbers(_ command: [String], count: Int) throws(BenchError) -> [Double] {
  let session = try Session(command)
  let said = try session.readAll()
  _ = try session.end()
  let numbers = said.split(whereSeparator: \.isNewline).compactMap { Double($0) }
  guard numbers.count == count else { throw BenchError("\(command[0]) said \(said)") }
  return numbers
}

/// Calls `body` with `strings` as a NULL-terminated vector of C strings, which lives as long as the call.
private func withStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { for copy in copies { free(copy) } }
  return copies.withUnsafeBufferPointer { body($0.baseAddress!) }  // never empty: the NULL is there
}
