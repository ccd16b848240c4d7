import API
import Synchronization

/// How much of the centre's time one host may take (THREATS 22): whoever has a certificate may still be hostile.
///
/// Counted are requests whose certificate has been looked at, before their bodies are read. What is above the bounds is
/// refused with a time after which to come again, and costs next to nothing.
final class HostGate: Sendable {
  /// An agent has one batch under way and waits for its answer, which comes after a commit of some milliseconds.
  static let requestsPerSecond = 400.0
  /// What may come at once after a quiet while.
  static let burst = 800.0
  /// Bodies of one host in memory: each may be 8 MiB, and as much again unpacked.
  static let bodiesMax = 4

  private struct Share {
    var allowance = HostGate.burst
    var countedAt: Int64
    var bodies = 0
  }

  /// One for each host that has a certificate and came: those are enrolled by an administrator.
  private let shares = Mutex<[String: Share]>([:])

  /// Lets a request in, if its host has not had too many.
  ///
  /// - Parameter now: Milliseconds; may jump back, which gives nothing.
  /// - Throws: ``API/Problem`` `rate`.
  func enter(_ host: String, now: Int64) throws(Problem) {
    let problem: Problem? = shares.withLock { shares in
      var share = shares[host] ?? Share(countedAt: now)
      defer { shares[host] = share }
      let passed = Double(max(0, now - share.countedAt)) / 1000
      share.allowance = min(Self.burst, share.allowance + passed * Self.requestsPerSecond)
      share.countedAt = now
      guard share.bodies < Self.bodiesMax else {
        return Problem(error: "rate", why: "the host has \(Self.bodiesMax) requests under way")
      }
      guard share.allowance >= 1 else {
        return Problem(error: "rate", why: "the host sends more than \(Int(Self.requestsPerSecond)) requests a second")
      }
      share.allowance -= 1
      share.bodies += 1
      return nil
    }
    if let problem { throw problem }
  }

  func leave(_ host: String) { shares.withLock { $0[host]?.bodies -= 1 } }
}
