package import Events
import Readers

/// All that what follows depends on, at the beginning of a message.
package struct Keyframe {
  let milliseconds: UInt64
  /// Events before it.
  let ordinal: UInt64
  /// Bytes of output before it.
  let outputByteCount: UInt64
  let position: RecordingPosition
  /// What brings a new emulator into this state.
  let dump: [UInt8]

  init(
    milliseconds: UInt64, ordinal: UInt64, outputByteCount: UInt64, position: RecordingPosition, dump: [UInt8]
  ) {
    self.milliseconds = milliseconds
    self.ordinal = ordinal
    self.outputByteCount = outputByteCount
    self.position = position
    self.dump = dump
  }

  /// One that somebody else made, of a whole recording.
  ///
  /// - Parameters:
  ///   - sequence: Number of the message before which it was taken.
  ///   - ordinal: Events before it.
  ///   - window: The one in force there.
  ///   - dump: Terminal output that brings a new emulator of `window` into its state.
  package init(
    beforeMessage sequence: UInt64, milliseconds: UInt64, ordinal: UInt64, outputByteCount: UInt64, window: Window,
    dump: [UInt8]
  ) {
    self.init(
      milliseconds: milliseconds, ordinal: ordinal, outputByteCount: outputByteCount,
      position: RecordingPosition(ofMessage: sequence, after: milliseconds, window: window), dump: dump)
  }

  /// The window of the screen.
  var window: Window { position.window ?? .usual }
}

/// The keyframes of a recording, in its order, from its start as far as it has been read.
final class Keyframes {
  /// Bytes of output between two, to begin with: some milliseconds of emulation.
  static let usualSpacing: UInt64 = 256 << 10
  /// Bytes of dumps that are kept. Beyond that every other keyframe is given up, so that a log of any length fits.
  static let byteCountMax = 64 << 20

  private(set) var all: [Keyframe]
  private var spacing: UInt64
  private var byteCount = 0

  init(first: Keyframe, spacing: UInt64) {
    all = [first]
    self.spacing = spacing
  }

  var last: Keyframe { all[all.count - 1] }

  /// Whether one at this place would be far enough behind the last.
  func wants(at outputByteCount: UInt64) -> Bool { outputByteCount >= last.outputByteCount + spacing }

  func append(_ keyframe: Keyframe) {
    guard wants(at: keyframe.outputByteCount) else { return }
    all.append(keyframe)
    byteCount += keyframe.dump.count
    if byteCount > Self.byteCountMax { thin() }
  }

  private func thin() {
    spacing *= 2
    all = all.indices.filter { $0 % 2 == 0 }.map { all[$0] }
    byteCount = all.reduce(0) { $0 + $1.dump.count }
  }

  /// The last one that is not behind the place; the first never is.
  func nearest(to place: Place) -> Keyframe {
    var low = 0
    var high = all.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if place.isBehind(all[middle]) { low = middle } else { high = middle }
    }
    return all[low]
  }
}

/// A place in a recording that one can go to.
package enum Place: Equatable, Sendable {
  /// Behind all events up to that time.
  case milliseconds(UInt64)
  /// Behind that many events.
  case ordinal(UInt64)
  case end

  func isBehind(_ keyframe: Keyframe) -> Bool {
    switch self {
    // Events of the same millisecond may stand before the keyframe: all of them belong to the place.
    case .milliseconds(let time): keyframe.milliseconds <= time
    case .ordinal(let count): keyframe.ordinal <= count
    case .end: true
    }
  }
}
