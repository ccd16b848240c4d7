import Events
import Foundation
import Glibc
import TestSupport

/// A real agent on a scratch directory, and recorders that record through it.
final class AgentStage {
  let scratch: ScratchDirectory
  private(set) var agent: DrivenProgram?
  private let options: [String]

  /// What `make build` makes.
  static let program = Surroundings.checkout.appending(path: "bin/steno-agent").path

  /// - Parameter options: More of the agent's.
  init(_ options: [String] = []) async throws {
    scratch = try ScratchDirectory()
    self.options = options
    try await startAgent()
  }

  var socket: String { scratch.file("self.sock") }

  /// Starts the agent and waits until it listens.
  func startAgent() async throws {
    agent = try DrivenProgram(
      onPipes: [Self.program, "--state", scratch.file("state"), "--run", scratch.path] + options)
    try await agent?.until("listen") { LocalListener.isThere(socket) }
  }

  /// Waits until the agent has done what there is to do.
  func untilAgentIsIdle() async throws {
    try await agent?.eventually("be idle") {
      let before = agent.flatMap { ProcessFacts($0.pid) }
      try await Task.sleep(for: .milliseconds(200))
      let after = agent.flatMap { ProcessFacts($0.pid) }
      return after?.state == "S" && after?.processorTime == before?.processorTime
    }
  }

  func killAgent() async throws {
    agent?.signal(SIGKILL)
    try await agent?.end()
  }

  func onTerminal(_ program: [String], _ options: [String] = []) throws -> DrivenProgram {
    try DrivenProgram(
      onTerminal: [Surroundings.ours("tlog-rec"), "--writer=agent", "--agent-path=" + socket] + options + ["--"]
        + program,
      directory: scratch.path)
  }

  func onPipes(_ program: [String], _ options: [String] = []) throws -> DrivenProgram {
    try DrivenProgram(
      onPipes: [Surroundings.ours("tlog-rec"), "--writer=agent", "--agent-path=" + socket] + options + ["--"] + program,
      directory: scratch.path)
  }

  // MARK: - What is spooled

  /// A spool file as an auditor would read it.
  struct Spool {
    var output: [UInt8] = []
    var input: [UInt8] = []
    var whys: [SessionEnd.Why] = []
    var startCount = 0
    /// Bytes that are no frame, but for a torn end.
    var damagedByteCount = 0
    var byteCount = 0
  }

  func spoolNames() -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: scratch.file("state/spool"))
    return (names ?? []).filter { $0.hasSuffix(".spool") }.sorted()
  }

  func spools() throws -> [Spool] { try spoolNames().map { try Self.read(scratch.bytes("state/spool/" + $0)) } }

  static func read(_ file: [UInt8]) throws -> Spool {
    var spool = Spool()
    spool.byteCount = file.count
    try file.withUnsafeBufferPointer { bytes in
      let reader = SpoolReader(salt: try SpoolHeader(bytes).salt)
      var place = SpoolHeader.byteCount
      while place < bytes.count {
        switch reader.next(in: UnsafeBufferPointer(rebasing: bytes[place...]), isEnd: true) {
        case .frame(let frame, let byteCount):
          spool.take(frame.content)
          place += byteCount
        case .foreign(let byteCount), .damaged(let byteCount):
          spool.damagedByteCount += byteCount
          place += byteCount
        case .torn, .needMore: place = bytes.count
        }
      }
    }
    return spool
  }

  /// Waits until the agent has written or seen the end of each of `count` recordings.
  func expectEnds(_ count: Int) async throws -> [Spool] {
    try await agent?.until("see \(count) recordings end") {
      try spools().filter { !$0.whys.isEmpty }.count == count
    }
    return try spools()
  }
}

extension AgentStage.Spool {
  fileprivate mutating func take(_ content: SpoolFrame.Content) {
    switch content {
    case .data(.input, _, let bytes): input += bytes
    case .data(_, _, let bytes): output += bytes
    case .start: startCount += 1
    case .end(let end, _): whys.append(end.why)
    case .window, .gap, .clock: break
    }
  }
}
