import CTestSupport
import Glibc

/// A program that a test runs and talks to: on a pseudo-terminal of its own, or on pipes.
///
/// The test types and waits for what it expects to see; all that the program shows is kept. Nothing blocks a thread and
/// nothing waits for a fixed time: a wait ends as soon as what it waits for is there, and fails when the program has
/// neither shown nor taken anything for ``patience``.
/// A program that still runs when its value goes away is killed, with all processes of its session or group.
///
/// One task may use a value, from start to end.
package final class DrivenProgram {
  /// How long a program may seem to do nothing. It is there to end a test that would hang; no machine is so slow or so
  /// busy that a test that passes waits that long.
  package static let patience = Duration.seconds(300)

  /// What is given as the program's input on pipes.
  package enum Input {
    /// A pipe that the test writes to (``send(_:)``) and closes (``closeInput()``).
    case pipe
    case file(String)
    case closed
    package static var nothing: Input { .file("/dev/null") }
  }

  /// Where the program's output or errors go on pipes.
  package enum Output {
    /// A pipe that is read into ``shown``, or ``errors``.
    case pipe
    case file(String)
    /// One of the test's own, which it keeps.
    case descriptor(Int32)
    case closed
  }

  package let pid: Int32
  /// What the program wrote to its terminal or output pipe so far.
  package private(set) var shown: [UInt8] = []
  /// What it wrote to its error pipe so far.
  package private(set) var errors: [UInt8] = []
  package private(set) var exit: Exit?

  /// User and system time of the program and the children it has waited for; known once it has ended.
  package private(set) var processorTime = Duration.zero

  /// How much of ``shown`` earlier expectations have used up.
  private var seen = 0
  /// How many bytes of input it was given.
  private var taken = 0
  private let onTerminal: Bool
  private var isReading = true
  private var inputEnd: Int32 = -1
  private var outputEnd: Int32 = -1
  private var errorEnd: Int32 = -1

  /// Starts a program on a fresh pseudo-terminal, as leader of a session.
  ///
  /// - Parameters:
  ///   - arguments: The program's absolute path and what follows it.
  ///   - environment: Added to ``Surroundings/environment``; nil takes a variable away.
  package init(
    onTerminal arguments: [String], environment: [String: String?] = [:], columns: UInt16 = 80, rows: UInt16 = 24,
    directory: String = "/"
  ) throws {
    onTerminal = true
    var near: Int32 = -1
    var far: Int32 = -1
    guard ctest_open_terminal(&near, &far, columns, rows) == 0 else { throw Surroundings.Trouble("no terminal", errno) }
    defer { close(far) }
    outputEnd = near
    inputEnd = near
    pid = try Self.spawn(arguments, environment, directory, [far, far, far], terminal: true)
  }

  /// Starts a program on pipes, files or nothing, with no controlling terminal of its own.
  package init(
    onPipes arguments: [String], input: Input = .nothing, output: Output = .pipe, errors: Output = .pipe,
    environment: [String: String?] = [:], directory: String = "/"
  ) throws {
    onTerminal = false
    var far: [Int32] = [-1, -1, -1]
    defer { for end in far where end >= 0 { close(end) } }
    (inputEnd, far[0]) = try Self.open(input)
    (outputEnd, far[1]) = try Self.open(output)
    (errorEnd, far[2]) = try Self.open(errors)
    pid = try Self.spawn(arguments, environment, directory, far, terminal: false)
  }

  deinit {
    if exit == nil {
      for other in ProcessFacts.session(of: pid) { kill(other, SIGKILL) }
      kill(pid, SIGKILL)
      if !onTerminal { kill(-pid, SIGKILL) }
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    closeAll()
  }

  // MARK: - Input

  /// Sends bytes to the program's input, reading what it shows meanwhile.
  package func send(_ bytes: [UInt8], within patience: Duration = patience) async throws {
    var rest = bytes[...]
    try await until("take its input", within: patience) {
      let put = rest.withUnsafeBytes { write(inputEnd, $0.baseAddress, $0.count) }
      if put > 0 {
        rest = rest.dropFirst(put)
        taken += put
      }
      if put < 0 && errno != EAGAIN { throw Surroundings.Trouble("write to the program", errno) }
      return rest.isEmpty
    }
  }

  package func type(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Types a line and waits for `marker`, which the echo of the line must not contain: `echo mar""ker`.
  package func type(line: String, expecting marker: String) async throws {
    try receive()
    if line.contains(marker) || find(marker) != nil { throw Unexpected(marker: marker, shown: tail) }
    try await type(line + "\r")
    try await expect(marker)
  }

  /// Sends bytes and waits for `done` without reading anything the program shows, as a terminal that has stalled.
  package func sendWithoutReading(
    _ bytes: [UInt8], within patience: Duration = patience, until done: () -> Bool
  ) async throws {
    isReading = false
    defer { isReading = true }
    try await send(bytes)
    try await until("take its input while nobody reads", within: patience) { done() }
  }

  /// On pipes: ends the program's input.
  package func closeInput() {
    guard inputEnd >= 0, !onTerminal else { return }
    close(inputEnd)
    inputEnd = -1
  }

  /// On pipes: takes the reader of the program's output away.
  package func closeOutput() {
    guard outputEnd >= 0, !onTerminal else { return }
    close(outputEnd)
    outputEnd = -1
  }

  /// On a terminal: takes the terminal away, as when a connection is lost.
  package func hangUp() { closeAll() }

  package func resize(columns: UInt16, rows: UInt16) throws {
    guard ctest_resize(outputEnd, columns, rows) == 0 else { throw Surroundings.Trouble("resize", errno) }
  }

  /// A process id whose process was waited for may be somebody else's by now.
  package func signal(_ number: Int32) { if exit == nil { kill(pid, number) } }

  // MARK: - Output

  /// Waits until `marker` is shown, after everything that earlier expectations found.
  package func expect(_ marker: String, within patience: Duration = patience) async throws {
    try await until("show \"\(marker)\"", within: patience) {
      try receive()
      guard let end = find(marker) else { return false }
      seen = end
      return true
    }
  }

  /// Waits until the program has ended, and reads the rest of what it showed.
  ///
  /// Output that a left-over child still holds open is read as far as it is there.
  @discardableResult
  package func end(within patience: Duration = patience) async throws -> Exit {
    var result = Exit.status(0)
    try await until("end", within: patience) {
      try receive()
      guard let exit = try reap() else { return false }
      result = exit
      return true
    }
    try await drain()
    return result
  }

  /// Whether the program still runs.
  package func isRunning() throws -> Bool { try reap() == nil }

  /// Reads what is there, without waiting for more.
  package func receive() throws {
    guard isReading else { return }
    _ = try receive(from: &outputEnd, into: \.shown)
    _ = try receive(from: &errorEnd, into: \.errors)
  }

  /// The terminal's attributes, as bytes to be compared.
  package func attributes() throws -> [UInt8] {
    var attributes = termios()
    guard tcgetattr(outputEnd, &attributes) == 0 else { throw Surroundings.Trouble("tcgetattr", errno) }
    return withUnsafeBytes(of: &attributes) { [UInt8]($0) }
  }

  /// Whether the terminal edits lines: it is not raw.
  package func isCanonical() throws -> Bool {
    var attributes = termios()
    guard tcgetattr(outputEnd, &attributes) == 0 else { throw Surroundings.Trouble("tcgetattr", errno) }
    return attributes.c_lflag & tcflag_t(ICANON) != 0
  }

  /// Makes the terminal edit lines and echo, as a shell does while it reads its own commands.
  package func makeCanonical() throws {
    var attributes = termios()
    guard tcgetattr(outputEnd, &attributes) == 0 else { throw Surroundings.Trouble("tcgetattr", errno) }
    attributes.c_lflag |= tcflag_t(ICANON | ECHO | ISIG)
    guard tcsetattr(outputEnd, TCSANOW, &attributes) == 0 else { throw Surroundings.Trouble("tcsetattr", errno) }
  }

  package var text: String { String(decoding: shown, as: UTF8.self) }
  package var errorText: String { String(decoding: errors, as: UTF8.self) }

  // MARK: - Waiting

  /// Runs `step` until it is true, with short pauses between.
  package func until(_ what: String, within patience: Duration = patience, step: () throws -> Bool) async throws {
    let clock = ContinuousClock()
    var deadline = clock.now + patience
    var pause = Duration.microseconds(100)
    var moved = -1
    while try !step() {
      if moved != taken + shown.count + errors.count {
        moved = taken + shown.count + errors.count
        deadline = clock.now + patience
      }
      if clock.now > deadline { throw TookTooLong(what: what, shown: tail, errors: errorText) }
      try await Task.sleep(for: pause)
      try receive()
      pause = min(pause * 2, .milliseconds(4))
    }
  }

  /// ``until(_:within:step:)`` for a step that itself waits for others.
  package func eventually(
    _ what: @autoclosure () -> String, within patience: Duration = patience, step: () async throws -> Bool
  ) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    while try await !step() {
      if clock.now > deadline { throw TookTooLong(what: what(), shown: tail, errors: errorText) }
      try await Task.sleep(for: .milliseconds(10))
      try receive()
    }
  }

  /// The program did not do what it must.
  package struct TookTooLong: Error, CustomStringConvertible {
    package let what: String
    package let shown: String
    package let errors: String
    package var description: String {
      "the program did not \(what); it showed \(shown.debugDescription), errors \(errors)"
    }
  }

  /// A marker was there, or would be by echo, before the program could show it.
  package struct Unexpected: Error, CustomStringConvertible {
    package let marker: String
    package let shown: String
    package var description: String { "\"\(marker)\" was shown already: \(shown.debugDescription)" }
  }

  // MARK: - Inside

  private var tail: String { String(decoding: shown.suffix(600), as: UTF8.self) }

  /// The place behind the next `marker` that has not been found yet.
  private func find(_ marker: String) -> Int? {
    let place = shown.withUnsafeBytes { shown in
      ctest_find(shown.baseAddress.map { $0 + seen }, shown.count - seen, marker, marker.utf8.count)
    }
    return place < 0 ? nil : seen + place + marker.utf8.count
  }

  /// - Returns: Whether the end was reached: everybody has closed the other side.
  private func receive(from end: inout Int32, into all: ReferenceWritableKeyPath<DrivenProgram, [UInt8]>) throws -> Bool
  {
    while end >= 0 {
      let got = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { block in
        let got = read(end, block.baseAddress, block.count)
        if got > 0 { self[keyPath: all] += block[..<got] }
        return got
      }
      if got > 0 {
        continue
      } else if got < 0 && (errno == EAGAIN || errno == EINTR) {
        return false
      } else if got < 0 && errno != EIO {  // EIO: nobody has the terminal open any more
        throw Surroundings.Trouble("read from the program", errno)
      } else {
        return true
      }
    }
    return true
  }

  /// The kernel moves a terminal's output from one end to the other in its own time: read until the end is reached, or,
  /// when somebody keeps the other side open, until nothing has come for a while.
  private func drain() async throws {
    let clock = ContinuousClock()
    var quietSince = clock.now
    var had = shown.count + errors.count
    while true {
      let outputDone = try receive(from: &outputEnd, into: \.shown)
      let errorsDone = try receive(from: &errorEnd, into: \.errors)
      if outputDone && errorsDone { return }
      if shown.count + errors.count != had { quietSince = clock.now }
      if clock.now - quietSince > .milliseconds(60) { return }
      had = shown.count + errors.count
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  private func reap() throws -> Exit? {
    if let exit { return exit }
    var status: Int32 = 0
    var usage = rusage()
    let answer = wait4(pid, &status, WNOHANG, &usage)
    if answer < 0 { throw Surroundings.Trouble("wait4", errno) }
    if answer == 0 { return nil }
    processorTime = Duration(usage.ru_utime) + Duration(usage.ru_stime)
    exit = Exit(waitStatus: status)
    return exit
  }

  private func closeAll() {
    if inputEnd >= 0 && inputEnd != outputEnd { close(inputEnd) }
    if outputEnd >= 0 { close(outputEnd) }
    if errorEnd >= 0 { close(errorEnd) }
    inputEnd = -1
    outputEnd = -1
    errorEnd = -1
  }
}

extension Duration {
  fileprivate init(_ time: timeval) { self = .seconds(time.tv_sec) + .microseconds(time.tv_usec) }
}
