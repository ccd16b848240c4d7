import CSys
package import Events
package import Options
package import SystemCalls

/// The log of a recorder with an agent: each event is in a spool file before it is shown (DESIGN §4, THREATS 11 to 14).
///
/// An event costs one append; the agent follows the file by itself. The socket is for control: budgets, pings, the order
/// to end. Without an agent the recorder goes on within the budget it has, and looks for the agent every two seconds. At
/// the budget output is no longer read, while input may go on for a while, so that ^C works.
///
/// A privileged recorder that finds no agent makes the file itself, for an agent to adopt. Where there is no file at all,
/// or it takes nothing, the policy decides; what is not recorded then is a gap.
package struct SpoolLog: EventLog, ~Copyable {
  /// Over the whole of the hand-shake (THREATS 6).
  private static let handshakeNanoseconds: UInt64 = 1_000_000_000
  /// How soon an agent that is being restarted is found again.
  private static let reconnectNanoseconds: UInt64 = 2_000_000_000
  private static let retryNanoseconds: UInt64 = 5_000_000_000
  /// The most that one read becomes: 64 KiB of a pipe in two frames, or 4 KiB of keys in seven, and a clock.
  private static let readByteCountMax: UInt64 = 65_536 + 9 * UInt64(SpoolFrame.headerByteCount)
  /// How much input may go on while output waits.
  private static let inputByteCountMax: UInt64 = 65_536
  /// Kept for the end, a gap and a last window.
  private static let endByteCountMax: UInt64 = 4096

  private enum Link {
    /// Nobody is there; when that is tried again.
    case absent(retryAt: UInt64)
    /// Hello was said, and is to be answered by then.
    case greeting(until: UInt64)
    /// The agent was told of the file, and is to answer by then.
    case resuming(until: UInt64)
    case joined
  }

  private let place: AgentPlace
  private let policy: FailurePolicy
  private let claims: Hello
  private var filter: EventFilter
  private var clock = WallClock()
  private var agent: AgentLink?
  private var link = Link.absent(retryAt: 0)
  private var file: SpoolFile?
  private var recording: [UInt8]
  private var encoder = SpoolEncoder(salt: 0)
  private var budget: UInt64 = 0
  private var frames = ByteBuilder(capacity: 8192)
  private var start: SessionStart?
  /// The last window, while it is not in the file.
  private var unwrittenWindow: Window?
  private var loss: Loss?
  /// Set while the file takes nothing, or there is none: when that is tried again.
  private var retryAt: UInt64?
  /// Why the agent did not take the recording.
  private var refusal: Failure?
  /// The policy has been asked, and the person told; until recording works again.
  private var hasFailed = false
  package private(set) var mustEnd: SessionEnd.Why?

  /// Opens nothing yet: see ``open()``.
  ///
  /// - Parameter claims: What the recorder says of itself; its start need not know the terminal yet.
  package init(
    _ settings: Settings, at place: AgentPlace, _ claims: Hello, _ policy: FailurePolicy, transfer: TransferTally?
  ) {
    self.place = place
    self.policy = policy
    self.claims = claims
    recording = claims.header.recording
    filter = EventFilter(settings, transfer: transfer)
  }

  // MARK: - Opening

  /// Finds the agent, within one second, or makes a file to be adopted. Call while the person's user id is still one of
  /// this process's: the kernel vouches for it.
  ///
  /// - Throws: why there is no place to record to. Events may come nevertheless, if that is allowed.
  package mutating func open() throws(Failure) {
    let deadline = Clock.elapsedNanoseconds + Self.handshakeNanoseconds
    var problem: Failure?
    do throws(Failure) {
      try greet(until: deadline)
      if file != nil { return }
    } catch {
      problem = error
    }
    leaveAgent(at: 0)
    if refusal == nil, place.adoptionPath != nil {
      do throws(SystemError) {
        return try makeFile()
      } catch {
        problem = Failure(error, meaning: "", bytes("Failed making a spool file for the agent to adopt"))
      }
    }
    retryAt = Self.retryNanoseconds
    hasFailed = true
    throw refusal ?? problem ?? place.failure(SystemError("recvmsg", code: ETIMEDOUT))
  }

  private mutating func greet(until deadline: UInt64) throws(Failure) {
    while agent == nil {
      do throws(SystemError) {
        agent = try AgentLink(place)
      } catch {
        // A backlog that is full may have room a moment later; nobody to listen is an answer.
        guard error.code == EAGAIN, Clock.elapsedNanoseconds < deadline else { throw place.failure(error) }
        Clock.wait(until: min(deadline, Clock.elapsedNanoseconds + 10_000_000), orWritable: nil)
      }
    }
    sayHello(until: deadline, at: 0)
    while case .greeting = link, Clock.elapsedNanoseconds < deadline {
      Clock.wait(until: deadline, orReadable: agent?.raw ?? -1)
      hear(at: 0)
    }
    // An answer that came while this process was stopped is one: the person can stop it now.
    hear(at: 0)
  }

  /// The real user at the start is the person; later it is the recorder, and the agent tells by the connection.
  private mutating func sayHello(until deadline: UInt64, at nanoseconds: UInt64) {
    let ids = Process.ids
    let sender = csys_peer(pid: Process.identifier, user: ids.real_user, group: ids.real_group)
    link = .greeting(until: deadline)
    send(.hello(claims), as: sender, at: nanoseconds)
  }

  /// Makes a file without an agent, in a place that is free.
  ///
  /// - Throws: EDQUOT when the person has left files in all of them.
  private mutating func makeFile() throws(SystemError) {
    guard let path = place.adoptionPath else { throw SystemError("open", code: ENOENT) }
    let header = SpoolHeader(
      salt: randomNumber(), madeAtMilliseconds: claims.header.startMilliseconds,
      recording: [UInt8](recording.prefix(SpoolHeader.recordingByteCountMax)))
    for number in 0..<AdoptionSlot.countMax {
      let slot = AdoptionSlot(user: claims.start.user, number: number)
      do throws(SystemError) {
        file = try SpoolFile.make(path + slot.name, header)
        encoder = SpoolEncoder(salt: header.salt)
        budget = slot.byteCountMax
        return
      } catch {
        if error.code != EEXIST { throw error }
      }
    }
    throw SystemError("open", path: path, code: EDQUOT)
  }

  // MARK: - Events

  package mutating func begin(_ start: SessionStart, shellGroup: Int32?, at nanoseconds: UInt64) {
    filter.begin(shellGroup: shellGroup)
    self.start = start
    if file != nil { writeStart(nanoseconds) }
  }

  private mutating func writeStart(_ nanoseconds: UInt64) {
    guard let start else { return }
    var header = claims.header
    header.recording = recording
    encoder.append(header, start, at: nanoseconds, to: &frames)
    append(byteCount: 0, nanoseconds)
  }

  package mutating func record(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, keyboard: KeyboardState?, at nanoseconds: UInt64
  ) {
    let pieceCount = filter.take(bytes, stream, keyboard, at: nanoseconds)
    if pieceCount == 0 { return }
    if let time = clock.newTime() { encoder.append(clock: time, at: nanoseconds, to: &frames) }
    for index in 0..<pieceCount {
      let piece = filter.nextPiece(index)
      encoder.append(piece.bytes, stream, mark: piece.mark, at: nanoseconds, to: &frames)
    }
    append(byteCount: filter.keptByteCount, nanoseconds)
  }

  package mutating func recordRest(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, at nanoseconds: UInt64
  ) -> Bool {
    guard takesRest else {
      lose(bytes.count, why: "budget", at: nanoseconds)
      return false
    }
    record(bytes, stream, keyboard: nil, at: nanoseconds)
    return mustEnd != .failed
  }

  package mutating func record(_ window: Window, at nanoseconds: UInt64) {
    guard filter.logsWindow else { return }
    unwrittenWindow = window
    writeWindow(nanoseconds)
  }

  private mutating func writeWindow(_ nanoseconds: UInt64) {
    guard let window = unwrittenWindow, retryAt == nil, hasRoom(Self.endByteCountMax) else { return }
    encoder.append(window, at: nanoseconds, to: &frames)
    append(byteCount: 0, nanoseconds)
    if retryAt == nil { unwrittenWindow = nil }
  }

  package mutating func end(_ end: SessionEnd, at nanoseconds: UInt64) {
    if retryAt != nil { retry(nanoseconds) }
    writeLoss(nanoseconds)
    var transfer = ByteBuilder(capacity: 256)
    filter.transfer?.append(to: &transfer)
    encoder.append(end, transfer: transfer.array, at: nanoseconds, to: &frames)
    append(byteCount: 0, nanoseconds)
  }

  /// There is nothing to wait for: what is in the file is the kernel's.
  package mutating func finish(startNanoseconds: UInt64) {}

  /// Appends the frames that were built.
  ///
  /// - Parameter byteCount: Recorded bytes in them, for a gap that they may become.
  private mutating func append(byteCount: Int, _ nanoseconds: UInt64) {
    defer { frames.clear() }
    guard retryAt == nil, file != nil else { return lose(byteCount, why: "sink", at: nanoseconds) }
    guard let problem = file?.append(frames.bytes) else { return }
    lose(byteCount, why: "sink", at: nanoseconds)
    fail(Failure(problem, meaning: "", bytes("Failed writing the spool file")), nanoseconds)
  }

  // MARK: - Failing

  package mutating func lose(_ byteCount: Int, why: StaticString, at nanoseconds: UInt64) {
    let now = nanoseconds / 1_000_000
    if loss == nil { loss = Loss(fromMilliseconds: now, toMilliseconds: now, byteCount: 0, why: bytes(why)) }
    loss?.toMilliseconds = now
    loss?.byteCount += UInt64(byteCount)
  }

  private mutating func writeLoss(_ nanoseconds: UInt64) {
    guard let lost = loss, lost.byteCount > 0, retryAt == nil else { return }
    encoder.append(lost, at: nanoseconds, to: &frames)
    loss = nil
    append(byteCount: 0, nanoseconds)
    if retryAt != nil { loss = lost }
  }

  private mutating func fail(_ failure: Failure, _ nanoseconds: UInt64) {
    retryAt = nanoseconds + Self.retryNanoseconds
    if hasFailed { return }
    hasFailed = true
    if !policy.permits(failure) { mustEnd = .failed }
  }

  /// Tries what failed: the file, or to get one. Where an agent has refused, it is asked again.
  private mutating func retry(_ nanoseconds: UInt64) {
    retryAt = nanoseconds + Self.retryNanoseconds
    if file == nil, refusal == nil { try? makeFile() }  // it is tried again, and the person has been told
    guard file != nil else {
      refusal = nil
      return connect(nanoseconds)
    }
    recover(nanoseconds)
  }

  /// There is a file that may work: what belongs at its beginning, what was lost, and on.
  private mutating func recover(_ nanoseconds: UInt64) {
    let isNew = file?.byteCount ?? 0 <= UInt64(SpoolHeader.byteCount)
    retryAt = nil
    if isNew { writeStart(nanoseconds) }
    writeLoss(nanoseconds)
    writeWindow(nanoseconds)
    guard retryAt == nil, hasFailed else { return }
    hasFailed = false
    policy.tellRecovery()
  }

  // MARK: - The agent

  package var controlDescriptor: Int32? {
    switch agent {
    case .some(let agent): agent.raw
    case .none: nil
    }
  }

  package mutating func hear(at nanoseconds: UInt64) {
    while agent != nil {
      do throws(SystemError) {
        guard var heard = try agent?.next() else { return }
        obey(heard.packet, heard.passed.take(), nanoseconds)
      } catch {
        return leaveAgent(at: nanoseconds)
      }
    }
  }

  private mutating func obey(_ packet: AgentPacket, _ passed: consuming Descriptor?, _ nanoseconds: UInt64) {
    switch packet {
    case .welcome(let welcome):
      guard case .greeting = link, file == nil, let passed else { return leaveAgent(at: nanoseconds) }
      file = SpoolFile(passed, byteCount: welcome.offset)
      encoder = SpoolEncoder(salt: welcome.salt)
      recording = welcome.recording
      budget = welcome.budget
      link = .joined
      if start != nil { recover(nanoseconds) }
    case .refuse(let refusal): refused(refusal, nanoseconds)
    case .budget(let byteCount):
      budget = max(budget, byteCount)
      link = .joined
      writeWindow(nanoseconds)
    case .ping(let token): send(.pong(token: token), at: nanoseconds)
    case .end(let order): obey(order)
    }
  }

  /// An order that says nothing of how the recording ended is one to end it.
  private mutating func obey(_ order: EndOrder) {
    if mustEnd != nil { return }
    mustEnd = order.why
    let text = order.text.filter { $0 >= 0x20 && $0 != 0x7f }
    if !text.isEmpty { say(bytes("\r\n") + text + bytes("\r\n")) }
  }

  private mutating func refused(_ refusal: Refusal, _ nanoseconds: UInt64) {
    var failure = Failure(refusal.text).adding("The agent does not take the recording")
    // How many recordings a person has, and how much of them waits, is their doing.
    failure.isCallersDoing = refusal.reason == .limit
    leaveAgent(at: nanoseconds)
    switch refusal.reason {
    case .limit, .space: self.refusal = failure
    case .identity, .malformed:
      self.refusal = failure
      // The file is no recording any more.
      if file != nil { fail(failure, nanoseconds) }
    case .other, .version, .closing: break
    }
  }

  private mutating func leaveAgent(at nanoseconds: UInt64) {
    agent = nil
    link = .absent(retryAt: nanoseconds + Self.reconnectNanoseconds)
  }

  private mutating func send(
    _ packet: RecorderPacket, as sender: csys_peer? = nil, at nanoseconds: UInt64
  ) {
    do throws(SystemError) { try agent?.send(packet, as: sender) } catch {
      // An agent that reads nothing is as good as none.
      leaveAgent(at: nanoseconds)
    }
  }

  /// Looks for the agent again, and shows it the file, or asks for one. Nothing is waited for.
  private mutating func connect(_ nanoseconds: UInt64) {
    agent = try? AgentLink(place)  // nil is tried again, and costs the session nothing
    guard agent != nil else { return leaveAgent(at: nanoseconds) }
    let until = nanoseconds + Self.handshakeNanoseconds
    guard let fileFacts else { return sayHello(until: until, at: nanoseconds) }
    link = .resuming(until: until)
    let resumption = Resumption(
      process: claims.process, file: fileFacts.identity, recording: recording, offset: fileFacts.byteCount)
    send(.resume(resumption), at: nanoseconds)
  }

  private var fileFacts: (identity: FileIdentity, byteCount: UInt64)? {
    switch file {
    case .some(let file): (file.identity, file.byteCount)
    case .none: nil
    }
  }

  package mutating func attend(at nanoseconds: UInt64) {
    if let retryAt, nanoseconds >= retryAt { retry(nanoseconds) }
    switch link {
    case .joined: break
    case .absent(let again): if file != nil, nanoseconds >= again { connect(nanoseconds) }
    case .greeting(let until), .resuming(let until): if nanoseconds >= until { leaveAgent(at: nanoseconds) }
    }
  }

  package mutating func rest(at nanoseconds: UInt64) {}

  // MARK: - What the relay asks

  private func hasRoom(_ byteCount: UInt64) -> Bool {
    guard let fileFacts, budget >= fileFacts.byteCount else { return false }
    return budget - fileFacts.byteCount >= byteCount
  }

  package func takes(_ stream: Stream) -> Bool {
    // Without a place to record to, the policy has spoken.
    if retryAt != nil { return true }
    let input = Self.readByteCountMax + Self.endByteCountMax
    return hasRoom(stream == .input ? input : input + Self.inputByteCountMax + Self.readByteCountMax)
  }

  package var takesRest: Bool { retryAt != nil || hasRoom(Self.readByteCountMax + Self.endByteCountMax) }

  /// An agent without its centre has no more room to give.
  package static var mayWaitForEver: Bool { true }

  package var wantsKeyboard: Bool { filter.logsInput }

  package var deadlineNanoseconds: UInt64? {
    let linkDeadline: UInt64?
    switch link {
    case .joined: linkDeadline = nil
    case .absent(let again): linkDeadline = file != nil ? again : nil
    case .greeting(let until), .resuming(let until): linkDeadline = until
    }
    guard let retryAt else { return linkDeadline }
    return min(retryAt, linkDeadline ?? .max)
  }

  package var awaitedDescriptor: Int32? { nil }
}
