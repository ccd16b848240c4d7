import Playback
import Screen
import TestSupport
import Testing

@Suite("Timeline")
struct TimelineTests {
  @Test("after a seek the screen is what a replay shows there", arguments: 0..<5)
  func seeks(round: Int) throws {
    var numbers = SeededNumbers()
    let recording = try SmallRecording(SmallRecording.random(&numbers, messageCount: 900))
    let timeline = try recording.timeline()
    while timeline.isIndexing { timeline.index() }
    #expect(timeline.keyframeCount > 1, "seed \(numbers.seed)")
    let replay = try recording.timeline()
    var places = (0..<40).map { _ in UInt64(numbers.below(900)) }
    var expected: [UInt64: [String]] = [:]
    for place in Set(places).sorted() {
      try replay.seek(to: .ordinal(place))
      expected[place] = picture(of: replay.head.emulator)
    }
    for place in places.shuffled(using: &numbers) {
      try timeline.seek(to: .ordinal(place))
      #expect(timeline.head.ordinal == place)
      #expect(picture(of: timeline.head.emulator) == expected[place], "seed \(numbers.seed), event \(place)")
    }
    places = []
  }

  @Test("going to a time shows every event up to it, and none after")
  func times() throws {
    let timeline = try SmallRecording([(0, "a"), (100, "b"), (100, "c"), (250, "d")]).timeline()
    for (time, ordinal) in [(100, 4), (99, 2), (0, 2), (250, 5), (9999, 5), (101, 4)] as [(UInt64, UInt64)] {
      try timeline.seek(to: .milliseconds(time))
      #expect(timeline.head.ordinal == ordinal, "at \(time)")
    }
    try timeline.seek(to: .end)
    #expect(timeline.head.milliseconds == 250)
  }

  @Test("the end is known once all has been indexed, and a recording of nothing has one too")
  func ends() throws {
    for messages in [[(0, "a"), (70_000, "b")], []] as [[(milliseconds: Int, output: String)]] {
      let timeline = try SmallRecording(messages).timeline()
      #expect(timeline.endMilliseconds == nil)
      while timeline.isIndexing { timeline.index() }
      #expect(timeline.endMilliseconds == UInt64(messages.last?.milliseconds ?? 0))
    }
  }

  @Test("a search finds a text in a line that goes over several rows, once it is whole, and no longer once it is torn")
  func searchOverRows() throws {
    let line = String(repeating: "x", count: 35) + "rm -rf /srv/data"
    let (begun, rest) = (String(line.prefix(45)), String(line.dropFirst(45)))
    let recording = try SmallRecording(
      [(0, begun), (1, rest), (2, "\r\n"), (3, "\u{1b}[H\u{1b}[2K"), (4, "rm")], window: "=40x5")
    let timeline = try recording.timeline()
    for (isBackward, start, expected) in [(false, 0, 3), (true, 6, 3), (false, 3, nil)] as [(Bool, UInt64, UInt64?)] {
      try timeline.seek(to: .ordinal(start))
      let search = try #require(try timeline.makeSearch(for: Array("RM -rf /srv".utf8), isBackward: isBackward))
      var outcome = Search.Outcome.more
      while outcome == .more { outcome = try search.step() }
      #expect(outcome == expected.map { .found(.ordinal($0)) } ?? .none)
    }
  }

  @Test("a search finds where a text comes onto the screen, forwards and back")
  func search() throws {
    let clear = "\u{1b}[2J\u{1b}[H"
    let recording = try SmallRecording([
      (0, "one"), (1, clear + "needle"), (2, "x"), (3, clear), (4, "NEEDLE"), (5, clear), (6, "end"),
    ])
    let timeline = try recording.timeline()
    func find(isBackward: Bool) throws -> Bool {
      guard let search = try timeline.makeSearch(for: Array("needle".utf8), isBackward: isBackward) else {
        return false
      }
      while true {
        switch try search.step() {
        case .more: continue
        case .none: return false
        case .found(let place):
          try timeline.seek(to: place)
          return true
        }
      }
    }
    #expect(try find(isBackward: false))
    #expect(timeline.head.milliseconds == 1)
    #expect(try find(isBackward: false))
    #expect(timeline.head.milliseconds == 4)
    #expect(try !find(isBackward: false))
    #expect(try find(isBackward: true))
    #expect(timeline.head.milliseconds == 1)
    #expect(try !find(isBackward: true))
  }
}
