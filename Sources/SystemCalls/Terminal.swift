package import CSys
package import Events

/// The terminal that the caller gave, as the recorder uses it: raw while the session lasts, then as it was.
package final class OuterTerminal {
  /// One of 0, 1, 2.
  package let descriptor: Int32
  package let state: csys_terminal
  private var keeper: (pid: Int32, until: Int32)?
  private var isRaw = false

  /// The first terminal among the descriptors that were open, or nil.
  package static func find() -> OuterTerminal? {
    for descriptor: Int32 in 0..<3 where csys_was_open(descriptor) {
      var state = csys_terminal()
      if csys_terminal_get(descriptor, &state) == 0 { return OuterTerminal(descriptor: descriptor, state: state) }
    }
    return nil
  }

  private init(descriptor: Int32, state: csys_terminal) {
    self.descriptor = descriptor
    self.state = state
  }

  deinit { restore() }

  /// Makes the terminal what it was when it was found; done when the object goes at the latest.
  package func restore() {
    var before = state
    if isRaw { csys_terminal_restore(descriptor, &before) }
    isRaw = false
    if let keeper { csys_dismiss_keeper(keeper.pid, keeper.until) }
    keeper = nil
  }

  /// Whether this process may use the terminal; a background job may not.
  package var isOurs: Bool { csys_in_foreground(descriptor) }

  /// Makes the terminal raw; the value restores it when it goes.
  ///
  /// - Parameter guarded: Whether a process of its own restores it should this one be killed. A session's leader needs
  ///   none: its terminal is hung up with it.
  package func makeRaw(guarded: Bool) throws(SystemError) {
    var before = state
    if csys_terminal_make_raw(descriptor, &before) != 0 { throw SystemError("tcsetattr") }
    isRaw = true
    if guarded && keeper == nil {
      var until: Int32 = -1
      let pid = csys_keep_terminal(descriptor, &before, &until)
      if pid > 0 { keeper = (pid, until) }
    }
  }

  /// Makes it raw again after the recorder had been stopped, when somebody else used the terminal meanwhile.
  package func makeRawAgain() {
    var before = state
    if isRaw { csys_terminal_make_raw(descriptor, &before) }
  }

  package var window: Window? {
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    guard csys_terminal_size(descriptor, &rows, &columns) == 0 else { return nil }
    return Window(columns: columns, rows: rows)
  }
}

/// A pseudo-terminal of the recorder's own: the inner terminal of a session.
package struct PseudoTerminal: ~Copyable {
  /// The recorder's end; does not block.
  package let master: Descriptor
  /// The shell's end; close it once the shell has it.
  package let slave: Descriptor
  /// N of /dev/pts/N.
  package let number: UInt32

  /// Opens one that looks like `outer`.
  ///
  /// - Parameter owner: Whose it is: a user must own the terminal of their shell, or `mesg`, `tmux` and `>/dev/stderr` fail.
  package init(like outer: csys_terminal, owner: UInt32) throws(SystemError) {
    var ends: (Int32, Int32) = (-1, -1)
    var number: UInt32 = 0
    let before = csys_set_file_user(owner)
    let result = csys_open_pty(&ends.0, &ends.1, &number)
    let code = csys_errno()
    _ = csys_set_file_user(before)
    if result != 0 { throw SystemError("posix_openpt", code: code) }
    master = Descriptor(owning: ends.0)
    slave = Descriptor(owning: ends.1)
    self.number = number
    var state = outer
    csys_terminal_set(slave.raw, &state)  // cannot fail on a terminal that is ours alone
  }
}

extension PseudoTerminal {
  /// Gives both ends to new owners.
  package consuming func give<Result>(
    to owners: (_ master: consuming Descriptor, _ slave: consuming Descriptor) -> Result
  ) -> Result {
    owners(master, slave)
  }
}

/// What the inner terminal does with keys now, asked on the recorder's end.
package struct KeyboardState: Equatable {
  /// ICANON: lines are edited before the program gets them.
  package var isCanonical: Bool
  package var echoes: Bool
  /// The foreground process group, or -1.
  package var foreground: Int32

  package init(isCanonical: Bool, echoes: Bool, foreground: Int32) {
    self.isCanonical = isCanonical
    self.echoes = echoes
    self.foreground = foreground
  }

  /// Nil when the terminal cannot be asked any more.
  package init?(master: Int32) {
    var canonical = false
    var echo = false
    guard csys_terminal_modes(master, &canonical, &echo) == 0 else { return nil }
    self.init(isCanonical: canonical, echoes: echo, foreground: csys_terminal_foreground(master))
  }
}
