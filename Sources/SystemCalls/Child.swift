import CSys

/// A program run under the recorder.
package final class Child {
  package let pid: Int32
  /// Whether it leads a session of its own, and so a process group.
  private let leadsSession: Bool
  /// What is written into it has the kernel continue the child.
  private let gate: Pipe

  /// How a child ended.
  package struct Exit: Equatable {
    /// What a shell would call its status: the exit code, or 128 + the signal's number.
    package var status: Int32
    package var bySignal: Bool

    package init(status: Int32, bySignal: Bool) {
      self.status = status
      self.bySignal = bySignal
    }
  }

  package enum Change: Equatable {
    case ended(Exit)
    /// By a signal; it runs on when it is continued.
    case stopped
  }

  fileprivate init(pid: Int32, leadsSession: Bool, gate: consuming Pipe) {
    self.pid = pid
    self.leadsSession = leadsSession
    self.gate = gate
  }

  /// What became of the child since it was last asked about; nil for nothing. Ask no more once it has ended.
  package func change() throws(SystemError) -> Change? {
    var exit = Exit(status: 0, bySignal: false)
    switch csys_change_of(pid, &exit.status, &exit.bySignal) {
    case Int32(CSYS_UNCHANGED.rawValue): return nil
    case Int32(CSYS_ENDED.rawValue): return .ended(exit)
    case Int32(CSYS_STOPPED.rawValue): return .stopped
    default: throw SystemError("waitpid")
    }
  }

  /// Sends a signal, if that is allowed: once the ids are the recorder's own, only the kernel can reach the child.
  package func signal(_ number: Int32) { _ = csys_kill(pid, number) }

  /// Stops it and its process group, if that is allowed.
  package func stop() { _ = csys_kill(leadsSession ? -pid : pid, csys_sigstop) }

  /// Lets it run on after it has stopped; with the recorder's own ids, only itself and not the rest of its process group.
  package func proceed() {
    if csys_kill(leadsSession ? -pid : pid, csys_sigcont) == 0 { return }
    var byte: UInt8 = 0
    if csys_write(gate.writer.raw, &byte, 1) == 1 { csys_read(gate.reader.raw, &byte, 1) }
  }
}

/// A child that has been forked and executes nothing until it is let go; if it never is, it ends without.
package struct HeldChild: ~Copyable {
  package let pid: Int32
  private let leadsSession: Bool
  private let gate: Pipe

  /// Forks.
  ///
  /// - Parameters:
  ///   - standard: What become descriptors 0, 1 and 2; -1 for closed. Borrowed for the call.
  ///   - terminal: The terminal of the child's new session; -1 leaves it in the caller's.
  package init(
    _ program: ProgramStart, standard: (Int32, Int32, Int32), terminal: Int32
  ) throws(SystemError) {
    let gate = try Pipe(owner: Process.ids.effective_user)
    let (reader, writer) = (gate.reader.raw, gate.writer.raw)
    let pid = program.withChild { child in
      child.standard = standard
      child.terminal = terminal
      child.death_signal = csys_sigkill
      child.gate = reader
      child.gate_writer = writer
      child.recorder = csys_pid()
      return csys_spawn(&child)
    }
    if pid < 0 { throw SystemError("fork") }
    if csys_continue_on(reader, pid) != 0 { throw SystemError("fcntl") }
    self.pid = pid
    self.gate = gate
    leadsSession = terminal >= 0
  }

  /// Lets it execute its program. Call when the recorder's ids are final and it can record.
  package consuming func release() -> Child {
    _ = csys_write(gate.writer.raw, "", 1)
    return Child(pid: pid, leadsSession: leadsSession, gate: gate)
  }
}

/// What to execute, and as whom.
package struct ProgramStart {
  package var path: [UInt8]
  /// Whether a `path` without a slash is looked for in PATH.
  package var isSearched: Bool
  package var arguments: [[UInt8]]
  /// `NAME=value` strings.
  package var environment: [[UInt8]]
  package var user: UInt32
  package var group: UInt32

  package init(
    path: [UInt8], isSearched: Bool, arguments: [[UInt8]], environment: [[UInt8]], user: UInt32, group: UInt32
  ) {
    self.path = path
    self.isSearched = isSearched
    self.arguments = arguments
    self.environment = environment
    self.user = user
    self.group = group
  }

  /// Becomes the program, without a recording. What fails is told on descriptor 2; never returns.
  package func execute() -> Never {
    // The call does not return, but is not declared so, since `withChild` has things to free behind it.
    withChild { child in csys_execute(&child) }
    Process.exit(127)
  }

  fileprivate func withChild<Result>(_ body: (inout csys_child) -> Result) -> Result {
    let arguments = StringVector(arguments)
    let environment = StringVector(environment)
    var child = csys_child()
    child.search = isSearched
    child.user = user
    child.group = group
    return withCString(path) { path in
      child.path = path
      return arguments.withPointer { arguments in
        child.arguments = arguments
        return environment.withPointer { environment in
          child.environment = environment
          return body(&child)
        }
      }
    }
  }
}

/// The two ends of a pipe(7).
package struct Pipe: ~Copyable {
  package let reader: Descriptor
  package let writer: Descriptor

  /// - Parameter owner: Whose it is, so that a program can open its own /dev/stderr again.
  package init(owner: UInt32) throws(SystemError) {
    var ends: (Int32, Int32) = (-1, -1)
    let before = csys_set_file_user(owner)
    let result = csys_pipe(&ends.0, &ends.1)
    let code = csys_errno()
    _ = csys_set_file_user(before)
    if result != 0 { throw SystemError("pipe2", code: code) }
    reader = Descriptor(owning: ends.0)
    writer = Descriptor(owning: ends.1)
  }

  /// Gives both ends to new owners.
  package consuming func give<Result>(
    to owners: (_ reader: consuming Descriptor, _ writer: consuming Descriptor) -> Result
  ) -> Result {
    owners(reader, writer)
  }
}
