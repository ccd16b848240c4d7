import Events
import Glibc
import Shipping
import Synchronization
import SystemCalls
import TestSupport

/// An agent on a scratch directory, with a clock that the test cranks, processes that the test ends, and a centre that
/// does what the test says.
final class AgentScene {
  static let millisecond: UInt64 = 1_000_000
  static let second: UInt64 = 1_000_000_000

  let scratch: ScratchDirectory
  let disk: FaultyDisk
  let adopted: FaultyDisk
  let centre = ScriptedCentre()
  private(set) var agent: Agent
  private(set) var now: UInt64 = 1_000 * second
  private(set) var log: [String] = []
  private let settings: AgentSettings
  private let ships: Bool
  private let processes: Processes

  /// What the kernel says, to be changed by the test.
  final class Processes: Sendable {
    let start = Mutex<UInt64?>(5)
    let boot: String
    init(boot: String) { self.boot = boot }
    var kernel: HostKernel {
      HostKernel(boot: boot) { [self] _ in
        start.withLock { start in start.map { .init(startTicks: $0, loginUser: 1000, session: 42) } }
      }
    }
  }

  init(ships: Bool = true, _ change: (inout AgentSettings) -> Void = { _ in }) throws {
    scratch = try ScratchDirectory()
    disk = FaultyDisk(try HostDisk(scratch.file("spool"), makes: true))
    adopted = FaultyDisk(try HostDisk(scratch.file("adopt"), makes: true))
    var settings = AgentSettings(statePath: scratch.path, runPath: scratch.path, host: Array("host.example".utf8))
    change(&settings)
    self.settings = settings
    self.ships = ships
    processes = Processes(boot: "b00")
    agent = Agent(
      settings, disk: disk, adoption: adopted, kernel: processes.kernel, ships: ships, jitter: { 1 }, log: { _ in })
    agent.named(geteuid(), Array("somebody".utf8))
  }

  /// A new agent on the same files, as after `kill -9`: nothing is saved, no connection is left.
  func restartAgent(boot: String = "b00") {
    agent = Agent(
      settings, disk: disk, adoption: adopted, kernel: HostKernel(boot: boot, facts: processes.kernel.facts),
      ships: ships, jitter: { 1 }, log: { [weak self] in self?.log.append($0) })
    agent.named(geteuid(), Array("somebody".utf8))
    agent.restore(at: now, wallMilliseconds: wall)
  }

  var wall: UInt64 { now / Self.millisecond }

  func endProcesses() { processes.start.withLock { $0 = nil } }

  func crank(_ nanoseconds: UInt64) {
    now += nanoseconds
    agent.tick(at: now, wallMilliseconds: wall)
  }

  /// A recorder that has said hello and been welcomed, and has begun.
  func recorder() throws -> ScriptedRecorder {
    let recorder = try ScriptedRecorder()
    try greet(recorder)
    try recorder.begin()
    return recorder
  }

  func greet(_ recorder: ScriptedRecorder, isTrusted: Bool = false, user: UInt32? = nil) throws {
    try accept(recorder, isTrusted: isTrusted)
    try recorder.sayHello(user: user)
    try listen(recorder)
  }

  func accept(_ recorder: ScriptedRecorder, isTrusted: Bool = false) throws {
    guard let socket = recorder.takeFar() else { return }
    agent.accept(socket, isTrusted: isTrusted, at: now)
  }

  /// Lets both read what the other said.
  func listen(_ recorder: ScriptedRecorder) throws {
    for connection in agent.connections { agent.hear(connection.number, at: now) }
    try recorder.hear()
  }

  /// Brings what is ready to the centre, and the answers back.
  func ship(_ fault: ScriptedCentre.Fault? = nil) {
    if let asked = agent.takeInquiry(at: now) {
      agent.inquired(fault == nil ? .success(centre.heads(asked)) : .failure(.unreachable(reason: [])), at: now)
    }
    for shipment in agent.takeShipments(at: now) {
      agent.answered(shipment.number, centre.deliver(shipment.batch, fault), at: now)
    }
  }

  /// Goes on until nothing is left to be sent, a bounded while.
  func settle() {
    var quietCount = 0
    for _ in 0..<2000 where quietCount < 4 {
      crank(100 * Self.millisecond)
      ship()
      quietCount = agent.hasUnsent ? 0 : quietCount + 1
    }
  }
}

/// A disk that fails where it is told to.
final class FaultyDisk: SpoolDisk {
  enum Call: Hashable { case make, save, sync, punch }

  let real: HostDisk
  var failing: Set<Call> = []
  private(set) var punchedByteCount: UInt64 = 0

  init(_ real: HostDisk) { self.real = real }

  private func check(_ call: Call) throws(SystemError) {
    if failing.contains(call) { throw SystemError("write", code: ENOSPC) }
  }

  func make(_ name: String, _ header: SpoolHeader) throws(SystemError) -> SpoolHandle {
    try check(.make)
    return try real.make(name, header)
  }
  func open(_ name: String) throws(SystemError) -> SpoolHandle { try real.open(name) }
  func names() -> [String] { real.names() }
  func save(_ bytes: [UInt8], as name: String) throws(SystemError) {
    try check(.save)
    try real.save(bytes, as: name)
  }
  func load(_ name: String) -> [UInt8]? { real.load(name) }
  func remove(_ name: String) { real.remove(name) }
  func rename(_ name: String, to new: String) throws(SystemError) { try real.rename(name, to: new) }
  func punch(_ handle: SpoolHandle, from: UInt64, upTo: UInt64) -> Bool {
    if failing.contains(.punch) { return false }
    punchedByteCount += upTo - from
    return real.punch(handle, from: from, upTo: upTo)
  }
  func sync() throws(SystemError) {
    try check(.sync)
    try real.sync()
  }
}
