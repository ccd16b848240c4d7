import CSystem

/// A file descriptor with one owner, closed with the value.
///
/// Every descriptor is opened close-on-exec; what a shell is to have is handed to it by name in ``Child``.
public struct Descriptor: ~Copyable {
  /// The number, for calls that borrow it while the owner lives. Never negative.
  package let raw: Int32

  /// Takes over `raw`; nobody else may close it from now on.
  package init(owning raw: Int32) {
    precondition(raw >= 0)
    self.raw = raw
  }

  deinit { csys_close(raw) }
}
