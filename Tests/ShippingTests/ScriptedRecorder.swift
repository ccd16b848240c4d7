import CSys
import Events
import Glibc
import SystemCalls
import TestSupport

/// A recorder that does what a test says, at the far end of a pair of sockets.
final class ScriptedRecorder {
  /// The agent's end, for it to accept.
  private var far: Descriptor?
  private var near: LocalSocket?
  private var received: [UInt8] = []
  private var file: SpoolFile?
  private(set) var descriptor: Descriptor?
  private(set) var heard: [AgentPacket] = []
  private(set) var budget: UInt64 = 0
  private(set) var recording = ""
  private(set) var salt: UInt32 = 0
  /// All output that was appended.
  private(set) var shown: [UInt8] = []

  init() throws { try connect() }

  /// A connection of its own, again.
  func connect() throws {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Surroundings.Trouble("socketpair", errno) }
    var on: Int32 = 1
    for option in [SO_PASSCRED, SO_OOBINLINE] {
      setsockopt(ends[1], SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
    near = LocalSocket(accepted: Descriptor(owning: ends[0]))
    far = Descriptor(owning: ends[1])
  }

  func takeFar() -> LocalSocket? {
    guard let end = far.take() else { return nil }
    return LocalSocket(accepted: end)
  }

  func disconnect() { near = nil }

  /// Forgets the file, as if it had never come.
  func forgetFile() { file = nil }

  // MARK: - Packets

  func send(_ packet: RecorderPacket, as sender: csys_peer? = nil) throws {
    var bytes = ByteBuilder(capacity: 256)
    packet.append(to: &bytes)
    try near?.send(packet: bytes.bytes, as: sender)
  }

  func send(raw bytes: [UInt8]) throws { try bytes.withUnsafeBufferPointer { try near?.send(packet: $0) } }

  func sayHello(user: UInt32? = nil, versions: ClosedRange<UInt8> = 1...1) throws {
    let start = SessionStart(
      user: 4711, loginUser: 4711, parent: [], terminal: [], command: Array("sh".utf8), trust: Array("trusted".utf8),
      terminalGuard: [])
    let hello = Hello(
      versions: versions, process: ProcessIdentity(identifier: 1, startTicks: 1), group: 0, header: header(),
      start: start)
    try send(.hello(hello), as: user.map { csys_peer(pid: getpid(), user: $0, group: 0) })
  }

  func resume() throws {
    guard let identity = file?.identity else { return }
    try resume(identity)
  }

  func resume(_ file: FileIdentity) throws {
    try send(
      .resume(
        Resumption(
          process: ProcessIdentity(identifier: 1, startTicks: 1), file: file, recording: Array(recording.utf8),
          offset: offset)))
  }

  private func header() -> RecordingHeader {
    RecordingHeader(
      host: Array("liar".utf8), recording: Array("liar".utf8), user: Array("liar".utf8), terminal: Array("xterm".utf8),
      session: 7, startMilliseconds: 1_000_000)
  }

  /// Takes what the agent has sent. - Returns: False when it has closed the connection.
  @discardableResult
  func hear() throws -> Bool {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { block.deallocate() }
    while near != nil {
      guard var got = try near?.receive(into: block) else { break }
      if got.byteCount == 0 { return false }
      received += block[..<got.byteCount]
      if got.passed != nil { descriptor = got.passed.take() }
      while let (packet, byteCount) = try received.withUnsafeBufferPointer({ try AgentPacket.read($0) }) {
        received.removeFirst(byteCount)
        take(packet)
      }
    }
    return true
  }

  private func take(_ packet: AgentPacket) {
    heard.append(packet)
    switch packet {
    case .welcome(let welcome):
      recording = String(decoding: welcome.recording, as: UTF8.self)
      salt = welcome.salt
      budget = welcome.budget
      if let passed = descriptor.take() { file = SpoolFile(passed, byteCount: welcome.offset) }
    case .budget(let more): budget = max(budget, more)
    case .refuse, .ping, .end: break
    }
  }

  var refusal: Refusal.Reason? {
    for case .refuse(let refusal) in heard { return refusal.reason }
    return nil
  }

  // MARK: - The file

  var offset: UInt64 { file?.byteCount ?? 0 }
  var raw: Int32 { file?.raw ?? -1 }

  func begin() throws {
    let start = SessionStart(
      user: 4711, loginUser: 4711, parent: [], terminal: Array("/dev/pts/9".utf8), command: Array("sh".utf8),
      trust: Array("trusted".utf8), terminalGuard: [])
    var frames = ByteBuilder(capacity: 512)
    SpoolEncoder(salt: salt).append(header(), start, at: 0, to: &frames)
    try append(frames.bytes)
  }

  func show(_ bytes: [UInt8], at milliseconds: UInt64) throws {
    var frames = ByteBuilder(capacity: bytes.count + 64)
    bytes.withUnsafeBufferPointer {
      SpoolEncoder(salt: salt).append($0, .output, at: milliseconds * 1_000_000, to: &frames)
    }
    try append(frames.bytes)
    shown += bytes
  }

  func show(_ text: String, at milliseconds: UInt64 = 10) throws { try show(Array(text.utf8), at: milliseconds) }

  func resize(_ window: Window, at milliseconds: UInt64) throws {
    var frames = ByteBuilder(capacity: 64)
    SpoolEncoder(salt: salt).append(window, at: milliseconds * 1_000_000, to: &frames)
    try append(frames.bytes)
  }

  func end(at milliseconds: UInt64 = 1000) throws {
    var frames = ByteBuilder(capacity: 64)
    let facts = SessionEnd(outcome: .exit(code: 0), why: .exit, inputByteCount: 0, outputByteCount: UInt64(shown.count))
    SpoolEncoder(salt: salt).append(facts, at: milliseconds * 1_000_000, to: &frames)
    try append(frames.bytes)
  }

  func append(raw bytes: [UInt8]) throws { try bytes.withUnsafeBufferPointer { try append($0) } }

  private func append(_ frames: UnsafeBufferPointer<UInt8>) throws {
    if let problem = file?.append(frames) { throw problem }
  }
}
