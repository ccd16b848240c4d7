import API
import Archive
import Events
import Foundation
import GRDB
import Screen
import TestSupport
import Testing

@testable import Viewing

@Suite("a kept recording, looked at") struct ViewingTests {
  /// An answer to /events.
  struct Answer {
    let events: [(UInt64, String, String)]
    let keyframe: (window: Window, dump: String)?
    let position: String
    let next: UInt64?

    init(_ json: [UInt8]) throws {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
      events = try #require(object["events"] as? [[Any]]).map {
        (try #require($0[0] as? UInt64), try #require($0[1] as? String), try #require($0[2] as? String))
      }
      position = try #require(object["position"] as? String)
      next = object["next"] as? UInt64
      let frame = object["keyframe"] as? [String: Any]
      keyframe = try frame.map {
        let (columns, rows) = (try #require($0["columns"] as? Int), try #require($0["rows"] as? Int))
        return (Window(columns: UInt16(columns), rows: UInt16(rows)), try #require($0["data"] as? String))
      }
    }
  }

  /// A terminal that is given what a browser's is given.
  private struct Terminal: ~Copyable {
    var emulator: Emulator

    init(_ window: Window, _ dump: String = "") {
      emulator = Emulator(window: window)
      feed(dump)
    }

    mutating func feed(_ text: String) {
      Array(text.utf8).withUnsafeBufferPointer { emulator.feed($0, at: 0) }
    }

    mutating func show(_ event: (UInt64, String, String)) {
      if event.1 == "o" { feed(event.2) }
      if event.1 == "r" {
        let numbers = event.2.split(separator: "x").compactMap { UInt16($0) }
        emulator.resize(to: Window(columns: numbers[0], rows: numbers[1]))
      }
    }

    /// All that it will ever show depends on this.
    var state: [UInt8] {
      guard emulator.isBetweenSequences else { return [] }
      var dump = ByteBuilder(capacity: 4096)
      emulator.dump(into: &dump)
      return dump.array
    }
  }

  /// Output of programs of all kinds, in messages that end anywhere. What the filter does not pass is in it too, but for
  /// what changes the screen and does not pass: DECLRMM, LNM and a whole reset.
  private func randomRecording(_ numbers: inout SeededNumbers, byteCount: Int) throws -> MadeRecording {
    var recording = MadeRecording()
    var time: UInt64 = 0
    var made = 0
    var rest: [Unicode.Scalar] = []
    while made < byteCount {
      var events: [(UInt64, MadeRecording.Event)] = []
      if recording.messageCount == 0 { events.append((0, .window(100, 30))) }
      for _ in 0...numbers.below(20) {
        time += UInt64(numbers.below(40))
        if numbers.below(400) == 0 { events.append((time, .window(40 + numbers.below(100), 10 + numbers.below(40)))) }
        if numbers.below(10) == 0 { events.append((time, .input("k"))) }
        var scalars = rest
        for _ in 0...numbers.below(60) { scalars += Array(randomPiece(&numbers).unicodeScalars) }
        // The rest of a sequence may come with the next event, or the next message.
        let count = 1 + numbers.below(scalars.count)
        rest = Array(scalars[count...])
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[..<count])
        made += String(text).utf8.count
        events.append((time, .output(String(text))))
      }
      try recording.add(events)
    }
    return recording
  }

  private func randomPiece(_ numbers: inout SeededNumbers) -> String {
    switch numbers.below(16) {
    case 0: "\u{1b}[\(30 + numbers.below(8));\(numbers.below(2))m"
    case 1: "\u{1b}[\(1 + numbers.below(40));\(1 + numbers.below(120))H"
    case 2: "\u{1b}[\(numbers.below(3))J"
    case 3: "\u{1b}[\(numbers.below(3))K"
    case 4: "\u{1b}[?1049" + (numbers.below(2) == 0 ? "h" : "l")
    case 5: "\u{1b}[\(1 + numbers.below(5));\(8 + numbers.below(10))r"
    case 6: "\u{1b}[38;5;\(numbers.below(256))m\u{1b}[48;2;1;2;\(numbers.below(256))m"
    case 7: numbers.below(2) == 0 ? "\u{1b}7" : "\u{1b}8"
    case 8: "\u{1b}(0lqqk\u{1b}(B"
    case 9: "\u{1b}]0;title \(numbers.below(100))\u{07}"
    case 10: "\u{1b}[6n\u{1b}[c\u{1b}[?2004h"
    case 11: "世界é\u{301}"
    case 12: "\u{1b}[\(1 + numbers.below(4))\(["L", "M", "@", "P", "X", "S", "T"][numbers.below(7)])"
    default: "some text \(numbers.below(1000))" + (numbers.below(3) == 0 ? "\r\n" : "")
    }
  }

  @Test("a seek shows what a replay shows, at random places, live and sealed", arguments: [false, true])
  func seek(isSealed: Bool) async throws {
    var numbers = SeededNumbers()
    let scene = try ArchiveScene()
    var recording = try randomRecording(&numbers, byteCount: 1_500_000)
    if isSealed { try recording.add([]) }
    try await recording.send(to: scene.archive)
    if isSealed { try await scene.archive.seal(recording.id) }
    var row = try #require(try await scene.row(recording))
    try await scene.projector.indexer.index(row)
    row = try #require(try await scene.row(recording))
    let keyframeCount = try await scene.archive.pool.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM keyframes") ?? 0
    }
    #expect(keyframeCount >= 4, "seed \(numbers.seed)")
    let places = (0..<25).map { _ in UInt64(numbers.below(Int(row.summary.durationMilliseconds))) }.sorted()
    let all = try await whole(row, scene)
    var replay = Terminal(Window(columns: 100, rows: 30))
    var next = 0
    for place in places {
      while next < all.count && all[next].0 < place {
        replay.show(all[next])
        next += 1
      }
      var range = EventRange()
      (range.from, range.until, range.hasKeyframe) = (place, place, true)
      let answer = try Answer(try await scene.projector.events(of: row, range))
      let keyframe = try #require(answer.keyframe)
      var seeked = Terminal(keyframe.window, keyframe.dump)
      for event in answer.events { seeked.show(event) }
      #expect(seeked.state == replay.state, "seed \(numbers.seed), at \(place)")
      // A seek costs the distance to a keyframe, not that to the start.
      let byteCount = answer.events.reduce(0) { $0 + $1.2.utf8.count }
      #expect(byteCount < 600_000, "seed \(numbers.seed), at \(place)")
    }
  }

  /// All events, in one go after the other.
  private func whole(_ row: RecordingRow, _ scene: ArchiveScene) async throws -> [(UInt64, String, String)] {
    var range = EventRange()
    var all: [(UInt64, String, String)] = []
    while true {
      let answer = try Answer(try await scene.projector.events(of: row, range))
      all += answer.events
      guard let next = answer.next else { return all }
      range.from = next
    }
  }

  @Test("ranges, joined by time or by position, are the whole; so is what a follower is given")
  func ranges() async throws {
    var numbers = SeededNumbers()
    let scene = try ArchiveScene()
    var recording = try randomRecording(&numbers, byteCount: 400_000)
    try await recording.send(to: scene.archive)
    let row = try #require(try await scene.row(recording))
    let all = try await whole(row, scene).map { "\($0)" }
    var byTime: [String] = []
    var byPosition: [String] = []
    var range = EventRange()
    var after = EventRange()
    while true {
      let step = UInt64(1 + numbers.below(3000))
      range.until = range.from + step
      let answer = try Answer(try await scene.projector.events(of: row, range))
      byTime += answer.events.map { "\($0)" }
      guard answer.next != nil else { break }
      range.from = range.from + step
    }
    while true {
      after.until = (after.until ?? 0) + UInt64(1 + numbers.below(3000))
      let answer = try Answer(try await scene.projector.events(of: row, after))
      byPosition += answer.events.map { "\($0)" }
      after.after = Position(answer.position)
      guard answer.next != nil else { break }
    }
    #expect(byTime == all, "seed \(numbers.seed)")
    #expect(byPosition == all, "seed \(numbers.seed)")
    #expect(all.allSatisfy { !$0.contains("title") && !$0.contains("[6n") }, "seed \(numbers.seed)")
    let follower = try scene.projector.follow(row, EventRange()) {}
    var followed: [String] = []
    while case .events(let json, _) = try await follower.news() {
      followed += try Answer(Array("{\"events\":[".utf8) + json + Array("],\"position\":\"\"}".utf8)).events.map {
        "\($0)"
      }
    }
    await follower.leave()
    #expect(followed == all, "seed \(numbers.seed)")
  }

  @Test("activity counts every byte once, however often the index went on")
  func activity() async throws {
    var numbers = SeededNumbers()
    let scene = try ArchiveScene()
    var recording = MadeRecording()
    var (output, input) = (0, 0)
    var time: UInt64 = 0
    for _ in 0..<30 {
      for _ in 0..<20 {
        time += UInt64(numbers.below(5000))
        let text = String(repeating: "x", count: 1 + numbers.below(2000))
        try recording.add([(time, .output(text)), (time, .input("ls"))])
        output += text.utf8.count
        input += 2
      }
      try await recording.send(to: scene.archive)
      let row = try #require(try await scene.row(recording))
      let json = try await scene.projector.activity(of: row, bucketCount: 1 + numbers.below(1000))
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
      #expect((object["output"] as? [Int])?.reduce(0, +) == output, "seed \(numbers.seed)")
      #expect((object["input"] as? [Int])?.reduce(0, +) == input, "seed \(numbers.seed)")
    }
  }

  @Test("what the archive cannot read is told as a gap, and the rest is shown")
  func damage() async throws {
    let scene = try ArchiveScene()
    var recording = MadeRecording()
    for number in 0..<400 {
      // Of random letters, so that a frame is not packed to nothing.
      var numbers = SeededNumbers(seed: UInt64(number))
      let text = String((0..<4000).map { _ in Character(Unicode.Scalar(UInt8(97 + numbers.below(26)))) })
      try recording.add([(UInt64(number) * 10, .output(text))])
    }
    try recording.add([])
    try await recording.send(to: scene.archive)
    try await scene.archive.seal(recording.id)
    let row = try #require(try await scene.row(recording))
    let file = scene.directory.file(try #require(row.path))
    let handle = try #require(FileHandle(forUpdatingAtPath: file))
    try handle.seek(toOffset: 300_000)
    try handle.write(contentsOf: Data(repeating: 0, count: 1000))
    try handle.close()
    let all = try await whole(row, scene)
    #expect(all.count { $0.1 == "g" } == 1)
    #expect(all.first?.0 == 0 && all.last?.0 == 3990)
    #expect((100..<400).contains(all.count))
  }
}
