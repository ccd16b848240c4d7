import CSys

/// Signals as data: those that a recorder acts on are blocked and told by a descriptor.
package struct Signals: ~Copyable {
  /// To poll for input.
  package let descriptor: Descriptor

  package enum Signal {
    case childEnded, hangUp, terminate, windowChanged, continued
  }

  package init() throws(SystemError) {
    let raw = csys_take_signals()
    if raw < 0 { throw SystemError("signalfd") }
    descriptor = Descriptor(owning: raw)
  }

  /// The next one, or nil when all have been told.
  package func next() -> Signal? {
    while true {
      switch csys_next_signal(descriptor.raw) {
      case 0: return nil
      case csys_sigchld: return .childEnded
      case csys_sighup where csys_was_ignored(csys_sighup): continue  // nohup(1)
      case csys_sighup: return .hangUp
      case csys_sigterm where csys_was_ignored(csys_sigterm): continue
      case csys_sigterm: return .terminate
      case csys_sigwinch: return .windowChanged
      case csys_sigcont: return .continued
      default: continue
      }
    }
  }
}
