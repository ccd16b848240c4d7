import Foundation
import Playback
import TestSupport
import Testing

/// Seeks in what real programs wrote: the captures of the emulator's own tests.
@Suite("Seeks in captures")
struct CaptureSeekTests {
  private static let folder = Surroundings.checkout.appending(path: "Tests/ScreenTests/Captures")
  private static let seekCount = 200
  /// A capture is put through several times over, so that there is more than one keyframe in it.
  private static let byteCountMin = 300 << 10

  @Test(
    "after each of 200 random seeks the screen is what a replay shows there",
    arguments: ["vim", "less", "top", "mc", "tmux"])
  func seeks(name: String) throws {
    var numbers = SeededNumbers()
    let capture = try Data(contentsOf: Self.folder.appending(path: "\(name).raw"))
    let pieces = Self.pieces(String(decoding: capture, as: UTF8.self), &numbers)
    let recording = try SmallRecording(pieces, window: "=100x30")
    let timeline = try recording.timeline()
    while timeline.isIndexing { timeline.index() }
    #expect(timeline.keyframeCount > 1, "seed \(numbers.seed)")
    let replay = try recording.timeline()
    let places = (0..<Self.seekCount).map { _ in UInt64(numbers.below(pieces.count + 2)) }
    var expected: [UInt64: [String]] = [:]
    for place in Set(places).sorted() {
      while replay.head.ordinal < place, try replay.head.peek() != nil { replay.head.advance() }
      expected[place] = picture(of: replay.head.emulator)
    }
    for place in places {
      try timeline.seek(to: .ordinal(place))
      try #require(timeline.head.ordinal == place)
      try #require(picture(of: timeline.head.emulator) == expected[place], "seed \(numbers.seed), event \(place)")
    }
  }

  /// Messages of random lengths, cut between any two characters, in sequences too.
  private static func pieces(
    _ capture: String, _ numbers: inout SeededNumbers
  ) -> [(milliseconds: Int, output: String)] {
    var pieces: [(milliseconds: Int, output: String)] = []
    var byteCount = 0
    while byteCount < byteCountMin {
      var rest = Substring(capture).unicodeScalars
      while !rest.isEmpty {
        let piece = rest.prefix(1 + numbers.below(2000))
        rest = rest.dropFirst(piece.count)
        pieces.append((pieces.count * 10, String(piece)))
        byteCount += piece.utf8.count
      }
    }
    return pieces
  }
}

extension Substring.UnicodeScalarView {
  fileprivate var utf8: Substring.UTF8View { Substring(self).utf8 }
}
