/// What to make of an entry of a host's ledger, given what is held of its epoch (THREATS 18).
///
/// A decision only: no database, no clock.
package enum LedgerDecision: Equatable, Sendable {
  /// It is the next.
  case take
  /// It is taken, and what is wrong is noted for somebody to look into.
  case takeNoting(String)
  /// It is there already, to the byte.
  case held
  /// Another entry has its number: the host's state was copied, or put back.
  case fork

  /// The newest entry of an epoch.
  package struct Head: Equatable, Sendable {
    package var n: UInt64
    package var hash: String

    package init(n: UInt64, hash: String) {
      self.n = n
      self.hash = hash
    }
  }

  /// - Parameters:
  ///   - head: nil when nothing of the epoch is held.
  ///   - isFirstEpoch: Whether nothing of any other epoch is held.
  ///   - hash: Of the entry.
  ///   - kept: Hash of the entry that is held under the same number; nil when there is none.
  package init(head: Head?, isFirstEpoch: Bool, n: UInt64, previous: String, hash: String, kept: String?) {
    if let kept {
      self = kept == hash ? .held : .fork
      return
    }
    guard let head else {
      switch (n, previous, isFirstEpoch) {
      case (1, "", true): self = .take
      case (1, "", false): self = .takeNoting("a new ledger begins")
      default: self = .takeNoting("a ledger goes on of which this centre has no beginning")
      }
      return
    }
    guard n > head.n else {
      self = .fork
      return
    }
    if n == head.n + 1 {
      self = previous == head.hash ? .take : .fork
    } else {
      self = .takeNoting("entries \(head.n + 1) to \(n - 1) of the ledger are missing")
    }
  }
}
