import CSystem

/// A program run under the recorder.
package struct Child {
  package let pid: Int32

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

  /// What a child is started with.
  package struct Start: ~Copyable {
    package var path: [UInt8]
    /// Whether `path` without a slash is looked for in PATH.
    package var isSearched = false
    package var arguments: [[UInt8]]
    package var environment: [[UInt8]]
    /// What become descriptors 0, 1 and 2; -1 for closed. Borrowed until the child has been started.
    package var standard: (Int32, Int32, Int32) = (-1, -1, -1)
    /// The terminal that the child's new session gets; -1 leaves it in the caller's session.
    package var terminal: Int32 = -1
    package var user: UInt32
    package var group: UInt32

    package init(path: [UInt8], arguments: [[UInt8]], environment: [[UInt8]], user: UInt32, group: UInt32) {
      self.path = path
      self.arguments = arguments
      self.environment = environment
      self.user = user
      self.group = group
    }
  }

  /// Forks. The child waits at a gate before it executes anything; `prepare` makes the recorder ready meanwhile, and
  /// the gate opens when it has returned. When it throws, the child ends without having executed anything.
  package static func start(
    _ start: borrowing Start, prepare: () throws(SystemError) -> Void
  ) throws(SystemError) -> Child {
    var reader: Int32 = -1
    var writer: Int32 = -1
    if csys_pipe(&reader, &writer) != 0 { throw SystemError("pipe2") }
    let gate = Descriptor(owning: writer)
    let pid = spawn(start, gate: Descriptor(owning: reader), closing: gate.raw)
    if pid < 0 { throw SystemError("fork") }
    try prepare()
    _ = csys_write(gate.raw, "", 1)
    return Child(pid: pid)
  }

  private static func spawn(_ start: borrowing Start, gate: consuming Descriptor, closing writer: Int32) -> Int32 {
    let arguments = StringVector(start.arguments)
    let environment = StringVector(start.environment)
    var child = csys_child()
    child.search = start.isSearched
    child.standard = start.standard
    child.terminal = start.terminal
    child.user = start.user
    child.group = start.group
    child.death_signal = csys_sigkill
    child.gate = gate.raw
    child.gate_writer = writer
    return withCString(start.path) { path in
      child.path = path
      return arguments.withPointer { arguments in
        child.arguments = arguments
        return environment.withPointer { environment in
          child.environment = environment
          return csys_spawn(&child)
        }
      }
    }
  }

  /// How the child ended, or nil while it runs. Ask once more only after nil.
  package func reap() throws(SystemError) -> Exit? {
    var exit = Exit(status: 0, bySignal: false)
    let result = csys_reap(pid, &exit.status, &exit.bySignal)
    if result < 0 { throw SystemError("waitpid") }
    return result > 0 ? exit : nil
  }

  /// Sends a signal, if that is allowed: once the ids are the recorder's own, only the kernel can reach the child.
  package func signal(_ number: Int32) { _ = csys_kill(pid, number) }
}

/// The two ends of a pipe(7).
package struct Pipe: ~Copyable {
  package let reader: Descriptor
  package let writer: Descriptor

  package init() throws(SystemError) {
    var ends: (Int32, Int32) = (-1, -1)
    if csys_pipe(&ends.0, &ends.1) != 0 { throw SystemError("pipe2") }
    reader = Descriptor(owning: ends.0)
    writer = Descriptor(owning: ends.1)
  }
}
