import Events
import Foundation
import Readers
import Screen
import TestSupport
import Testing

@testable import Playback

/// What a recording shows depends on what was written, and not on which messages it came in.
@Suite("The same stream, cut into messages anywhere")
struct CutTests {
  /// All that whoever plays a recording gets of it.
  private struct Shown: Equatable {
    var output: [UInt8] = []
    var windows: [Window] = []
    var lines = ""
    var dump: [UInt8] = []
    /// The screens at some times, each after a seek.
    var screens: [[String]] = []

    init(_ recording: SmallRecording, at times: [UInt64]) throws {
      let head = try recording.timeline().head
      let lines = ReportedLines()
      head.report(to: lines)
      while let content = try head.peek() {
        switch content {
        case .output(let bytes): output += bytes
        case .window(let window): windows.append(window)
        default: break
        }
        head.advance()
      }
      head.reportAll()
      self.lines = lines.text
      dump = head.emulator.dumped
      let timeline = try recording.timeline(keyframeSpacing: 1000)
      while timeline.isIndexing { timeline.index() }
      for time in times {
        try timeline.seek(to: .milliseconds(time))
        screens.append(picture(of: timeline.head.emulator))
      }
    }
  }

  private func expectSame(
    _ stream: CutStream, _ cuts: [CutStream.Cut] = CutStream.Cut.all, at times: [UInt64] = [], _ comment: Comment
  ) throws -> Shown {
    let whole = try Shown(SmallRecording(stream, .whole), at: times)
    for cut in cuts where cut != .whole {
      let shown = try Shown(SmallRecording(stream, cut), at: times)
      #expect(shown.output == whole.output, "\(cut), \(comment)")
      #expect(shown.windows == whole.windows, "\(cut), \(comment)")
      #expect(shown.lines == whole.lines, "\(cut), \(comment)")
      #expect(shown.dump == whole.dump, "\(cut), \(comment)")
      #expect(shown.screens == whole.screens, "\(cut), \(comment)")
    }
    return whole
  }

  // MARK: - What real programs wrote

  @Test("captures of programs", arguments: ["vim", "less", "top", "mc", "tmux", "vttest-1", "vttest-2"])
  func captures(name: String) throws {
    var numbers = SeededNumbers()
    let file = Surroundings.checkout.appending(path: "Tests/ScreenTests/Captures/\(name).raw")
    let capture = [UInt8](try Data(contentsOf: file))
    let window = Window(columns: 100, rows: 30)
    let most = CutStream.Cut.all.filter { $0 != .bytes(1) }
    // So many messages of one byte take long: they get the capture's beginning.
    for (bytes, cuts) in [(capture[...], most), (capture.prefix(3000), [.bytes(1)])] {
      let stream = CutStream(window, bytes, &numbers)
      let end = UInt64(stream.events.count * 10)
      let times = (0..<10).map { _ in UInt64(numbers.below(Int(end))) }
      _ = try expectSame(stream, cuts, at: times, "seed \(numbers.seed)")
    }
  }

  @Test("an installer's progress bar below a scrolling region")
  func progress() throws {
    // As apt draws it.
    var text = "\n\u{1b}7\u{1b}[1;23r\u{1b}8\u{1b}[1A"
    for number in 0..<40 {
      text += "Unpacking package-\(number) (1.2.3-4) over (1.2.3-3) ...........\r\n"
      text += "\u{1b}7\u{1b}[24;0fProgress: [\(number)%] [####......]\u{1b}8"
    }
    text += "the end"
    var numbers = SeededNumbers()
    let stream = CutStream(.usual, Array(text.utf8)[...], &numbers)
    _ = try expectSame(stream, at: [100, 1000, 5000], "seed \(numbers.seed)")
    for cut in CutStream.Cut.all {
      let timeline = try SmallRecording(stream, cut).timeline()
      try timeline.seek(to: .end)
      let rows = picture(of: timeline.head.emulator).map { $0.replacing(/\s+$/, with: "") }
      #expect(rows[22] == "the end", "\(cut)")
      #expect(rows[23] == "Progress: [39%] [####......]", "\(cut)")
    }
  }

  // MARK: - Single steps

  @Test(
    "what the next character does is kept from one message to the next",
    arguments: [
      ("a full row", 10, 3, ["ABCDEFGHIJ", "klm"], ["ABCDEFGHIJ", "klm"]),
      ("REP", 10, 3, ["a", "\u{1b}[3b"], ["aaaa"]),
      (
        "a scrolling region", 10, 4, ["\u{1b}[1;3r\u{1b}[4Hlast\u{1b}[3H", "a\n", "b\n", "c"],
        ["a", " b", "  c", "last"]
      ),
      ("margins", 10, 3, ["\u{1b}[?69h\u{1b}[3;6s\u{1b}[1;3H", "abcd", "ef"], ["  abcd", "  ef"]),
      ("a saved cursor", 10, 3, ["ABCDEFGHIJ\u{1b}7", "\u{1b}[3Hx", "\u{1b}8", "k"], ["ABCDEFGHIJ", "k", "x"]),
    ] as [(String, UInt16, UInt16, [String], [String])])
  func steps(name: String, columns: UInt16, rows: UInt16, pieces: [String], expected: [String]) throws {
    let window = Window(columns: columns, rows: rows)
    let written = pieces.enumerated().map { (UInt64($0) * 100, CutStream.Event.output(Array($1.utf8))) }
    let stream = CutStream([(0, .window(window))] + written)
    _ = try expectSame(stream, at: [0, 100, 200], "\(name)")
    let timeline = try SmallRecording(stream, .bytes(1)).timeline()
    try timeline.seek(to: .end)
    let shown = (0..<Int(rows)).map { timeline.head.emulator.text(ofRow: $0) }
    #expect(shown == expected + Array(repeating: "", count: Int(rows) - expected.count))
  }

  @Test("a command that is typed key by key is one line")
  func typed() throws {
    let keys = ["$ ", "l", "s", " ", "-", "l"]
    let stream = CutStream(
      [(0, .window(Window(columns: 20, rows: 3)))]
        + keys.enumerated().map { (UInt64($0) * 10, .output(Array($1.utf8))) })
    #expect(try expectSame(stream, at: [], "typed").lines == "$ ls -l\n")
  }

  @Test("a line that wraps is one line, on the screen and when its first rows have left it")
  func wrapped() throws {
    let line = String(repeating: "a long command ", count: 8) + "| sort"
    for rows in [3, 20] as [UInt16] {
      let stream = CutStream([
        (0, .window(Window(columns: 20, rows: rows))), (0, .output(Array("$ \(line)\r\nok\r\n".utf8))),
      ])
      #expect(try expectSame(stream, at: [0], "\(rows) rows").lines == "$ \(line)\nok\n")
    }
  }

  @Test("a terminal that says it has no size is one of 80x24")
  func noSize() throws {
    let text = Array("hello from a terminal of no size".utf8)
    let stream = CutStream([
      (0, .window(Window(columns: 0, rows: 0))), (0, .output(text)), (5, .window(.usual)), (9, .output(text)),
    ])
    let shown = try expectSame(stream, at: [4], "no size")
    #expect(shown.windows == [.usual])
    #expect(shown.lines == "hello from a terminal of no size" + "hello from a terminal of no size\n")
  }

  @Test("events are counted alike in both directions: a window that stays is none, and one that changes is one")
  func steps() throws {
    let stream = CutStream([
      (0, .window(.usual)), (10, .output([0x61])), (100, .output([0x62])),
      (200, .window(Window(columns: 90, rows: 30))), (300, .output([0x63])),
    ])
    let timeline = try SmallRecording(stream, .agent).timeline(keyframeSpacing: 1)
    while timeline.isIndexing { timeline.index() }
    #expect(timeline.keyframeCount > 1)
    for place in [5, 2, 4, 3, 1, 5] as [UInt64] {
      try timeline.seek(to: .ordinal(place))
      #expect(timeline.head.ordinal == place)
      #expect(timeline.head.emulator.window.columns == (place > 3 ? 90 : 80))
    }
    #expect(try timeline.head.peek() == nil)
  }

  // MARK: - Chance

  @Test("10 000 random streams")
  func chance() throws {
    var numbers = SeededNumbers()
    for number in 0..<10_000 {
      let stream = CutStream(random: &numbers)
      let cut = number % 2 == 0 ? CutStream.Cut.bytes(1 + numbers.below(20)) : .agent
      try #require(try state(after: stream, cut) == state(after: stream), "\(cut), seed \(numbers.seed), \(number)")
    }
  }

  /// The state of a screen that is given the stream itself.
  private func state(after stream: CutStream) -> [UInt8] {
    var emulator = Emulator(window: .usual)
    for (milliseconds, event) in stream.events {
      switch event {
      case .output(let bytes): bytes.withUnsafeBufferPointer { emulator.feed($0, at: milliseconds) }
      case .window(let window): emulator.resize(to: window)
      case .input: break
      }
    }
    return emulator.dumped
  }

  private func state(after stream: CutStream, _ cut: CutStream.Cut) throws -> [UInt8] {
    var emulator = Emulator(window: .usual)
    var messages = MessageReader(window: nil)
    for line in stream.lines(cut) {
      try line.withUnsafeBufferPointer { line in
        _ = try messages.read(line)
        while let event = try messages.next() {
          switch event.content {
          case .data(_, _, let bytes): emulator.feed(bytes, at: event.milliseconds)
          case .window(let window): emulator.resize(to: window)
          }
        }
      }
    }
    return emulator.dumped
  }
}

extension CutStream {
  /// Output in pieces of random lengths, 10 ms apart.
  fileprivate init(_ window: Window, _ bytes: ArraySlice<UInt8>, _ numbers: inout SeededNumbers) {
    self.init([(0, .window(window))])
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(1 + numbers.below(200))
      events.append((UInt64(events.count) * 10, .output(Array(piece))))
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Some output on a small screen, of which most changes what later output does.
  fileprivate init(random numbers: inout SeededNumbers) {
    self.init([(0, .window(Window(columns: 10, rows: 4)))])
    for _ in 0..<(2 + numbers.below(5)) {
      let piece: String =
        switch numbers.below(12) {
        case 0: "\u{1b}[\(1 + numbers.below(2));\(3 + numbers.below(2))r"
        case 1: "\u{1b}[?69h\u{1b}[\(1 + numbers.below(3));\(5 + numbers.below(5))s"
        case 2: "\u{1b}[\(1 + numbers.below(4));\(1 + numbers.below(10))H"
        case 3: "x\u{1b}[\(1 + numbers.below(9))b"
        case 4: "ABCDEFGHIJ".prefix(1 + numbers.below(10)) + "漢é"
        case 5: numbers.below(2) == 0 ? "\u{1b}7" : "\u{1b}8"
        case 6: "\u{1b}[\(30 + numbers.below(9))m"
        case 7: ["\n", "\r\n", "\t", "\u{8}", "\u{1b}M"][numbers.below(5)]
        case 8: "\u{1b}[?\([6, 7, 1049][numbers.below(3)])\(numbers.below(2) == 0 ? "h" : "l")"
        default: "ABCDEFGHIJ"
        }
      let bytes = Array(piece.utf8) + (numbers.below(8) == 0 ? [UInt8(numbers.below(256))] : [])
      events.append((UInt64(events.count) * 30, .output(bytes)))
      let window = Window(columns: UInt16(8 + numbers.below(4)), rows: UInt16(3 + numbers.below(3)))
      if numbers.below(12) == 0, window != windows.last {
        events.append((UInt64(events.count) * 30, .window(window)))
      }
    }
    // Ends what the last byte may have begun.
    events.append((UInt64(events.count) * 30, .output([0x18, 0x41])))
  }
}

extension CutStream {
  private var windows: [Window] { events.compactMap { if case .window(let window) = $0.event { window } else { nil } } }
}

extension Emulator {
  fileprivate var dumped: [UInt8] {
    guard isBetweenSequences else { return [] }
    var dump = ByteBuilder(capacity: 4096)
    self.dump(into: &dump)
    return dump.array
  }

  fileprivate func text(ofRow row: Int) -> String {
    var text = ByteBuilder(capacity: 80)
    appendText(ofRow: row, to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
