import CSys

/// Signals as data: those that a recorder acts on are blocked and told by a descriptor.
package struct Signals: ~Copyable {
  /// To poll for input.
  package let descriptor: Descriptor

  package enum Signal {
    case hangUp, interrupt, quit, terminate, stop, windowChanged, continued
  }

  package init() throws(SystemError) {
    let raw = csys_take_signals()
    if raw < 0 { throw SystemError("signalfd") }
    descriptor = Descriptor(owning: raw)
  }

  /// The next one, or nil when all have been told. What the caller wants ignored is, as with nohup(1).
  package func next() -> Signal? {
    while true {
      let number = csys_next_signal(descriptor.raw)
      if number == 0 { return nil }
      if let signal = signal(number) { return signal }
    }
  }

  private func signal(_ number: Int32) -> Signal? {
    switch number {
    case csys_sigwinch: .windowChanged
    case csys_sigcont: .continued
    case _ where csys_was_ignored(number): nil
    case csys_sighup: .hangUp
    case csys_sigint: .interrupt
    case csys_sigquit: .quit
    case csys_sigterm: .terminate
    case csys_sigtstp: .stop
    default: nil
    }
  }
}
