package import API
package import Archive
import GRDB
import ServiceLifecycle
import Synchronization

/// What hosts are told to do: to end sessions. A host asks and waits for the answer, so that it learns at once.
extension Fleet {
  /// A host that does not end a session is told again after so many milliseconds.
  private static let repeatAfter: Int64 = 5000

  /// Orders the end of a live recording's session.
  ///
  /// - Parameter who: Who wants it, as the audit list names them.
  package func orderEnd(of row: RecordingRow, by who: String, now: Int64) async throws {
    try await archive.pool.write { db in
      try db.execute(
        sql: """
          INSERT INTO end_orders (recording, at, who) VALUES (?1, ?2, ?3)
          ON CONFLICT (recording) DO UPDATE SET at = ?2, who = ?3, sent = NULL
          """, arguments: [row.number, now, who])
    }
    waiters.ring(row.summary.host)
  }

  /// The orders for a host, once there are some, or none after `wait` or when the centre stops.
  package func orders(for host: String, wait: Duration, now: @Sendable () -> Int64) async throws -> Orders {
    let waiting = waiters.join(host, for: wait)
    defer { waiters.leave(waiting) }
    let found = try await take(host, now: now())
    if !found.isEmpty || wait == .zero { return Orders(end: found) }
    for await _ in waiting.bells.cancelOnGracefulShutdown() { break }
    return Orders(end: try await take(host, now: now()))
  }

  private func take(_ host: String, now: Int64) async throws -> [String] {
    let sql = """
      SELECT r.rec FROM end_orders o JOIN recordings r ON r.number = o.recording
      WHERE r.host = ? AND r.state = 'live' AND (o.sent IS NULL OR o.sent < ?)
      """
    let before = now - Self.repeatAfter
    let found = try await archive.pool.read { try String.fetchAll($0, sql: sql, arguments: [host, before]) }
    if found.isEmpty { return [] }
    try await archive.pool.write { db in
      try db.execute(
        sql: """
          UPDATE end_orders SET sent = ?
          WHERE recording IN (SELECT number FROM recordings WHERE host = ? AND state = 'live')
          """, arguments: [now, host])
    }
    return found
  }
}

/// Hosts that wait for orders.
final class OrderWaiters: Sendable {
  struct Waiting: Sendable {
    let host: String
    let number: Int
    /// Gives something once there may be an order, the time is over, or the task is cancelled.
    let bells: AsyncStream<Void>
    let clock: Task<Void, Never>
  }

  private let state = Mutex<(next: Int, bells: [String: [Int: AsyncStream<Void>.Continuation]])>((0, [:]))

  func join(_ host: String, for wait: Duration) -> Waiting {
    let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.next += 1
      state.bells[host, default: [:]][state.next] = bell
      return state.next
    }
    let clock = Task {
      // Cancelled: nobody waits any more.
      try? await Task.sleep(for: wait)
      bell.yield()
    }
    return Waiting(host: host, number: number, bells: bells, clock: clock)
  }

  func leave(_ waiting: Waiting) {
    waiting.clock.cancel()
    state.withLock { state in
      state.bells[waiting.host]?[waiting.number] = nil
      if state.bells[waiting.host]?.isEmpty == true { state.bells[waiting.host] = nil }
    }
  }

  func ring(_ host: String) {
    let bells = state.withLock { $0.bells[host].map { Array($0.values) } ?? [] }
    for bell in bells { bell.yield() }
  }
}
