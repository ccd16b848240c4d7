import Synchronization

/// Slows down whoever guesses: after some failures from one place, or for one name, there is a pause that grows.
///
/// Kept in memory: a restart forgives, and nobody can fill the catalogue with failures.
final class SignInLimit: Sendable {
  /// Failures that cost nothing: a person mistypes.
  private static let freeFailureCount = 5
  /// A name is tried from many places: others must not be able to shut its owner out as easily.
  private static let freeFailureCountOfName = 50
  private static let pauseMillisecondsMax: Int64 = 300_000
  /// Places and names that are remembered; beyond, those that failed longest ago are forgotten.
  private static let entryCountMax = 4096

  private struct Entry {
    var failureCount = 0
    var last: Int64 = 0
  }

  private let entries = Mutex<[String: Entry]>([:])

  /// - Returns: Milliseconds to wait before the next attempt; 0 when it may be made now.
  func pause(name: String, address: String, now: Int64) -> Int64 {
    entries.withLock { entries in
      max(
        Self.pause(entries["a" + address], Self.freeFailureCount, now),
        Self.pause(entries["n" + name], Self.freeFailureCountOfName, now))
    }
  }

  func failed(name: String, address: String, now: Int64) {
    entries.withLock { entries in
      for key in ["a" + address, "n" + name] {
        entries[key, default: Entry()].failureCount += 1
        entries[key]?.last = now
      }
      if entries.count > Self.entryCountMax {
        let oldest = entries.sorted { $0.value.last < $1.value.last }.prefix(Self.entryCountMax / 4)
        for (key, _) in oldest { entries[key] = nil }
      }
    }
  }

  func succeeded(address: String) { entries.withLock { $0["a" + address] = nil } }

  private static func pause(_ entry: Entry?, _ free: Int, _ now: Int64) -> Int64 {
    guard let entry, entry.failureCount >= free else { return 0 }
    let pause = min(1000 << Int64(min(entry.failureCount - free, 10)), pauseMillisecondsMax)
    return max(0, entry.last + pause - now)
  }
}
