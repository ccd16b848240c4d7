package import Events
package import Readers

/// A recording as a line in time on which one can go anywhere, in steps that somebody else paces.
///
/// A keyframe is made for each 256 KiB of output, so that going back costs the same in a long recording as in a short one.
/// They are made as the recording is played and, where it can be read twice, ahead of that in slices (``index(_:)``): there
/// are no threads.
package final class Timeline {
  /// What is read on before somebody looks at keys again, in bytes of output: some 20 ms.
  package static let sliceByteCount: UInt64 = 1 << 20
  /// The same, in events, which need not have any output.
  static let sliceEventCount = 1 << 16

  package let head: Playhead
  private let keyframes: Keyframes
  private let second: (() throws(ReadError) -> RecordingReader)?
  private let distant: DistantRecording?
  private var indexing = Indexing.notBegun

  private enum Indexing {
    case notBegun
    case running(Playhead)
    case done
  }

  /// - Parameters:
  ///   - reader: At the recording's start.
  ///   - second: Opens another reader of the same recording; nil when it can be read once only.
  ///   - distant: Where it lies elsewhere, whom to ask for keyframes: it is not read ahead then.
  ///   - draws: Whether somebody looks at the screen. Without it, there is no going back.
  ///   - keyframeSpacing: Bytes of output between two keyframes.
  package init(
    _ reader: RecordingReader, second: (() throws(ReadError) -> RecordingReader)? = nil,
    distant: DistantRecording? = nil, draws: Bool = true, keyframeSpacing: UInt64? = nil
  ) {
    keyframes = Keyframes(first: Playhead.start(of: reader), spacing: keyframeSpacing ?? Keyframes.usualSpacing)
    head = Playhead(reader, keyframes: draws ? keyframes : nil, draws: draws)
    self.second = second
    self.distant = distant
    endMilliseconds = distant?.endMilliseconds
  }

  /// How much has been indexed: the time of the last keyframe.
  package var keyframeCount: Int { keyframes.all.count }
  /// The time of the recording's last event; nil as long as its end has not been seen.
  package private(set) var endMilliseconds: UInt64?
  private var indexedFacts = RecordingState.Facts()

  /// What the recording is, once that is known: when it has an end, and all before it was read.
  package var state: RecordingState? {
    if let distant { return distant.state == .live ? nil : distant.state }
    let facts = head.facts.joined(with: indexedFacts)
    return facts.hasEnd && !isIndexing ? RecordingState(facts) : nil
  }

  // MARK: Going somewhere

  /// Begins to go to a place: from the nearest keyframe, unless the head is as near already. ``approach(_:)`` goes on.
  package func begin(_ place: Place) throws(ReadError) {
    let keyframe = nearest(to: place)
    if hasPassed(place) || keyframe.ordinal > head.ordinal { try head.restore(keyframe) }
  }

  /// The last keyframe that is not behind the place, whoever made it.
  private func nearest(to place: Place) -> Keyframe {
    let ours = keyframes.nearest(to: place)
    guard let distant else { return ours }
    // Between one of ours and the head, and near both: nobody has a better one.
    let passed = head.outputByteCount &- ours.outputByteCount
    if hasPassed(place), head.ordinal >= ours.ordinal, passed < 2 * Keyframes.usualSpacing { return ours }
    guard let theirs = distant.keyframe(place), theirs.ordinal > ours.ordinal else { return ours }
    return theirs
  }

  /// Goes on towards the place, by one slice.
  ///
  /// - Returns: Whether it is reached, or there is nothing more to read.
  package func approach(_ place: Place) throws(ReadError) -> Bool {
    try Self.run(head) { !self.isBefore(place) }
  }

  /// Goes to the place at once.
  package func seek(to place: Place) throws(ReadError) {
    try begin(place)
    while try !approach(place) {}
  }

  /// Whether what is before the place lacks nothing, but there is more than that.
  private func hasPassed(_ place: Place) -> Bool {
    switch place {
    case .milliseconds(let time): head.milliseconds > time
    case .ordinal(let count): head.ordinal > count
    case .end: false
    }
  }

  /// Whether the event that is next belongs before the place.
  private func isBefore(_ place: Place) -> Bool {
    switch place {
    case .milliseconds(let time): head.pendingMilliseconds <= time
    case .ordinal(let count): head.ordinal < count
    case .end: true
    }
  }

  /// - Parameter isThere: Asked with an event pending.
  /// - Returns: Whether it said yes, or there was no event any more.
  private static func run(_ head: Playhead, until isThere: () -> Bool) throws(ReadError) -> Bool {
    let byteCount = head.outputByteCount
    for _ in 0..<sliceEventCount where head.outputByteCount - byteCount < sliceByteCount {
      guard try head.peek() != nil else { return try !head.waitsForWhatIsBehind() }
      if isThere() { return true }
      head.advance()
    }
    return false
  }

  // MARK: Index

  /// Whether ``index()`` has anything to do.
  package var isIndexing: Bool {
    if case .done = indexing { return false }
    return second != nil && distant == nil
  }

  /// Makes keyframes ahead, by one slice. What is wrong there is told when playback comes to it.
  package func index() {
    do throws(ReadError) {
      switch indexing {
      case .notBegun:
        guard let second else { return }
        indexing = .running(Playhead(try second(), keyframes: keyframes))
      case .running(let ahead):
        if ahead.ordinal < keyframes.last.ordinal { try ahead.restore(keyframes.last) }
        guard try Self.run(ahead, until: { false }) else { return }
        endMilliseconds = ahead.milliseconds
        indexedFacts = ahead.facts
        indexing = .done
      case .done: break
      }
    } catch {
      indexing = .done
    }
  }

  // MARK: Search

  /// Where to go for the next place at which `text` comes onto the screen.
  package func makeSearch(for text: [UInt8], isBackward: Bool) throws(ReadError) -> Search? {
    guard let second else { return nil }
    return Search(text, isBackward: isBackward, from: head.ordinal, with: Playhead(try second())) {
      self.nearest(to: $0)
    }
  }
}
