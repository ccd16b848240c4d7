package import API
import Archive
import Events
import Identity

/// One who follows a recording: first what is there already, then what comes, without a seam.
package final class Follower {
  package enum News {
    /// Events as JSON joined by commas, and where they end.
    case events([UInt8], Position)
    /// Nothing now: wait for the bell.
    case nothing
    /// No more will come.
    case over(RecordingSummary)
  }

  private enum State {
    case new
    /// Reads the archive for itself.
    case reading(EventWalk)
    /// Has all messages up to that one, and the rest from the tail.
    case following(LiveTail, Int, UInt64)
  }

  private let projector: Projector
  private let tails: LiveTails
  private let id: RecordingID
  private var range: EventRange
  private let bell: @Sendable () -> Void
  private var state = State.new

  init(
    _ projector: Projector, _ tails: LiveTails, _ id: RecordingID, _ range: EventRange,
    bell: @escaping @Sendable () -> Void
  ) {
    self.projector = projector
    self.tails = tails
    self.id = id
    self.range = range
    self.bell = bell
  }

  /// What there is now.
  package func news() async throws -> News {
    while true {
      switch state {
      case .new:
        state = .reading(try await newWalk(range))
      case .reading(let walk):
        if let news = try await read(walk) { return news }
      case .following(let tail, _, let seq):
        switch tail.news(after: seq) {
        case .messages(let messages):
          if let news = take(messages) { return news }
        case .behind: await readAgain(after: seq)
        case .nothing: return .nothing
        case .over:
          guard let row = try await projector.archive.recording(id) else { return .nothing }
          if row.summary.state != .live && row.head.seq <= seq { return .over(row.summary) }
          // It was abandoned, and goes on.
          await readAgain(after: seq)
        }
      }
    }
  }

  /// To be called when nobody listens any more.
  package func leave() async {
    if case .following(let tail, let number, _) = state { await tails.leave(id, tail, number) }
    state = .new
  }

  private func readAgain(after seq: UInt64) async {
    await leave()
    range.after = Position(seq: seq)
  }

  private func newWalk(_ range: EventRange) async throws -> EventWalk {
    guard let row = try await projector.archive.recording(id) else { throw ArchiveError.damaged }
    return try await projector.walk(row, range).0
  }

  private func read(_ walk: EventWalk) async throws -> News? {
    let progress = try await walk.advance()
    let json = await walk.takeJSON()
    let position = await walk.position
    switch progress {
    case .more: return json.isEmpty ? nil : .events(json, position)
    case .stopped:
      // As much as one answer may have: a new walk goes on behind it.
      range.after = position
      state = .new
      return json.isEmpty ? nil : .events(json, position)
    case .atHead:
      let seq = position.seq
      range.after = Position(seq: seq)
      let (tail, number) = await tails.join(id, after: seq, walk, bell: bell)
      state = .following(tail, number, seq)
      return json.isEmpty ? nil : .events(json, Position(seq: seq))
    }
  }

  private func take(_ messages: [LiveTail.Message]) -> News? {
    guard case .following(let tail, let number, _) = state, let last = messages.last else { return nil }
    state = .following(tail, number, last.seq)
    let shown = messages.map(\.json).filter { !$0.isEmpty }
    if shown.isEmpty { return nil }
    return .events(Array(shown.joined(separator: [UInt8(ascii: ",")])), Position(seq: last.seq))
  }
}
