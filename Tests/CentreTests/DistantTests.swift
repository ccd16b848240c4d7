import Archive
import Events
import Foundation
import Identity
import Playback
import Readers
import Screen
import TestSupport
import Testing

@testable import Commands

/// A recording at a centre, played from there: anywhere at once, by the centre's keyframes.
@Suite("playing from a centre", .serialized) struct DistantTests {
  /// Some 3 MB of output: colours, places, scrolling, sizes.
  private static func recording() throws -> MadeRecording {
    var numbers = SeededNumbers(seed: 5)
    var recording = MadeRecording()
    var time: UInt64 = 0
    for number in 0..<700 {
      time += 4 + UInt64(numbers.below(2000))
      let text = (0..<60).map { _ in
        switch numbers.below(5) {
        case 0: "\u{1b}[\(30 + numbers.below(8));\(numbers.below(8))m"
        case 1: "\u{1b}[\(1 + numbers.below(24));\(1 + numbers.below(80))H"
        case 2: "\r\n"
        default: String(repeating: "word \(numbers.below(1000)) ", count: 1 + numbers.below(20))
        }
      }.joined()
      let window: [(UInt64, MadeRecording.Event)] = number % 100 == 0 ? [(time, .window(80 + number / 100, 24))] : []
      try recording.add(window + [(time, .input("k")), (time + 1, .output(text)), (time + 3, .output("."))])
    }
    try recording.add([])
    return recording
  }

  @Test(
    "any place in it shows what the same lines in a file show there, and a search finds the same",
    arguments: [false, true])
  func places(isSealed: Bool) async throws {
    var recording = try Self.recording()
    let centre = try await Centre { directory in
      let data = URL(fileURLWithPath: directory.file("data"))
      try FileManager.default.createDirectory(
        at: data, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      let archive = try Archive(directory: data)
      try await recording.send(to: archive, now: Int64(Date().timeIntervalSince1970 * 1000))
      if isSealed { try await archive.seal(recording.id) }
      try archive.close()
    }
    let log = centre.directory.file("log")
    try Data(recording.lines.flatMap { $0 + [10] }).write(to: URL(fileURLWithPath: log))
    let (options, _) = CentreOptions.split(["--server", "unix:" + centre.directory.file("data/stenod.sock")])
    let id = recording.id.description
    try await Self.offPool {
      let file = try self.timeline(.file(path: Array(log.utf8), match: nil))
      let held = try CentreRecording(options, id: id)
      let distant = try self.timeline(.distant(held.distant), held.distant)
      #expect(distant.endMilliseconds != nil && !distant.isIndexing)
      var numbers = SeededNumbers(seed: 6)
      let end = distant.endMilliseconds ?? 0
      for number in 0..<60 {
        let place: Place =
          switch number % 4 {
          case 0: .ordinal(max(file.head.ordinal, 1) - 1)
          case 1: number == 41 ? .end : .ordinal(UInt64(numbers.below(2100)))
          default: .milliseconds(UInt64(numbers.below(Int(end))))
          }
        try file.seek(to: place)
        try distant.seek(to: place)
        #expect(self.state(distant) == self.state(file), "\(place)")
      }
      for isBackward in [false, true] {
        try file.seek(to: .milliseconds(end / 2))
        try distant.seek(to: .milliseconds(end / 2))
        let text = Array("word 77 word 77 word".utf8)
        #expect(try self.found(text, isBackward, in: distant) == self.found(text, isBackward, in: file))
      }
      #expect(held.failure == nil)
    }
  }

  /// These wait for a centre without giving up their thread, of which tests have few.
  private static func offPool(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { done in
      Thread.detachNewThread { done.resume(with: Result { try work() }) }
    }
  }

  private func timeline(_ source: PlaySettings.Source, _ distant: DistantRecording? = nil) throws -> Timeline {
    let settings = PlaySettings(source: source, mode: .play)
    return Timeline(try settings.open().reader, second: settings.second, distant: distant)
  }

  private func state(_ timeline: Timeline) -> [UInt8] {
    var dump = ByteBuilder(capacity: 4096)
    timeline.head.emulator.dump(into: &dump)
    return dump.array + Array("\(timeline.head.milliseconds) \(timeline.head.ordinal)".utf8)
  }

  private func found(_ text: [UInt8], _ isBackward: Bool, in timeline: Timeline) throws -> Place? {
    guard let search = try timeline.makeSearch(for: text, isBackward: isBackward) else { return nil }
    while true {
      switch try search.step() {
      case .more: continue
      case .found(let place): return place
      case .none: return nil
      }
    }
  }
}
