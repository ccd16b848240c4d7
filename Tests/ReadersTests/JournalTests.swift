import Foundation
import Glibc
import Readers
import TestSupport
import Testing

@Suite(
  .enabled(if: Surroundings.isRoot, "starts a journald with a namespace of its own: run as root"),
  .enabled(if: Surroundings.isExecutable(Journald.program), "systemd-journald is not installed"), .inTurn)
struct JournalTests {
  private func reader(
    _ journald: Journald, _ matches: [String] = ["TLOG_REC=r"], since: UInt64 = 0, until: UInt64 = .max,
    follows: Bool = false
  ) throws -> (JournalSource, RecordingReader) {
    let source = try JournalSource(
      .namespace(bytes(journald.namespace)), matches: matches.map(bytes), sinceMicroseconds: since,
      untilMicroseconds: until, follows: follows)
    return (source, RecordingReader(source, match: nil, isLax: false, follows: follows))
  }

  @Test("messages of a namespace are read, as text or as bytes, by field, by either and by both")
  func matches() async throws {
    let journald = try await Journald()
    let text = String(message(1, out: "\u{7f}").dropLast())
    try journald.send(["MESSAGE": text, "TLOG_REC": "r", "TLOG_USER": "u"])
    try journald.send(["MESSAGE": String(message(2, rec: "s", out: "b").dropLast()), "TLOG_REC": "s", "TLOG_USER": "u"])
    try journald.send(["MESSAGE": "no message", "TLOG_REC": "t"])
    try await journald.synchronise()
    #expect(read(try reader(journald).1) == "\u{7f}")
    #expect(read(try reader(journald, ["TLOG_REC=r", "OR", "TLOG_REC=s"]).1) == "\u{7f}b")
    #expect(read(try reader(journald, ["TLOG_REC=r", "TLOG_REC=s"]).1) == "\u{7f}b")
    #expect(read(try reader(journald, ["TLOG_REC=s", "and", "TLOG_USER=u"]).1) == "b")
    #expect(read(try reader(journald, ["TLOG_REC=t", "AND", "TLOG_USER=u"]).1) == "")
    #expect(
      read(try reader(journald, ["TLOG_REC=t"]).1)
        == "<error null expected/Failed reading the source at entry 0>")
  }

  @Test("since and until bound what is read, and a position leads back")
  func bounds() async throws {
    let journald = try await Journald()
    for id in 1...6 { try journald.send(["MESSAGE": String(message(id, out: "\(id)").dropLast()), "TLOG_REC": "r"]) }
    try await journald.synchronise()
    let (_, whole) = try reader(journald)
    var places: [RecordingPosition] = []
    while let item = try whole.next() {
      if case .message = item { places.append(whole.messagePosition) }
    }
    try #require(places.count == 6)
    try whole.seek(to: places[3])
    #expect(read(whole) == "456")
    try whole.seek(to: places[0])
    #expect(read(whole) == "123456")
    let times = try await journald.times()
    try #require(times.count == 6)
    #expect(read(try reader(journald, since: times[2], until: times[4]).1).contains("345"))
    #expect(read(try reader(journald, until: times[0] - 1).1) == "")
    #expect(read(try reader(journald, since: times[5] + 1_000_000).1) == "")
  }

  @Test("followed: new entries come, also when journald was stopped and started again meanwhile")
  func following() async throws {
    let journald = try await Journald()
    try journald.send(["MESSAGE": String(message(1, out: "a").dropLast()), "TLOG_REC": "r"])
    try await journald.synchronise()
    let (source, reader) = try reader(journald, follows: true)
    #expect(read(reader) == "a")
    for (id, letter) in [(2, "b"), (3, "c")] {
      try await journald.restart()
      try journald.send(["MESSAGE": String(message(id, out: letter).dropLast()), "TLOG_REC": "r"])
      var text = ""
      for _ in 0..<20 where text.isEmpty {
        #expect(try attend(source))
        text = read(reader)
      }
      #expect(text == letter)
    }
  }

  @Test("a directory and a single file of a journal can be read")
  func paths() async throws {
    let journald = try await Journald()
    try journald.send(["MESSAGE": String(message(1, out: "a").dropLast()), "TLOG_REC": "r"])
    try await journald.synchronise()
    let file = try #require(journald.files().first)
    for place in [
      JournalSource.Place.directory(bytes((file as NSString).deletingLastPathComponent)), .file(bytes(file)),
    ] {
      let source = try JournalSource(place, matches: [bytes("TLOG_REC=r")], follows: false)
      #expect(read(RecordingReader(source, match: nil, isLax: false, follows: false)) == "a")
    }
  }
}

struct JournalMatchTests {
  private func failure(_ matches: [String]) -> [String] {
    do throws(ReadError) {
      _ = try JournalSource(.local, matches: matches.map(bytes), follows: false)
      return []
    } catch {
      return error.lines.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test(
    "matches that are none are said as tlog-play says them",
    arguments: [[], ["foo"], ["A=b", "foo"], ["AND", "ab=c"]])
  func matches(symbols: [String]) throws {
    let found = failure(symbols)
    var sentence = "Journal match list not specified"
    if let last = symbols.last { sentence = "Systemd journal match symbol #\(symbols.count) \"\(last)\" is invalid" }
    #expect(found == [sentence, "Failed creating log source"])
    guard Surroundings.isExecutable("/usr/bin/tlog-play") else { return }
    let said = try run("/usr/bin/tlog-play", ["-r", "journal"] + symbols.flatMap { ["-M", $0] }).errors
    #expect(said.split(separator: "\n").map(String.init) == found)
  }
}
