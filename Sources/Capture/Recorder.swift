import CSys
import Events
package import Options
import SystemCalls

/// One run of a recorder, from the settings to the exit status.
///
/// The order matters (docs/threat-model.md, rules 1 to 7): the inner terminal is opened as the person, the sink before
/// there is a shell; then the shell is forked and waits, the recorder's ids become final, the recording begins, and only
/// then does the shell start.
package struct Recorder: ~Copyable {
  private let program: Program
  private let settings: Settings
  private let ids: csys_ids
  private let policy: FailurePolicy
  /// The recorder that this process descends from.
  private let above: TerminalLock.Recorder?

  /// What a program that cannot go on exits with; tlog's too.
  package static var failureStatus: Int32 { 1 }

  /// How long a terminal may take before there is room for what is said after a session.
  static var patienceMilliseconds: Int32 { 5000 }

  package init(_ program: Program, _ settings: Settings) {
    self.program = program
    self.settings = settings
    ids = Process.ids
    above = TerminalLock.recorderAbove()
    policy = FailurePolicy(settings.onFailure, program: program, user: ids.real_user)
  }

  /// Records the session.
  ///
  /// - Returns: The exit status: the shell's.
  /// - Throws: Why there was no session, or no end to it. The terminal is as it was found.
  package consuming func run() throws(Failure) -> Int32 {
    let shell = Shell(settings, user: ids.real_user)
    if program == .session, above?.servesThisTerminal == true { execute(shell) }
    try checkRights()
    if program == .session { say(settings.notice) }
    let start = Clock.elapsedNanoseconds
    if case .agent(let path) = settings.writer {
      let log = try open(SpoolLog(settings, at: place(path), claims(shell), policy, transfer: shell.transfer))
      return try record(shell, log, startNanoseconds: start)
    }
    return try record(shell, try openMessageLog(transfer: shell.transfer), startNanoseconds: start)
  }

  // MARK: - Before

  /// A recorder that is installed to have rights of its own and runs without them can be switched off by the person.
  private func checkRights() throws(Failure) {
    guard csys_was_denied_rights() else { return }
    var denied = Failure("The recorder's own rights are withheld, by a nosuid mount, no_new_privs or a tracer")
    denied.isCallersDoing = true
    if !policy.permits(denied) { throw Failure.told }
  }

  private func openMessageLog(transfer: TransferTally?) throws(Failure) -> MessageLog {
    let header = header(Person(user: ids.real_user)?.name ?? [])
    var sink = Sink(settings.writer, program: program, header: header)
    var isOpen = true
    do throws(Failure) { try sink.reopen() } catch {
      try allow(error)
      isOpen = false
    }
    return MessageLog(settings, header: header, sink: sink, isOpen: isOpen, policy: policy, transfer: transfer)
  }

  /// Nobody is looked up for an agent: it knows numbers, and finds out names itself (THREATS 6).
  private func claims(_ shell: Shell) -> Hello {
    let start = SessionStart(
      user: ids.real_user, loginUser: HostFacts.loginUser, parent: [], terminal: [], command: words(shell),
      trust: trust, terminalGuard: [])
    let process = ProcessIdentity(
      identifier: UInt32(bitPattern: Process.identifier), startTicks: HostFacts.processStartTicks)
    return Hello(process: process, group: ids.real_group, header: header([]), start: start)
  }

  private func place(_ path: [UInt8]) -> AgentPlace {
    AgentPlace(socketPath: path, isPrivileged: ids.effective_user != ids.real_user, user: ids.real_user)
  }

  private func open(_ log: consuming SpoolLog) throws(Failure) -> SpoolLog {
    var log = log
    do throws(Failure) { try log.open() } catch { try allow(error) }
    return log
  }

  /// Goes on without a place to record to, where that is allowed.
  private func allow(_ problem: Failure) throws(Failure) {
    let failure = problem.adding("Failed creating log sink")
    if program == .rec && policy.onFailure == .refuse { throw failure }
    if !policy.permits(failure) { throw Failure.told }
  }

  private func header(_ user: [UInt8]) -> RecordingHeader {
    RecordingHeader(
      host: HostFacts.name, recording: HostFacts.recordingIdentifier, user: user,
      terminal: Process.variable("TERM") ?? [], session: HostFacts.auditSession,
      startMilliseconds: Clock.wallMilliseconds)
  }

  /// Inside a terminal that is recorded already, the shell alone.
  private func execute(_ shell: Shell) -> Never { shell.start(ids).execute() }

  // MARK: - The session

  private func record<Log: EventLog & ~Copyable>(
    _ shell: Shell, _ log: consuming Log, startNanoseconds: UInt64
  ) throws(Failure) -> Int32 {
    var log = log
    do throws(SystemError) { return try record(shell, &log, startNanoseconds) } catch {
      throw Failure(error).adding(Text("Failed \(error.call)").bytes)
    }
  }

  private func record<Log: EventLog & ~Copyable>(
    _ shell: Shell, _ log: inout Log, _ startNanoseconds: UInt64
  ) throws(SystemError) -> Int32 {
    let outer = OuterTerminal.find()
    let inner = try InnerEnds(outer, owner: ids.real_user, recording: HostFacts.recordingIdentifier)
    let held = try HeldChild(shell.start(ids), standard: inner.standard, terminal: inner.terminal)
    try becomeRecorder()
    csys_exclude_others()
    let signals = try Signals()
    log.begin(
      sessionStart(shell, inner), shellGroup: shell.isInteractive && inner.number != nil ? held.pid : nil, at: 0)
    if log.mustEnd != nil { return Self.failureStatus }
    if let outer { try prepare(outer, inner, &log, startNanoseconds) }
    if log.mustEnd != nil { return Self.failureStatus }
    try writeSemaphore()
    inner.giveAway()
    Process.closeCallersDescriptors(exceptFor: logPath)
    let ends = RelayEnds(outer: outer, routes: inner.routes, master: inner.master, child: held.release())
    var relay = Relay<Log>(ends, signals: signals, startNanoseconds: startNanoseconds)
    let outcome = try relay.run(into: &log)
    log.end(sessionEnd(outcome), at: Clock.elapsedNanoseconds &- startNanoseconds)
    log.finish(startNanoseconds: startNanoseconds)
    if let outer { leave(outer) }
    return status(outcome, log.mustEnd == .failed)
  }

  private func prepare<Log: EventLog & ~Copyable>(
    _ outer: OuterTerminal, _ inner: InnerEnds, _ log: inout Log, _ startNanoseconds: UInt64
  ) throws(SystemError) {
    if let window = outer.window { log.record(window, at: 0) }
    // A background job must leave its terminal as it is.
    let typed = outer.isOurs ? Process.typedBefore + (try outer.take()) : Process.typedBefore
    guard !typed.bytes.isEmpty, let keyboard = inner.routes.keyboard else { return }
    keyboard.putAhead(typed.bytes)
    _ = try keyboard.read()
    log.record(
      keyboard.unrecorded, .input, keyboard: KeyboardState(master: keyboard.target.raw),
      at: Clock.elapsedNanoseconds &- startNanoseconds)
    if log.mustEnd == nil { try keyboard.deliverEchoed(typed.echoedByteCount, inner.terminal) }
  }

  /// tlog ends what it shows with a line feed, too.
  private func leave(_ outer: OuterTerminal) {
    outer.letGo()
    say(bytes("\n"), on: outer.descriptor, patience: Self.patienceMilliseconds)
    csys_admit_others()
  }

  private var logPath: [UInt8]? {
    if case .file(let path) = settings.writer { path } else { nil }
  }

  private func becomeRecorder() throws(SystemError) {
    if ids.effective_user != ids.real_user || ids.saved_user != ids.real_user {
      try Process.become(user: ids.effective_user, group: ids.effective_group)
    }
    csys_forbid_inspection()
  }

  private func sessionStart(_ shell: Shell, _ inner: InnerEnds) -> SessionStart {
    SessionStart(
      user: ids.real_user, loginUser: HostFacts.loginUser, parent: above?.recording ?? [],
      terminal: inner.number.map { Text("/dev/pts/\(Int64($0))").bytes } ?? [],
      command: words(shell), trust: trust,
      terminalGuard: bytes(guardName(csys_terminal_guard())))
  }

  private func words(_ shell: Shell) -> [UInt8] { bounded(shell.words, to: RecordingHeader.fieldByteCountMax) }

  private var trust: [UInt8] { bytes(ids.effective_user != ids.real_user ? "trusted" : "self-reported") }

  private func guardName(_ terminalGuard: csys_guard) -> StaticString {
    switch terminalGuard {
    case CSYS_GUARD_TAKEN: "taken"
    case CSYS_GUARD_EXCLUSIVE: "exclusive"
    default: "none"
    }
  }

  private func writeSemaphore() throws(SystemError) {
    guard let path = settings.semaphorePath else { return }
    let raw = withCString(path) { csys_open($0, O_WRONLY | O_CREAT | O_TRUNC, 0o600) }
    if raw < 0 { throw SystemError("open", path: path) }
    let file = Descriptor(owning: raw)
    if csys_write(file.raw, "READY", 5) != 5 { throw SystemError("write", path: path) }
  }

  // MARK: - After

  private func sessionEnd<Log: EventLog & ~Copyable>(_ outcome: Relay<Log>.Outcome) -> SessionEnd {
    let ended: SessionEnd.Outcome
    switch outcome.exit {
    case nil: ended = .unknown
    case .some(let exit) where exit.bySignal: ended = .signal(number: UInt8(truncatingIfNeeded: exit.status - 128))
    case .some(let exit): ended = .exit(code: UInt8(truncatingIfNeeded: exit.status))
    }
    return SessionEnd(
      outcome: ended, why: outcome.why, inputByteCount: outcome.inputByteCount,
      outputByteCount: outcome.outputByteCount)
  }

  private func status<Log: EventLog & ~Copyable>(_ outcome: Relay<Log>.Outcome, _ hasFailed: Bool) -> Int32 {
    if outcome.signal != 0 { Process.die(of: outcome.signal) }
    if hasFailed { return Self.failureStatus }
    return outcome.exit?.status ?? Self.failureStatus
  }
}

extension Sink {
  /// The sink of messages that the settings name; ``reopen()`` opens it.
  fileprivate init(_ writer: Settings.Writer, program: Program, header: RecordingHeader) {
    switch writer {
    case .file(let path): self = .file(FileSink(path: path))
    case .agent: preconditionFailure("an agent takes no messages")
    case .syslog(let facility, let priority): self = .syslog(SyslogSink(facility: facility, priority: priority))
    case .journal(let priority, let augment):
      let labels = JournalSink.Labels(recording: header.recording, user: header.user, session: header.session)
      self = .journal(JournalSink(identifier: program.name, priority: priority, labels: augment ? labels : nil))
    }
  }
}
