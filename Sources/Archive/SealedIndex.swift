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

  /// The index of the frame with message `seq`, or of the first after it; the frames' count when there is none.
  func place(of seq: UInt64) -> Int { frames.firstIndex { $0.last >= seq } ?? frames.count }
}
