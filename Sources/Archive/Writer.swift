import API
import Compression
import Events
import GRDB
import Identity

/// The one who writes. What arrives while a commit is under way waits for the next, and shares its sync.
actor Writer {
  private struct Pending {
    let submissions: [Submission]
    let now: Int64
    let answer: CheckedContinuation<[RecordingAnswer], any Error>
  }

  private struct Watcher {
    let number: Int
    let seq: UInt64
    let wake: CheckedContinuation<Void, Never>
  }

  private let pool: DatabasePool
  private let bounds: ArchiveBounds
  private let changes: Changes
  private var pending: [Pending] = []
  private var isCommitting = false
  private var watchers: [RecordingID: [Watcher]] = [:]
  private var watcherCount = 0

  init(pool: DatabasePool, bounds: ArchiveBounds, changes: Changes) {
    self.pool = pool
    self.changes = changes
    self.bounds = bounds
  }

  func append(_ submissions: [Submission], now: Int64) async throws -> [RecordingAnswer] {
    try await withCheckedThrowingContinuation { answer in
      pending.append(Pending(submissions: submissions, now: now, answer: answer))
      if isCommitting { return }
      isCommitting = true
      Task { await commitAll() }
    }
  }

  private func commitAll() async {
    while !pending.isEmpty {
      let started = ContinuousClock.now
      let group = pending
      pending = []
      await commit(group)
      // Under load the commit itself takes longer than this; when idle nobody waits.
      if !pending.isEmpty { try? await Task.sleep(until: started + Archive.commitInterval) }
    }
    isCommitting = false
  }

  private func commit(_ group: [Pending]) async {
    let bounds = bounds
    do {
      let answers = try await pool.write { db in
        try group.map { pending in
          try pending.submissions.map { try keep($0, now: pending.now, bounds: bounds, in: db) }
        }
      }
      for (pending, answer) in zip(group, answers) {
        pending.answer.resume(returning: answer)
        for (submission, said) in zip(pending.submissions, answer) {
          wake(submission.id, head: said.head, isOver: submission.facts.end != nil && said.status == .held)
        }
      }
      changes.note(group.flatMap { $0.submissions.map(\.id) })
    } catch {
      for pending in group { pending.answer.resume(throwing: error) }
    }
  }

  // MARK: - Those who follow

  func waitForMore(in id: RecordingID, after seq: UInt64) async {
    watcherCount += 1
    let number = watcherCount
    await withTaskCancellationHandler {
      await withCheckedContinuation { wake in
        if Task.isCancelled { return wake.resume() }
        watchers[id, default: []].append(Watcher(number: number, seq: seq, wake: wake))
        Task { await lookAgain(id) }
      }
    } onCancel: {
      Task { await self.forget(number, of: id) }
    }
  }

  /// Wakes those who follow recordings that are over.
  func wakeAll(of ids: [RecordingID]) {
    for id in ids { for watcher in watchers.removeValue(forKey: id) ?? [] { watcher.wake.resume() } }
  }

  /// For what was committed between the caller's look and its watcher.
  private func lookAgain(_ id: RecordingID) async {
    let row = try? await pool.read { try RecordingRow.fetch($0, id: id) }
    guard let row else { return }
    wake(id, head: row.head, isOver: row.summary.state != .live)
  }

  private func wake(_ id: RecordingID, head: Head, isOver: Bool = false) {
    guard let waiting = watchers[id] else { return }
    let kept = waiting.filter { $0.seq >= head.seq && !isOver }
    for watcher in waiting where watcher.seq < head.seq || isOver { watcher.wake.resume() }
    watchers[id] = kept.isEmpty ? nil : kept
  }

  private func forget(_ number: Int, of id: RecordingID) {
    guard let index = watchers[id]?.firstIndex(where: { $0.number == number }) else { return }
    watchers[id]?.remove(at: index).wake.resume()
  }
}

/// Decides about a submission and keeps what is new of it, inside the transaction of its group.
private func keep(
  _ submission: Submission, now: Int64, bounds: ArchiveBounds, in db: Database
) throws -> RecordingAnswer {
  let row = try RecordingRow.fetch(db, id: submission.id)
  let head = row?.head ?? .none
  func answer(_ status: RecordingAnswer.Status, _ head: Head, _ why: AppendDecision.Refusal? = nil) -> RecordingAnswer {
    RecordingAnswer(
      rec: submission.facts.rec, status: status, head: head, why: why?.rawValue,
      retryAfterSeconds: why?.retryAfterSeconds)
  }
  var held = HeldLines(row)
  let decision = try AppendDecision(head: head, isEnded: row?.hasEnd ?? false, lines: submission.lines) {
    try held.contains(submission, index: $0, in: db)
  }
  switch decision {
  case .conflict: return answer(.conflict, head)
  case .refused(let why): return answer(.refused, head, why)
  case .take(let first):
    guard first < submission.lines.count else { return answer(.held, head) }
    if row == nil, try RecordingRow.liveCount(db, host: submission.facts.host) >= bounds.livePerHostMax {
      return answer(.refused, head, .live)
    }
    return answer(.held, try insert(submission, from: first, row: row, now: now, in: db))
  }
}

private func insert(
  _ submission: Submission, from first: Int, row: RecordingRow?, now: Int64, in db: Database
) throws -> Head {
  let number = try row?.number ?? RecordingRow.insert(submission, in: db)
  let lines = submission.lines[first...]
  let last = lines[lines.endIndex - 1]
  let bytes = lines[first].range.lowerBound..<last.range.upperBound
  let frame = first == 0 ? submission.frame : try zstdFrame(of: [UInt8](submission.bytes[bytes]))
  try db.cachedStatement(sql: "INSERT INTO live (recording, first, last, frame) VALUES (?, ?, ?, ?)").execute(
    arguments: [number, Int64(lines[first].seq), Int64(last.seq), frame.data])
  try db.cachedStatement(
    sql: """
      INSERT INTO heads (recording, seq, hash, off, duration, bytes, received, lag, wall, skew)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      ON CONFLICT (recording) DO UPDATE SET seq = ?2, hash = ?3, off = ?4, duration = max(duration, ?5),
        bytes = bytes + ?6, received = ?7, lag = ?8, wall = ?9, skew = ?10
      """
  ).execute(arguments: [
    number, Int64(last.seq), last.hash, Int64(last.off), Int64(last.lastMilliseconds), bytes.count, now,
    submission.lagMilliseconds(of: last), last.wallMilliseconds.map { Int64(clamping: $0) },
    submission.sentMilliseconds.map { Int64(clamping: $0).subtracting(now) },
  ])
  if let row, row.summary.state != .live { try RecordingRow.reopen(number, in: db) }
  try RecordingRow.update(number, shown: row?.summary, with: lines, in: db)
  try RecordingRow.update(number, with: submission.facts, in: db)
  try noteDamage(number, wasDamaged: row?.isDamaged ?? false, submission, lines, now: now, in: db)
  if submission.facts.end != nil { try RecordingRow.close(number, in: db) }
  return Head(seq: last.seq, hash: last.hash, off: last.off)
}

/// Makes an incident of the first damage to a recording, and of an end that says that it was tampered with.
private func noteDamage(
  _ number: Int64, wasDamaged: Bool, _ submission: Submission, _ lines: ArraySlice<Submission.Line>, now: Int64,
  in db: Database
) throws {
  let holes = lines.compactMap(\.loss).filter(\.isDamage)
  let isTampered = submission.facts.end?.why == "\(SessionEnd.Why.tampered.name)"
  guard !wasDamaged, !holes.isEmpty || isTampered, let state = try RecordingRow.closedState(number, in: db) else {
    return
  }
  let sizes = holes.map { "\($0.byteCount) bytes of its spool file are not what was written" }
  let what = sizes.first ?? "its spool file is not as a recorder writes it"
  try db.execute(
    sql: "INSERT INTO incidents (at, host, what) VALUES (?, ?, ?)",
    arguments: [
      now, submission.facts.host, "\(state.rawValue): recording \(submission.id) of \(submission.facts.user): \(what)",
    ])
}

extension Submission {
  /// More is no lag, but a clock that was set.
  private static let lagMillisecondsMax: UInt64 = 30 * 86_400_000

  /// From the last event of a line to when it was sent, by the host's clock; 0 where that does not say.
  fileprivate func lagMilliseconds(of line: Line) -> Int64 {
    guard let sent = sentMilliseconds, let wall = line.wallMilliseconds, sent > wall else { return 0 }
    return sent - wall <= Self.lagMillisecondsMax ? Int64(sent - wall) : 0
  }
}
