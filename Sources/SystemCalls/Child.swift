import CSys

/// A program run under the recorder, by a process of its own: its warden (THREATS 1).
package final class Child {
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
    /// The warden is gone: nobody can tell any more what becomes of the program.
    case lost
  }

  private let warden: Descriptor
  private var isLost = false

  fileprivate init(warden: consuming Descriptor) { self.warden = warden }

  /// Can be read when there is a ``change()``; nil once there will be none.
  package var descriptor: Int32? { isLost ? nil : warden.raw }

  /// What became of the child since it was last asked about; nil for nothing.
  package func change() -> Change? {
    var exit = Exit(status: 0, bySignal: false)
    switch csys_change_of(warden.raw, &exit.status, &exit.bySignal) {
    case CSYS_ENDED: return .ended(exit)
    case CSYS_STOPPED: return .stopped
    case CSYS_LOST:
      isLost = true
      return .lost
    default: return nil
    }
  }

  /// Sends it a signal; none reaches it once it has ended.
  package func signal(_ number: Int32) { order(number) }

  /// Stops it, and its process group if it leads one.
  package func stop() { order(csys_sigstop) }

  /// Lets those run on after they have stopped.
  package func proceed() { order(csys_sigcont) }

  /// Leaves to itself what the child has left running. Give no orders after it.
  package func leave() { order(Int32(CSYS_LEAVE.rawValue)) }

  /// Kills it and all that has come of it, whoever's it has become. Give no orders after it.
  package func end() { order(Int32(CSYS_END.rawValue)) }

  private func order(_ number: Int32) { csys_order(warden.raw, UInt8(truncatingIfNeeded: number)) }
}

/// A child that has been forked and executes nothing until it is let go; if it never is, it ends without.
package struct HeldChild: ~Copyable {
  package let pid: Int32
  private let warden: Descriptor
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
    var warden: Int32 = -1
    let pid = program.withChild { child in
      child.standard = standard
      child.terminal = terminal
      child.death_signal = csys_sigkill
      child.gate = reader
      child.gate_writer = writer
      return csys_spawn(&child, &warden)
    }
    if pid < 0 { throw SystemError("fork") }
    self.pid = pid
    self.warden = Descriptor(owning: warden)
    self.gate = gate
  }

  /// Lets it execute its program. Call when the recorder's ids are final and it can record.
  package consuming func release() -> Child {
    _ = csys_write(gate.writer.raw, "", 1)
    return Child(warden: warden)
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
