import Foundation

/// How much room a file system has, for those who are not root.
struct FreeSpace {
  let free: UInt64
  let total: UInt64

  /// - Returns: nil when the system does not say.
  init?(path: String) {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { return nil }
    free = UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    total = UInt64(facts.f_blocks) * UInt64(facts.f_frsize)
  }
}
