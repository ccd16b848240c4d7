import API
import Client
import Events
import Foundation
import Glibc
import Identity
import TestSupport
import Testing

/// A real centre and a real agent that has joined it, with a proxy between, and recorders that record through the agent.
final class JoinedStage {
  let centre: Centre
  let proxy: Proxy
  let host: String
  private(set) var agent: DrivenProgram?
  private let options: [String]
  private let environment: [String: String?]
  private let reader: CentreClient

  var scratch: ScratchDirectory { centre.directory }
  var socket: String { scratch.file("run-\(host)/self.sock") }
  private var state: String { "state-\(host)" }

  /// - Parameters:
  ///   - options: More of the agent's.
  ///   - environment: Of all programs, unless the centre is there already.
  ///   - joins: Whether the agent is given a join token; without one it needs a certificate that is there.
  init(
    host: String = "h1", _ options: [String] = [], environment: [String: String?] = [:], centre: Centre? = nil,
    joins: Bool = true
  ) async throws {
    self.host = host
    self.options = options
    self.environment = environment
    self.centre = if let centre { centre } else { try await Centre(environment: environment) }
    proxy = try Proxy(to: self.centre.port)
    reader = CentreClient(
      address: .local(path: self.centre.directory.file("data/stenod.sock")), identity: ClientIdentity())
    for folder in ["run-\(host)", "adopt-\(host)"] {
      try FileManager.default.createDirectory(
        atPath: self.centre.directory.file(folder), withIntermediateDirectories: true)
    }
    if joins {
      let token = try await self.centre.stenod("join-token", "--host", host)
      try scratch.write("token-\(host)", token)
    }
    try await startAgent()
  }

  deinit { proxy.end() }

  // MARK: - Agent and centre

  func startAgent() async throws {
    var words = [
      Centre.built("steno-agent"), "--state", scratch.file(state), "--run", scratch.file("run-\(host)"), "--host", host,
      "--adopt", scratch.file("adopt-\(host)"), "--server", "https://127.0.0.1:\(proxy.port)", "--ca",
      scratch.file("data/ca.pem"),
    ]
    if scratch.exists("token-\(host)") { words += ["--join", "@" + scratch.file("token-\(host)")] }
    agent = try DrivenProgram(
      onPipes: words + options, errors: .file(scratch.file("agent-\(host).log")), environment: environment)
    try await agent?.until("listen") { try agent?.isRunning() != true || LocalListener.isThere(socket) }
  }

  func endAgent(by signal: Int32 = SIGKILL) async throws {
    agent?.signal(signal)
    try await agent?.end()
  }

  func startCentre() async throws {
    try await centre.start()
    proxy.target = centre.port
  }

  var agentLog: String { scratch.text("agent-\(host).log") }

  // MARK: - Recording

  func record(_ program: [String], _ options: [String] = []) throws -> DrivenProgram {
    try DrivenProgram(
      onTerminal: [Surroundings.ours("tlog-rec"), "--writer=agent", "--agent-path=" + socket] + options + ["--"]
        + program,
      environment: environment, directory: scratch.path)
  }

  /// The name that the agent gave to what the running process records; nil while it has given none.
  func recording(of program: DrivenProgram) -> String? {
    guard let facts = ProcessFacts(program.pid) else { return nil }
    let end = "-\(String(facts.pid, radix: 16))-\(String(facts.startTicks, radix: 16)).spool"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: scratch.file(state + "/spool"))) ?? []
    return names.first { $0.hasSuffix(end) }.map { String($0.dropLast(6)) }
  }

  // MARK: - What the centre has

  /// nil while it has none of it.
  func summary(of rec: String) async throws -> RecordingSummary? {
    do {
      return try await reader.recording(id(of: rec))
    } catch ClientError.refused(404, _, _) {
      return nil
    }
  }

  func id(of rec: String) -> String { RecordingID(host: Array(host.utf8), rec: Array(rec.utf8)).description }

  /// Waits until the centre has the end of a recording.
  func awaitEnd(of rec: String, _ comment: String = "") async throws {
    var found: RecordingSummary?
    try await agent?.eventually("bring the end of \(rec) to the centre; \(comment); \(agentLog.suffix(800))") {
      found = try await self.summary(of: rec)
      return found.map { $0.state != .live } ?? false
    }
  }

  func held(_ rec: String) async throws -> HeldRecording {
    let collector = Collector()
    try await reader.messages(of: id(of: rec)) { await collector.take($0) }
    return try HeldRecording(await collector.bytes)
  }

  private actor Collector {
    var bytes: [UInt8] = []
    func take(_ piece: [UInt8]) { bytes += piece }
  }
}

/// A recording as the centre gives it back.
struct HeldRecording {
  private(set) var lines: [[UInt8]] = []
  private(set) var output: [UInt8] = []
  private(set) var kinds: [String] = []
  /// Numbers that do not run 1…n, links that do not hold, offsets that go back.
  private(set) var faults: [String] = []

  init(_ bytes: [UInt8]) throws {
    var messages = MessageReader(window: nil)
    var previous = ""
    var offset: UInt64 = 0
    for slice in bytes.split(separator: UInt8(ascii: "\n")) {
      let line = [UInt8](slice)
      try line.withUnsafeBufferPointer { text in
        let message = try messages.read(text)
        if message.sequence != UInt64(lines.count + 1) { faults.append("\(message.sequence) at \(lines.count + 1)") }
        if message.previous.map({ String(decoding: $0.array, as: UTF8.self) }) ?? "" != previous {
          faults.append("the link of \(message.sequence)")
        }
        if message.spoolOffset ?? 0 < offset { faults.append("the offset of \(message.sequence)") }
        offset = message.spoolOffset ?? 0
        previous = linkHash(of: text)
        kinds.append(Self.word(message.kind))
        while let event = try messages.next() {
          if case .data(let stream, _, let bytes) = event.content, stream != .input { output += bytes }
        }
      }
      lines.append(line)
    }
  }

  private static func word(_ kind: Message.Kind) -> String {
    switch kind {
    case .data: "data"
    case .start: "start"
    case .gap: "gap"
    case .end: "end"
    case .other: "other"
    }
  }

  /// Expects that nothing is missing, torn or twice, and that all of `shown` is there.
  func expect(_ shown: [UInt8], _ comment: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(faults == [], "\(comment)", sourceLocation: sourceLocation)
    let isClosed = kinds.first == "start" && kinds.last == "end" && kinds.count { $0 == "end" } == 1
    #expect(isClosed, "\(kinds.first ?? "") to \(kinds.last ?? ""); \(comment)", sourceLocation: sourceLocation)
    // Not as an expression in the macro, which would print every byte.
    let holdsAll = output.starts(with: shown)
    #expect(holdsAll, "\(shown.count) bytes shown, \(output.count) held; \(comment)", sourceLocation: sourceLocation)
  }
}

extension DrivenProgram {
  /// What the session showed: a recorder that ends by itself begins a new line behind it.
  var shownBySession: [UInt8] {
    if case .status? = exit, shown.ends(in: "\r\n") { return shown.dropLast(2) }
    return shown
  }
}

extension [UInt8] {
  fileprivate func ends(in text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
