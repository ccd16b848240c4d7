package import CSys
package import Events

/// What was typed on a terminal before the recorder read it.
package struct TypedAhead {
  package var bytes: [UInt8] = []
  /// How many of the first bytes are as that terminal has edited and echoed them.
  package var echoedByteCount = 0

  package static func + (first: Self, second: Self) -> Self {
    let isEchoed = first.echoedByteCount == first.bytes.count
    return Self(
      bytes: first.bytes + second.bytes,
      echoedByteCount: first.echoedByteCount + (isEchoed ? second.echoedByteCount : 0))
  }
}

/// The terminal that the caller gave, as the recorder uses it: raw while it is the recorder's, as it was found otherwise.
package final class OuterTerminal {
  /// One of 0, 1, 2.
  package let descriptor: Int32
  /// What a terminal holds, read or on its way: 4 and 8 KiB. Nothing is lost of what is more: it comes after.
  private static let typedByteCountMax = 16384

  /// What it was when it was found, or taken again.
  package private(set) var state: csys_terminal
  /// Whether keys are the recorder's now: the terminal is raw.
  package private(set) var isTaken = false
  /// Whether a process of its own restores the terminal should this one be killed. A session's leader needs none: its
  /// terminal is hung up with it.
  private var isGuarded: Bool { csys_terminal_guard() == CSYS_GUARD_NONE }
  private var keeper: (pid: Int32, until: Int32)?

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

  deinit { letGo() }

  /// Whether its keys are meant for this process's standard input at all. Whoever pipes something in, or has /dev/null
  /// there, keeps the keyboard to themselves.
  package var hasKeyboard: Bool { descriptor == 0 }

  /// Whether its keys are meant for this process now; those of a background job's terminal are not.
  package var isOurs: Bool { hasKeyboard && csys_in_foreground(descriptor) }

  /// Makes the terminal raw; the value restores it when it goes.
  ///
  /// - Returns: What was typed before, as far as it has not been read.
  package func take() throws(SystemError) -> TypedAhead {
    var before = state
    var (count, echoed) = (0, 0)
    let typed = [UInt8](unsafeUninitializedCapacity: Self.typedByteCountMax) { buffer, initialized in
      count = csys_terminal_take_typed(descriptor, &before, buffer.baseAddress, buffer.count, &echoed)
      initialized = max(count, 0)
    }
    if count < 0 { throw SystemError("tcsetattr") }
    keep()
    return TypedAhead(bytes: typed, echoedByteCount: echoed)
  }

  /// Makes it raw again after the recorder was stopped or in the background, while others used the terminal.
  package func takeAgain() {
    // If it is still taken, the recorder was stopped where it stood, and what there is now may be its own doing.
    if !isTaken { csys_terminal_get(descriptor, &state) }
    var before = state
    if csys_terminal_make_raw(descriptor, &before) == 0 { keep() }
  }

  private func keep() {
    isTaken = true
    guard isGuarded, keeper == nil else { return }
    var until: Int32 = -1
    let pid = csys_keep_terminal(descriptor, &state, &until)
    if pid > 0 { keeper = (pid, until) }
  }

  /// Makes the terminal what it was when it was found; done when the object goes at the latest.
  package func letGo() {
    if isTaken { csys_terminal_restore(descriptor, &state) }
    leave()
  }

  /// Leaves the terminal as others have made it: it is theirs already.
  package func leave() {
    isTaken = false
    if let keeper { csys_dismiss_keeper(keeper.pid, keeper.until) }
    keeper = nil
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

  /// Opens one that looks like `outer`. To a job in the background it looks only as large: its modes are then those of
  /// whoever has the keyboard, say of a shell's line editor, and the new one keeps the kernel's.
  ///
  /// - Parameter owner: Whose it is: a user must own the terminal of their shell, or `mesg`, `tmux` and `>/dev/stderr` fail.
  package init(like outer: OuterTerminal, owner: UInt32) throws(SystemError) {
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
    // neither fails on a terminal that is ours alone
    var state = outer.state
    if csys_in_foreground(outer.descriptor) {
      csys_terminal_set(slave.raw, &state)
    } else {
      csys_terminal_resize(slave.raw, state.rows, state.columns)
    }
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
