import CSys
package import Events

/// The terminal of a player: keys come one by one from it while the value lives, then it is as it was.
package final class PlayerTerminal {
  /// Where keys come from.
  package let descriptor: Int32
  private var state: csys_terminal
  private let persists: Bool
  private var isSet = false

  /// - Parameter persists: No key sends a signal.
  /// - Returns: nil when `descriptor` is no terminal.
  package init?(_ descriptor: Int32, persists: Bool) {
    var state = csys_terminal()
    guard csys_was_open(descriptor), csys_terminal_get(descriptor, &state) == 0 else { return nil }
    self.descriptor = descriptor
    self.state = state
    self.persists = persists
  }

  deinit { restore() }

  package func take() throws(SystemError) {
    // What somebody set while we were stopped is what we leave behind.
    if !isSet { _ = csys_terminal_get(descriptor, &state) }
    if csys_terminal_make_keys(descriptor, &state, persists) != 0 { throw SystemError("tcsetattr") }
    isSet = true
  }

  package func restore() {
    if isSet { _ = csys_terminal_restore(descriptor, &state) }
    isSet = false
  }
}

/// The size of the terminal that `descriptor` is; nil when it is none, or does not know its size.
package func windowOfTerminal(_ descriptor: Int32) -> Window? {
  var rows: UInt16 = 0
  var columns: UInt16 = 0
  guard csys_terminal_size(descriptor, &rows, &columns) == 0, rows > 0, columns > 0 else { return nil }
  return Window(columns: columns, rows: rows)
}

/// Signals that a player acts on, as data.
package struct PlayerSignals: ~Copyable {
  /// To poll for input.
  package let descriptor: Descriptor

  package enum Signal {
    /// It is to end the player: its number.
    case end(Int32)
    case stop, windowChanged, continued
  }

  package init() throws(SystemError) {
    let raw = csys_take_player_signals()
    if raw < 0 { throw SystemError("signalfd") }
    descriptor = Descriptor(owning: raw)
  }

  /// The next one, or nil when all have been told.
  package func next() -> Signal? {
    switch csys_next_signal(descriptor.raw) {
    case 0: nil
    case csys_sigtstp: .stop
    case csys_sigwinch: .windowChanged
    case csys_sigcont: .continued
    case let number: .end(number)
    }
  }
}
