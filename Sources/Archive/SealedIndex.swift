import Synchronization

/// Where the frames of a sealed file lie, so that one can read from any message on. Kept in the catalogue as JSON.
///
/// A reader passes over keys that it does not know: keyframes of the screen come beside the frames.
struct SealedIndex: Codable, Equatable, Sendable {
  /// A frame holds at least this many bytes of lines, unless it is the last: a seek reads no more than it and a line.
  static let frameByteCount = 256 * 1024

  struct Frame: Codable, Equatable, Sendable {
    /// Bytes from the start of the file.
    var at: UInt64
    var count: UInt64
    /// Numbers of its first and last message.
    var first: UInt64
    var last: UInt64
  }

  var frames: [Frame] = []

  /// Of the file, as far as its frames are known here.
  var byteCount: UInt64 { frames.last.map { $0.at + $0.count } ?? 0 }

  /// Number of the last message in the file; 0 when it has none.
  var last: UInt64 { frames.last?.last ?? 0 }

  /// The index of the frame with message `seq`, or of the first after it; the frames' count when there is none.
  func place(of seq: UInt64) -> Int {
    var (low, high) = (0, frames.count)
    while low < high {
      let middle = (low + high) / 2
      if frames[middle].last >= seq { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The indexes that were used last, taken apart: that of a long recording is read once and not for each seek.
///
/// A sealed file that is continued keeps the frames that it has, so the index of a longer file is right for a shorter one.
final class SealedIndexes: Sendable {
  /// Some thousand frames each at most: a few MiB in all.
  private static let countMax = 32

  private let kept = Mutex<[(recording: Int64, index: SealedIndex)]>([])

  /// - Parameters:
  ///   - seq: The last message that the index must reach: of a file that was continued, an older one is kept no longer.
  ///   - read: Reads the index when it is not kept.
  func index(of recording: Int64, upTo seq: UInt64, _ read: () throws -> SealedIndex?) rethrows -> SealedIndex? {
    let found = kept.withLock { $0.first { $0.recording == recording && $0.index.last >= seq }?.index }
    if let found { return found }
    guard let index = try read() else { return nil }
    kept.withLock { kept in
      kept.removeAll { $0.recording == recording }
      if kept.count >= Self.countMax { kept.removeFirst() }
      kept.append((recording, index))
    }
    return index
  }
}
