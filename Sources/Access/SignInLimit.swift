import Foundation
import Synchronization

/// Slows down whoever guesses: after some failures of one account from one place, or of any from there, there is a pause
/// that grows. Others elsewhere are not touched, so that nobody can be shut out by somebody's guesses.
///
/// Kept in memory: a restart forgives, and nobody can fill the catalogue with failures.
final class SignInLimit: Sendable {
  /// Failures that cost nothing: a person mistypes.
  private static let freeFailureCount = 5
  /// A place may be an office behind one address.
  private static let freeFailureCountOfPlace = 50
  private static let pauseMillisecondsMax: Int64 = 300_000
  /// Failures that nothing has been added to for so long are forgotten.
  private static let memoryMilliseconds: Int64 = 3_600_000
  /// What is remembered at most; beyond, those that failed longest ago are forgotten.
  private static let entryCountMax = 4096

  /// Where an attempt came from, and whose account it was for; nil: all that came from there.
  private struct Key: Hashable {
    let place: String
    let name: String?
  }

  private struct Entry {
    var failureCount = 0
    var last: Int64 = 0
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// - Parameter name: The account; nil for a link, whose word nobody guesses.
  /// - Returns: Milliseconds to wait before the next attempt; 0 when it may be made now.
  func pause(name: String?, address: String, now: Int64) -> Int64 {
    let place = Self.place(of: address)
    return entries.withLock { entries in
      let ofAccount = name.map { Self.pause(entries[Key(place: place, name: $0)], Self.freeFailureCount, now) }
      return max(ofAccount ?? 0, Self.pause(entries[Key(place: place, name: nil)], Self.freeFailureCountOfPlace, now))
    }
  }

  func failed(name: String?, address: String, now: Int64) {
    let place = Self.place(of: address)
    entries.withLock { entries in
      for key in Set([Key(place: place, name: name), Key(place: place, name: nil)]) {
        var entry = entries[key] ?? Entry()
        if now - entry.last > Self.memoryMilliseconds { entry.failureCount = 0 }
        entry.failureCount += 1
        entry.last = now
        entries[key] = entry
      }
      if entries.count > Self.entryCountMax {
        let oldest = entries.sorted { $0.value.last < $1.value.last }.prefix(Self.entryCountMax / 4)
        for (key, _) in oldest { entries[key] = nil }
      }
    }
  }

  /// What failed for other accounts stays: whoever has one could else go on guessing by signing in now and then.
  func succeeded(name: String, address: String) {
    entries.withLock { $0[Key(place: Self.place(of: address), name: name)] = nil }
  }

  private static func pause(_ entry: Entry?, _ free: Int, _ now: Int64) -> Int64 {
    guard let entry, entry.failureCount >= free else { return 0 }
    let pause = min(1000 << Int64(min(entry.failureCount - free, 10)), pauseMillisecondsMax)
    return max(0, entry.last + pause - now)
  }

  /// Who has one address of IPv6 has all those of its first 64 bits (RFC 6177).
  private static func place(of address: String) -> String {
    var bytes = in6_addr()
    guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
    return withUnsafeBytes(of: &bytes) { all in
      // An address of IPv4 in the form of the other (RFC 4291, 2.5.5.2).
      let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xff && all[11] == 0xff
      return (isMapped ? all[12...] : all[..<8]).map { String($0, radix: 16) }.joined(separator: ":")
    }
  }
}
