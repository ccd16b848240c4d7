import API
import Archive
import Events
import Identity
import Synchronization

/// The newest events of a recording that somebody follows: read, filtered and written as JSON once, for all who follow it.
///
/// Kept are the last ones, up to a bound. Whoever falls behind them reads the archive until they have caught up.
final class LiveTail: Sendable {
  /// What a follower may be behind without reading for themselves.
  private static let byteCountMax = 1 << 20
  private static let countMax = 4096

  struct Message: Sendable {
    let seq: UInt64
    /// Events as JSON joined by commas; empty for a message without any.
    let json: [UInt8]
  }

  enum News {
    /// Some messages, without holes after the one that was asked for.
    case messages([Message])
    /// Some that follow are not kept any more.
    case behind
    case nothing
    /// Nothing more is read: the recording was over, or could not be read. Whoever follows looks for themselves.
    case over
  }

  private struct State {
    var kept: [Message] = []
    var byteCount = 0
    /// The last message that was read.
    var seq: UInt64
    var isOver = false
    var bells: [Int: @Sendable () -> Void] = [:]
    var next = 0
  }

  private let state: Mutex<State>

  init(from seq: UInt64) { state = Mutex(State(seq: seq)) }

  func news(after seq: UInt64) -> News {
    state.withLock { state in
      if state.seq <= seq { return state.isOver ? .over : .nothing }
      guard let first = state.kept.first, first.seq <= seq + 1 else { return .behind }
      // No holes: a message's place follows from its number.
      return .messages(Array(state.kept[Int(seq + 1 - first.seq)...]))
    }
  }

  func add(_ message: Message) {
    state.withLock { state in
      state.kept.append(message)
      state.byteCount += message.json.count
      state.seq = message.seq
      var dropped = 0
      while state.byteCount > Self.byteCountMax || state.kept.count - dropped > Self.countMax,
        dropped < state.kept.count - 1
      {
        state.byteCount -= state.kept[dropped].json.count
        dropped += 1
      }
      state.kept.removeFirst(dropped)
    }
  }

  var isOver: Bool { state.withLock { $0.isOver } }

  /// Nothing more will be added.
  func end() {
    state.withLock { $0.isOver = true }
    ring()
  }

  func ring() {
    let bells = state.withLock { Array($0.bells.values) }
    for bell in bells { bell() }
  }

  func join(_ bell: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.next += 1
      state.bells[state.next] = bell
      return state.next
    }
  }

  /// - Returns: Whether nobody is left.
  func leave(_ number: Int) -> Bool {
    state.withLock { state in
      state.bells[number] = nil
      return state.bells.isEmpty
    }
  }
}

/// The tails of all recordings that are followed now.
actor LiveTails {
  private let archive: Archive
  private var tails: [RecordingID: (tail: LiveTail, reading: Task<Void, Never>)] = [:]

  init(archive: Archive) { self.archive = archive }

  /// The tail of a recording; a new one goes on with `walk`, which has come to message `seq`.
  func join(
    _ id: RecordingID, after seq: UInt64, _ walk: EventWalk, bell: @escaping @Sendable () -> Void
  ) -> (LiveTail, Int) {
    if let found = tails[id], !found.tail.isOver { return (found.tail, found.tail.join(bell)) }
    let tail = LiveTail(from: seq)
    let number = tail.join(bell)
    tails[id] = (tail, Task { [archive] in await Self.read(archive, id, walk, into: tail) })
    return (tail, number)
  }

  func leave(_ id: RecordingID, _ tail: LiveTail, _ number: Int) {
    guard tail.leave(number), let found = tails[id], found.tail === tail else { return }
    found.reading.cancel()
    tails[id] = nil
  }

  private static func read(
    _ archive: Archive, _ id: RecordingID, _ walk: EventWalk, into tail: LiveTail
  ) async {
    defer { tail.end() }
    do {
      await walk.open()
      while !Task.isCancelled {
        let messages = try await walk.follow()
        for message in messages { tail.add(message) }
        if !messages.isEmpty {
          tail.ring()
          continue
        }
        let seq = await walk.position.seq
        guard let row = try await archive.recording(id) else { return }
        if row.head.seq > seq { continue }
        if row.summary.state != .live { return }
        try await archive.waitForMore(in: id, after: seq)
      }
    } catch {
      // Those who follow look for themselves when they are rung, and say what is wrong.
      return
    }
  }
}
