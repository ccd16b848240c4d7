import CSys
import Events
import Foundation
import Glibc
import SystemCalls
import TestSupport

/// An agent of the test's own, at a socket in a scratch directory. It answers a hello by itself, on a thread, since a
/// recorder waits for that; everything else it does when the test says so.
final class ScriptedAgent {
  let path: String
  /// The spool file, open for reading by the test.
  let file: Int32
  static let salt: UInt32 = 77
  private let listener: Int32
  private(set) var connection: LocalSocket?
  private var received: [UInt8] = []
  private(set) var sender: csys_peer?
  private(set) var passed: Descriptor?
  var passedRaw: Int32? {
    switch passed {
    case .some(let passed): passed.raw
    case .none: nil
    }
  }

  enum Reply {
    /// With that budget, and a descriptor of the agent's own file.
    case welcome(budget: UInt64)
    /// The same with another descriptor beside it.
    case welcomeInto(String, budget: UInt64)
    case refuse(Refusal.Reason)
    /// Accepts and says nothing.
    case silence
    case garbage
  }

  init(in scratch: ScratchDirectory) throws {
    path = scratch.file("agent.sock")
    file = open(scratch.file("spool"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    var header = ByteBuilder(capacity: 96)
    SpoolHeader(salt: Self.salt, madeAtMilliseconds: 1, recording: Array("a-1-2".utf8)).append(to: &header)
    guard write(file, header.bytes.baseAddress, header.count) == header.count else {
      throw Surroundings.Trouble("write", errno)
    }
    listener = csys_listen(path, path.utf8.count, 0o600, .max)
    if listener < 0 { throw Surroundings.Trouble("listen at \(path)", errno) }
  }

  deinit {
    close(listener)
    close(file)
  }

  /// Runs `body`, in which a recorder says hello, and answers it meanwhile.
  func answering<Result>(_ reply: Reply, _ body: () throws -> Result) rethrows -> Result {
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let agent = self  // the test waits for the thread before it goes on
    Thread.detachNewThread {
      agent.answer(reply)
      done.signal()
    }
    defer { done.wait() }
    return try body()
  }

  private func answer(_ reply: Reply) {
    guard accept(), case .hello? = nextPacket(waiting: true) else { return }
    switch reply {
    case .welcome(let budget): welcome(budget, forRecorder("/proc/self/fd/\(file)"))
    case .welcomeInto(let path, let budget): welcome(budget, forRecorder(path))
    case .refuse(let reason): send(.refuse(Refusal(reason: reason, text: Array("because".utf8))))
    case .silence: break
    case .garbage: _ = csys_send_along(connection?.raw ?? -1, "GET / HTTP/1.0\r\n", 16, -1, nil)
    }
  }

  private func forRecorder(_ path: String) -> Int32 { open(path, O_WRONLY | O_APPEND | O_CLOEXEC) }

  private func welcome(_ budget: UInt64, _ descriptor: Int32) {
    send(
      .welcome(Welcome(version: 1, recording: Array("a-1-2".utf8), salt: Self.salt, offset: 96, budget: budget)),
      passing: descriptor)
    close(descriptor)
  }

  /// Takes the next caller, waiting for it.
  @discardableResult
  func accept() -> Bool {
    Clock.wait(until: Clock.elapsedNanoseconds + 10_000_000_000, orReadable: listener)
    let raw = csys_accept(listener)
    guard raw >= 0 else { return false }
    connection = LocalSocket(accepted: Descriptor(owning: raw))
    received = []
    return true
  }

  func send(_ packet: AgentPacket, passing descriptor: Int32? = nil) {
    var bytes = ByteBuilder(capacity: 128)
    packet.append(to: &bytes)
    try? connection?.send(packet: bytes.bytes, passing: descriptor)  // a recorder that is gone is what some tests want
  }

  func hangUp() { connection = nil }

  func nextPacket(waiting: Bool = false) -> RecorderPacket? {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { block.deallocate() }
    while true {
      let next = try? received.withUnsafeBufferPointer { try RecorderPacket.read($0) }
      if let (packet, byteCount) = next ?? nil {
        received.removeFirst(byteCount)
        return packet
      }
      if waiting { Clock.wait(until: Clock.elapsedNanoseconds + 10_000_000_000, orReadable: connection?.raw ?? -1) }
      guard var got = (try? connection?.receive(into: block)) ?? nil, got.byteCount > 0 else { return nil }
      if got.passed != nil { passed = got.passed.take() }
      if let who = got.sender { sender = who }
      received += block[..<got.byteCount]
    }
  }

  /// The frames in the file, as words.
  func frames() -> [String] { Self.frames(of: contents(), salt: Self.salt) }

  func contents() -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 1 << 20)
    let count = pread(file, &block, block.count, 0)
    return [UInt8](block[..<max(count, 0)])
  }

  static func frames(of file: [UInt8], salt: UInt32) -> [String] {
    file.dropFirst(96).withUnsafeBufferPointer { bytes in
      var place = 0
      var frames: [String] = []
      while place < bytes.count {
        switch SpoolReader(salt: salt).next(in: UnsafeBufferPointer(rebasing: bytes[place...]), isEnd: true) {
        case .frame(let frame, let byteCount):
          frames.append(word(frame.content))
          place += byteCount
        case .foreign(let byteCount), .torn(let byteCount), .damaged(let byteCount):
          frames.append("damage \(byteCount)")
          place += byteCount
        case .needMore: return frames
        }
      }
      return frames
    }
  }

  private static func word(_ content: SpoolFrame.Content) -> String {
    switch content {
    case .data(let stream, let mark, let bytes):
      let text = bytes.count > 40 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)
      return "\(stream)\(mark == .none ? "" : " \(mark)") \(text)"
    case .start(let header, let start):
      return
        "start \(String(decoding: header.recording, as: UTF8.self)) \(String(decoding: start.terminal, as: UTF8.self))"
    case .window(let window): return "window \(window.columns)x\(window.rows)"
    case .clock(let wallMilliseconds): return "clock \(wallMilliseconds)"
    case .gap(let loss): return "gap \(loss.byteCount) \(loss.fromMilliseconds)-\(loss.toMilliseconds)"
    case .end(let end, _):
      return
        "end \(String(decoding: [UInt8](UnsafeBufferPointer(start: end.why.name.utf8Start, count: end.why.name.utf8CodeUnitCount)), as: UTF8.self))"
    }
  }
}
