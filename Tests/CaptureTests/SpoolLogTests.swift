import CSys
import Events
import Foundation
import Options
import SystemCalls
import TestSupport
import Testing

@testable import Capture

/// The log of a recorder with an agent. Times are passed in; only the hand-shake has a clock of its own.
@Suite("A log in a spool file")
struct SpoolLogTests {
  private static let second: UInt64 = 1_000_000_000
  private let scratch: ScratchDirectory
  private let agent: ScriptedAgent
  private let start = SessionStart(
    user: 1000, loginUser: 1000, parent: [], terminal: Array("/dev/pts/7".utf8), command: [],
    trust: Array("trusted".utf8), terminalGuard: [])
  private let end = SessionEnd(outcome: .exit(code: 0), why: .exit, inputByteCount: 0, outputByteCount: 0)

  init() throws {
    scratch = try ScratchDirectory()
    agent = try ScriptedAgent(in: scratch)
  }

  private func log(
    _ configuration: String = "", onFailure: OnFailure = .refuse, isPrivileged: Bool = false, path: String? = nil
  ) throws -> SpoolLog {
    let text = "TLOG_REC_CONF_TEXT={\"writer\": \"agent\"\(configuration)}"
    let sources = ConfigurationSources(
      program: .rec, environment: [Array(text.utf8)], isPrivileged: false, readFile: { _ in nil })
    guard case .record(let settings) = try Invocation.make(from: sources, arguments: [Array("tlog-rec".utf8)]) else {
      throw CocoaError(.featureUnsupported)
    }
    let header = RecordingHeader(
      host: Array("h".utf8), recording: Array("r-1-2".utf8), user: [], terminal: Array("t".utf8), session: 1,
      startMilliseconds: 1_000_000)
    let hello = Hello(
      process: ProcessIdentity(identifier: 1, startTicks: 2), group: 0, header: header, start: start)
    let place = AgentPlace(
      socketPath: Array((path ?? agent.path).utf8), isPrivileged: isPrivileged, user: getuid(),
      adoptionPath: Array((scratch.path + "/").utf8))
    return SpoolLog(
      settings, at: place, hello, FailurePolicy(onFailure, program: .rec, user: 1000), transfer: nil)
  }

  /// What opening came to; nil when there is a place to record to.
  private func open(_ log: inout SpoolLog) -> Failure? {
    do throws(Failure) {
      try log.open()
      return nil
    } catch {
      return error
    }
  }

  private func begun(_ configuration: String = "", budget: UInt64 = 10 << 20) throws -> SpoolLog {
    var log = try log(configuration)
    let failure = agent.answering(.welcome(budget: budget)) { open(&log) }
    #expect(failure == nil)
    log.begin(start, shellGroup: nil, at: 0)
    return log
  }

  private func record(
    _ text: String, _ stream: Events.Stream = .output, into log: inout SpoolLog, keyboard: KeyboardState? = nil,
    at nanoseconds: UInt64 = 1
  ) {
    Array(text.utf8).withUnsafeBufferPointer { log.record($0, stream, keyboard: keyboard, at: nanoseconds) }
  }

  // MARK: - Events

  @Test("each event is in the spool file when it has been recorded, before it can be shown")
  func appends() throws {
    var log = try begun()
    #expect(agent.frames() == ["start a-1-2 /dev/pts/7"])
    record("one", into: &log)
    #expect(agent.frames().last == "output one")
    log.record(Window(columns: 80, rows: 24), at: 2)
    #expect(agent.frames().last == "window 80x24")
    record("two", .errorOutput, into: &log)
    #expect(agent.frames().last == "errorOutput two")
    log.end(end, at: 3)
    #expect(agent.frames().last == "end exit")
  }

  @Test("input is recorded only when it is to be, and masked as in every other log")
  func input() throws {
    var silent = try begun()
    record("secret", .input, into: &silent)
    #expect(agent.frames().count == 1)
    let other = try SpoolLogTests()
    var log = try other.begun(", \"log\": {\"input\": true}")
    let noEcho = KeyboardState(isCanonical: true, echoes: false, foreground: -1)
    other.record("pw\r", .input, into: &log, keyboard: noEcho)
    #expect(Array(other.agent.frames().suffix(2)) == ["input masked **", "input \r"])
    let wants = log.wantsKeyboard
    #expect(wants)
  }

  @Test("windows and output that are not to be recorded are not")
  func dataSet() throws {
    var log = try begun(", \"log\": {\"output\": false, \"window\": false}")
    record("unseen", into: &log)
    log.record(Window(columns: 80, rows: 24), at: 2)
    #expect(agent.frames().count == 1)
  }

  @Test("the kernel vouches for the person in the first packet")
  func credentials() throws {
    _ = try begun()
    #expect(agent.sender?.user == getuid())
    #expect(agent.sender?.pid == getpid())
  }

  // MARK: - Budget

  @Test("at the budget output waits, keys pass a while longer, and nothing is written beyond it")
  func budget() throws {
    let budget: UInt64 = 512 << 10
    var log = try begun(", \"log\": {\"input\": true}", budget: budget)
    let block = String(repeating: "x", count: 4096)
    var takes = log.takes(.output)
    while takes {
      record(block, into: &log)
      takes = log.takes(.output)
    }
    var keyCount = 0
    var takesInput = log.takes(.input)
    while takesInput {
      record(block, .input, into: &log)
      keyCount += 1
      takesInput = log.takes(.input)
    }
    #expect(keyCount * 4096 >= 65_536, "so much input passes while output waits")
    log.record(Window(columns: 80, rows: 24), at: 2)
    log.end(end, at: 3)
    #expect(agent.frames().last == "end exit")
    #expect(UInt64(agent.contents().count) <= budget)
    agent.send(.budget(10 << 20))
    log.hear(at: 4)
    let takesAgain = log.takes(.output)
    #expect(takesAgain)
  }

  @Test("what is left when the session is over has the room kept for input; what has none is a gap, and not shown")
  func restAtTheBudget() throws {
    let budget: UInt64 = 512 << 10
    var log = try begun(budget: budget)
    let block = String(repeating: "o", count: 65_536)
    var count = 0
    while log.takes(.output) {
      record(block, into: &log)
      count += 1
    }
    var shown = 0
    while log.takesRest {
      let mayBeShown = Array(block.utf8).withUnsafeBufferPointer { log.recordRest($0, .output, at: 2) }
      #expect(mayBeShown)
      shown += 1
    }
    #expect(shown > 0)
    let mayBeShown = Array("more".utf8).withUnsafeBufferPointer { log.recordRest($0, .output, at: 3) }
    #expect(!mayBeShown)
    log.end(end, at: 4)
    #expect(agent.frames().suffix(2).map { $0.split(separator: " ").prefix(2) } == [["gap", "4"], ["end", "exit"]])
    #expect(UInt64(agent.contents().count) <= budget)
  }

  @Test("a budget never goes down")
  func noLessBudget() throws {
    var log = try begun()
    agent.send(.budget(1))
    log.hear(at: 1)
    let takes = log.takes(.output)
    #expect(takes)
  }

  // MARK: - Control

  @Test("pings are answered with their token")
  func pings() throws {
    var log = try begun()
    agent.send(.ping(token: 4711))
    log.hear(at: 1)
    guard case .pong(let token)? = agent.nextPacket(waiting: true) else {
      Issue.record("no pong")
      return
    }
    #expect(token == 4711)
  }

  @Test("an order to end is obeyed, with the reason that it gives")
  func endOrder() throws {
    var log = try begun()
    let before = log.mustEnd
    agent.send(.end(EndOrder(why: .ended, text: [])))
    log.hear(at: 1)
    let after = log.mustEnd
    #expect(before == nil && after == .ended)
  }

  @Test("an agent that says what no agent says is left, and recording goes on")
  func nonsense() throws {
    var log = try begun()
    try [UInt8](repeating: 0xff, count: 16).withUnsafeBufferPointer { try agent.connection?.send(packet: $0) }
    log.hear(at: 1)
    record("on", into: &log)
    let control = log.controlDescriptor
    #expect(control == nil)
    #expect(agent.frames().last == "output on")
  }

  @Test("when the agent goes, recording goes on; when it comes back, it is shown the file and how far it goes")
  func resumes() throws {
    var log = try begun()
    agent.hangUp()
    log.hear(at: Self.second)
    record("alone", into: &log, at: Self.second)
    let due = log.deadlineNanoseconds
    let deadline = try #require(due)
    log.attend(at: deadline)
    #expect(agent.accept())
    guard case .resume(let resumption)? = agent.nextPacket(waiting: true) else {
      Issue.record("no resumption")
      return
    }
    #expect(resumption.offset == UInt64(agent.contents().count))
    #expect(resumption.recording == Array("a-1-2".utf8))
    #expect(agent.passedRaw == nil, "a recorder passes no descriptor")
    var facts = stat()
    #expect(fstat(agent.file, &facts) == 0)
    #expect(resumption.file == FileIdentity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino)))
    agent.send(.budget(20 << 20))
    log.hear(at: deadline)
    let idle = log.deadlineNanoseconds
    #expect(idle == nil, "nothing is due once the agent has answered")
    #expect(agent.frames().last == "output alone")
  }

  @Test("an agent that does not answer a resumption within a second is left and looked for again")
  func silentResumption() throws {
    var log = try begun()
    agent.hangUp()
    log.hear(at: 0)
    log.attend(at: 2 * Self.second)
    let due = log.deadlineNanoseconds
    let until = try #require(due)
    #expect(until == 3 * Self.second)
    log.attend(at: until)
    let control = log.controlDescriptor
    #expect(control == nil)
    let dueAgain = log.deadlineNanoseconds
    let again = try #require(dueAgain)
    #expect(again > until)
  }

  // MARK: - Without an agent

  @Test("without an agent whoever records themselves is told so")
  func noAgent() throws {
    var log = try log(path: scratch.file("nobody.sock"))
    let problem = open(&log)
    let failure = try #require(problem)
    #expect(failure.text.first == "No such file or directory: no agent is running")
    #expect(!failure.isCallersDoing)
  }

  @Test(
    "an agent that takes the call and says nothing, or nonsense, is not waited for longer than a second",
    arguments: [true, false])
  func deaf(isSilent: Bool) throws {
    var log = try log()
    let failure = agent.answering(isSilent ? .silence : .garbage) { open(&log) }
    #expect(failure?.text.last?.hasPrefix("Failed connecting to the agent") == true)
  }

  @Test("a privileged recorder without an agent makes a file to be adopted, and the agent that comes takes it over")
  func adoption() throws {
    var log = try log(isPrivileged: true, path: scratch.file("later.sock"))
    let problem = open(&log)
    #expect(problem == nil)
    log.begin(start, shellGroup: nil, at: 0)
    record("kept", into: &log)
    let file = scratch.bytes("1000.0.spool")
    let header = try file.withUnsafeBufferPointer { try SpoolHeader($0) }
    #expect(header.recording == Array("r-1-2".utf8))
    #expect(ScriptedAgent.frames(of: file, salt: header.salt) == ["start r-1-2 /dev/pts/7", "output kept"])
    #expect(try scratch.permissions(of: "1000.0.spool") == 0o660)
    try scratch.rename("agent.sock", to: "later.sock")
    log.attend(at: 5 * Self.second)
    #expect(agent.accept())
    guard case .resume(let resumption)? = agent.nextPacket(waiting: true) else {
      Issue.record("no resumption")
      return
    }
    #expect(resumption.offset == UInt64(file.count))
  }

  @Test("a recorder without an agent takes the first place that is free, and where none is, that is its person's doing")
  func adoptionPlaces() throws {
    for number in 0..<AdoptionSlot.countMax {
      let name = String(decoding: AdoptionSlot(user: 1000, number: number).name, as: UTF8.self)
      #expect(!scratch.exists(name))
      var log = try log(isPrivileged: true, path: scratch.file("nobody.sock"))
      let problem = open(&log)
      #expect(problem == nil)
      #expect(scratch.exists(name))
    }
    var log = try log(isPrivileged: true, path: scratch.file("nobody.sock"))
    let problem = open(&log)
    #expect(problem?.isCallersDoing == true)
  }

  @Test("an agent that has no room is asked again, and no file is made against its word")
  func noRoom() throws {
    var log = try log(onFailure: .continue, isPrivileged: true)
    let failure = agent.answering(.refuse(.space)) { open(&log) }
    #expect(failure?.isCallersDoing == false)
    log.begin(start, shellGroup: nil, at: 0)
    record("lost", into: &log, at: Self.second)
    agent.answering(.refuse(.space)) { log.attend(at: 5 * Self.second) }
    log.hear(at: 5 * Self.second)
    #expect(!scratch.exists("1000.0.spool"))
    agent.answering(.welcome(budget: 10 << 20)) { log.attend(at: 10 * Self.second) }
    log.hear(at: 10 * Self.second)
    record("kept", into: &log, at: 11 * Self.second)
    #expect(!scratch.exists("1000.0.spool"))
    #expect(agent.frames() == ["start a-1-2 /dev/pts/7", "gap 4 1000-1000", "output kept"])
  }

  @Test("a refusal for the person's own doing is theirs, and is not got around by a file of one's own")
  func refused() throws {
    var log = try log(isPrivileged: true)
    let failure = agent.answering(.refuse(.limit)) { open(&log) }
    #expect(failure?.isCallersDoing == true)
    #expect(!scratch.exists("1000.0.spool"))
  }

  @Test("an agent that is about to stop is as good as none")
  func closing() throws {
    var log = try log(isPrivileged: true)
    let failure = agent.answering(.refuse(.closing)) { open(&log) }
    #expect(failure == nil)
    #expect(scratch.exists("1000.0.spool"))
  }

  @Test("an agent is root's, the agent's own user's, or for one's own recordings one's own")
  func trust() {
    let own = AgentPlace(socketPath: [], isPrivileged: false, user: 1000)
    #expect(own.trusts(0) && own.trusts(1000) && !own.trusts(54321))
    let privileged = AgentPlace(socketPath: [], isPrivileged: true, user: 1000)
    #expect(privileged.trusts(0) && !privileged.trusts(1000))
  }

  // MARK: - Failing

  @Test("a spool file that takes nothing ends the session under `refuse`")
  func full() throws {
    var log = try log()
    let failure = agent.answering(.welcomeInto("/dev/full", budget: 1 << 30)) { open(&log) }
    #expect(failure == nil)
    log.begin(start, shellGroup: nil, at: 0)
    let why = log.mustEnd
    #expect(why == .failed)
  }

  @Test("under `continue` what is lost while there is no agent becomes a gap, once there is one")
  func gap() throws {
    var log = try log(onFailure: .continue, path: scratch.file("later.sock"))
    let problem = open(&log)
    #expect(problem != nil)
    log.begin(start, shellGroup: nil, at: 0)
    let (end, takes) = (log.mustEnd, log.takes(.output))
    #expect(end == nil && takes)
    record("lost", into: &log, at: Self.second)
    record("lost", into: &log, at: 2 * Self.second)
    try scratch.rename("agent.sock", to: "later.sock")
    agent.answering(.welcome(budget: 10 << 20)) { log.attend(at: 5 * Self.second) }
    log.hear(at: 5 * Self.second)
    record("kept", into: &log, at: 6 * Self.second)
    #expect(agent.frames() == ["start a-1-2 /dev/pts/7", "gap 8 1000-2000", "output kept"])
  }

  @Test("a frame that was written in part is cut back before anything else is written")
  func tornFrame() throws {
    // A memory file that cannot grow takes whole pages of what is written to it, and then nothing.
    let raw = csys_memory_file()
    try #require(raw >= 0 && ftruncate(raw, 10_000) == 0)
    try #require(fcntl(raw, 1033, 4) == 0)  // F_ADD_SEALS, F_SEAL_GROW
    var file = SpoolFile(Descriptor(owning: raw), byteCount: 0)
    let first = [UInt8](repeating: 1, count: 3000).withUnsafeBufferPointer { file.append($0) }
    let second = [UInt8](repeating: 2, count: 9000).withUnsafeBufferPointer { file.append($0) }
    #expect(first == nil)
    #expect(second != nil)
    let size = lseek(file.raw, 0, SEEK_END)
    let (byteCount, code) = (file.byteCount, second?.code)
    #expect(byteCount == 3000 && size == 3000, "errno \(code ?? 0)")
  }
}
