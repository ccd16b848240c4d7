import CSys
import Events
import System

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

  /// What a program that cannot go on exits with; tlog's too.
  package static var failureStatus: Int32 { 1 }

  package init(_ program: Program, _ settings: Settings) {
    self.program = program
    self.settings = settings
    ids = Process.ids
    policy = FailurePolicy(settings.onFailure, program: program, user: ids.real_user)
  }

  /// Records the session.
  ///
  /// - Returns: The exit status: the shell's.
  /// - Throws: Why there was no session, or no end to it. The terminal is as it was found.
  package consuming func run() throws(Failure) -> Int32 {
    let person = Person(user: ids.real_user)
    let shell = Shell(settings, account: person)
    if program == .session, TerminalLock.recording(ofTerminalOf: Process.identifier) != nil { execute(shell) }
    try checkRights()
    if program == .session { say(settings.notice) }
    let start = Clock.elapsedNanoseconds
    let header = header(person)
    var sink = Sink(settings.writer, program: program, header: header)
    let isOpen = try open(&sink)
    do throws(SystemError) {
      return try record(shell, header, sink, isOpen: isOpen, startNanoseconds: start)
    } catch {
      throw Failure(error).adding(Text("Failed \(error.call)").bytes)
    }
  }

  // MARK: - Before

  /// A recorder that is installed to have rights of its own and runs without them can be switched off by the person.
  private func checkRights() throws(Failure) {
    guard csys_was_denied_rights() else { return }
    var denied = Failure("The recorder's own rights are withheld, by a nosuid mount or no_new_privs")
    denied.isCallersDoing = true
    if !policy.permits(denied) { throw Failure.told }
  }

  private func open(_ sink: inout Sink) throws(Failure) -> Bool {
    do throws(Failure) {
      try sink.reopen()
      return true
    } catch {
      let failure = error.adding("Failed creating log sink")
      if program == .rec && policy.onFailure == .refuse { throw failure }
      if !policy.permits(failure) { throw Failure.told }
      return false
    }
  }

  private func header(_ person: Person?) -> RecordingHeader {
    RecordingHeader(
      host: HostFacts.name, recording: HostFacts.recordingIdentifier, user: person?.name ?? [],
      terminal: Process.variable("TERM") ?? [], session: HostFacts.auditSession,
      startMilliseconds: Clock.wallMilliseconds)
  }

  /// Inside a terminal that is recorded already, the shell alone.
  private func execute(_ shell: Shell) -> Never { shell.start(ids).execute() }

  // MARK: - The session

  private func record(
    _ shell: Shell, _ header: RecordingHeader, _ sink: consuming Sink, isOpen: Bool, startNanoseconds: UInt64
  ) throws(SystemError) -> Int32 {
    let outer = OuterTerminal.find()
    let inner = try InnerEnds(outer, owner: ids.real_user)
    let lock = inner.number.flatMap { TerminalLock.take($0, recording: header.recording) }
    let held = try HeldChild(shell.start(ids), standard: inner.standard, terminal: inner.terminal)
    try becomeRecorder()
    csys_exclude_others()
    let signals = try Signals()
    var log = MessageLog(
      settings, header: header, sink: sink, isOpen: isOpen, policy: policy,
      shellGroup: shell.isInteractive && inner.number != nil ? held.pid : nil, transfer: shell.transfer)
    log.begin(sessionStart(shell, inner), at: 0)
    if log.mustEnd { return Self.failureStatus }
    if let outer { try prepare(outer, &log) }
    try writeSemaphore()
    inner.giveAway()
    let ends = RelayEnds(routes: inner.routes, master: inner.master, child: held.release())
    var relay = Relay<MessageLog>(ends, signals: signals, startNanoseconds: startNanoseconds)
    let outcome = try relay.run(outer, into: &log)
    finish(&log, outcome, startNanoseconds)
    if let outer { leave(outer) }
    _ = lock
    return status(outcome, log.mustEnd)
  }

  /// A background job must leave its terminal as it is.
  private func prepare(_ outer: OuterTerminal, _ log: inout MessageLog) throws(SystemError) {
    if let window = outer.window { log.record(window, at: 0) }
    if outer.isOurs { try outer.makeRaw(guarded: csys_terminal_guard() == CSYS_GUARD_NONE) }
  }

  /// tlog ends what it shows with a line feed, too.
  private func leave(_ outer: OuterTerminal) {
    outer.restore()
    say(bytes("\n"), on: outer.descriptor)
    csys_admit_others()
  }

  private func becomeRecorder() throws(SystemError) {
    if ids.effective_user != ids.real_user || ids.saved_user != ids.real_user {
      try Process.become(user: ids.effective_user, group: ids.effective_group)
    }
    csys_forbid_inspection()
  }

  private func sessionStart(_ shell: Shell, _ inner: InnerEnds) -> SessionStart {
    let limit = RecordingHeader.fieldByteCountMax
    return SessionStart(
      user: ids.real_user, loginUser: HostFacts.loginUser, parent: TerminalLock.recordingOfAncestor() ?? [],
      terminal: inner.number.map { Text("/dev/pts/\(Int64($0))").bytes } ?? [],
      command: bounded(shell.words, to: limit),
      trust: bytes(ids.effective_user != ids.real_user ? "trusted" : "self-reported"),
      terminalGuard: bytes(guardName(csys_terminal_guard())))
  }

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

  private func finish(_ log: inout MessageLog, _ outcome: Relay<MessageLog>.Outcome, _ start: UInt64) {
    let ended: SessionEnd.Outcome
    switch outcome.exit {
    case nil: ended = .unknown
    case .some(let exit) where exit.bySignal: ended = .signal(number: UInt8(truncatingIfNeeded: exit.status - 128))
    case .some(let exit): ended = .exit(code: UInt8(truncatingIfNeeded: exit.status))
    }
    let end = SessionEnd(
      outcome: ended, why: outcome.why, inputByteCount: outcome.inputByteCount,
      outputByteCount: outcome.outputByteCount)
    log.end(end, at: Clock.elapsedNanoseconds &- start)
    log.finish(startNanoseconds: start)
  }

  private func status(_ outcome: Relay<MessageLog>.Outcome, _ hasFailed: Bool) -> Int32 {
    if outcome.signal != 0 { Process.die(of: outcome.signal) }
    if hasFailed { return Self.failureStatus }
    return outcome.exit?.status ?? Self.failureStatus
  }
}

extension Sink {
  /// The sink that the settings name; ``reopen()`` opens it.
  fileprivate init(_ writer: Settings.Writer, program: Program, header: RecordingHeader) {
    switch writer {
    case .file(let path): self = .file(FileSink(path: path))
    case .syslog(let facility, let priority): self = .syslog(SyslogSink(facility: facility, priority: priority))
    case .journal(let priority, let augment):
      let labels = JournalSink.Labels(recording: header.recording, user: header.user, session: header.session)
      self = .journal(JournalSink(identifier: program.name, priority: priority, labels: augment ? labels : nil))
    }
  }
}
