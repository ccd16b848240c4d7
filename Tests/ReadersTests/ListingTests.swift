import Events
import Readers
import TestSupport
import Testing

struct ListingTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func list(_ text: String) throws -> Listing {
    var listing = Listing()
    listing.read(try FileSource([bytes(try scratch.write("log", text))], follows: false, keeps: false))
    return listing
  }

  private func extended(_ id: Int, rec: String, kind: String) -> String {
    message(id, rec: rec, timing: "", out: "", extra: ",\"kind\":\"\(kind)\"").replacing("\"2.3\"", with: "\"2.4\"")
  }

  @Test("interleaved recordings are told apart, with their times, sizes and what is missing")
  func interleaved() throws {
    let lines = [
      extended(1, rec: "a", kind: "start"), message(1, rec: "b", pos: 0), message(2, rec: "a"),
      message(4, rec: "b", pos: 1500).replacing("1700000000.000", with: "1700000001.500"),
      extended(3, rec: "a", kind: "end"), message(4, rec: "b"), "}\n", "\n", extended(1, rec: "c", kind: "start"),
    ]
    let listing = try list(lines.joined())
    #expect(listing.recordings.map { String(decoding: $0.recording, as: UTF8.self) } == ["a", "b", "c"])
    #expect(listing.recordings.map(\.messageCount) == [3, 3, 1])
    #expect(listing.recordings.map(\.state) == [.complete, .abandoned, .abandoned])
    #expect(listing.recordings.map(\.missingMessageCount) == [0, 2, 0])
    #expect(listing.recordings.map(\.misplacedMessageCount) == [0, 1, 0])
    #expect(listing.recordings[0].byteCount == UInt64(lines[0].utf8.count + lines[2].utf8.count + lines[4].utf8.count))
    #expect(listing.recordings[1].startMilliseconds == 1_700_000_000_000)
    #expect(listing.recordings[1].endMilliseconds == 1_700_000_001_500)
    #expect(listing.brokenLineCount == 1)
    #expect(listing.failure == nil)
  }

  @Test("a recording is damaged by one gap that is damage, tampered where nobody else vouches for it")
  func states() throws {
    func gap(_ why: String) -> String {
      let lost = ",\"lost\":{\"from\":1,\"to\":2,\"bytes\":3,\"why\":\"\(why)\"}}\n"
      return extended(2, rec: "a", kind: "gap").replacing("}\n", with: lost)
    }
    func state(_ trust: String, _ gap: String, why: String = "exit") throws -> RecordingState? {
      let start = extended(1, rec: "a", kind: "start").replacing("}\n", with: ",\"trust\":\"\(trust)\"}\n")
      let end = extended(3, rec: "a", kind: "end").replacing("}\n", with: ",\"why\":\"\(why)\"}\n")
      return try list(start + gap + end).recordings.first?.state
    }
    #expect(try state("trusted", message(2, rec: "a")) == .complete)
    #expect(try state("trusted", gap("limit")) == .incomplete)
    #expect(try state("trusted", gap("damaged")) == .damaged)
    #expect(try state("self-reported", gap("damaged")) == .tampered)
    #expect(try state("trusted", message(2, rec: "a"), why: "killed") == .killed)
    #expect(try state("trusted", "") == .incomplete, "a message is missing")
  }

  @Test("a file of more recordings than are listed says how many messages are not")
  func tooMany() throws {
    let count = Listing.recordingCountMax + 10
    let listing = try list((1...count).map { message(1, rec: "r\($0)") }.joined())
    #expect(listing.recordings.count == Listing.recordingCountMax)
    #expect(listing.unlistedMessageCount == 10)
  }

  @Test("hostile names are cut and otherwise left as they are")
  func hostile() throws {
    let long = String(repeating: "\\u001b", count: 5000)
    let listing = try list(message(1, rec: long).replacing("\"user\":\"u\"", with: "\"user\":\"\(long)\""))
    let recording = try #require(listing.recordings.first)
    #expect(recording.user.count <= 256)
    #expect(recording.user.first == 0x1b)
    #expect(recording.recording.count <= 256)
  }

  @Test("what is no message is counted, and never stops the list")
  func damaged() throws {
    var numbers = SeededNumbers()
    let text = bytes((1...100).map { message($0) }.joined())
    for _ in 0..<50 {
      var changed = text
      for _ in 0..<20 { changed[numbers.below(text.count)] = UInt8(numbers.below(256)) }
      let path = try scratch.write("log", changed)
      var listing = Listing()
      listing.read(try FileSource([bytes(path)], follows: false, keeps: false))
      #expect(listing.brokenLineCount <= 40, "seed \(numbers.seed)")
      #expect(listing.recordings.reduce(0) { $0 + $1.messageCount } >= 60, "seed \(numbers.seed)")
    }
  }
}
