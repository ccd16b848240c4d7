import Events
import Foundation
import Testing

/// Scripts of events recorded with stock `tlog-rec` 12.1: our encoder must write the same lines, byte for byte.
/// `Vectors/README.md` tells how they were made and what rules they show.
@Suite("Messages of 2.3 are stock tlog's")
struct VectorTests {
  static let themes = [
    "contract", "payloads", "escapes", "characters", "invalid", "windows", "directions", "chance",
  ]

  @Test("the encoder writes the lines that stock tlog-rec wrote", arguments: themes)
  func sameLines(theme: String) throws {
    for vector in try Vector.load(theme) {
      let ours = vector.encoded() + ["(end)"]
      let stock = vector.lines + ["(end)"]
      let difference = zip(ours, stock).enumerated().first { $1.0 != $1.1 }
      if let (number, (ours, stock)) = difference {  // what follows the first difference differs because of it
        Issue.record("\(theme), \"\(vector.name)\", line \(number + 1):\n  ours \(ours)\n stock \(stock)")
      }
    }
  }

  @Test("at least 300 scripts were recorded with stock tlog-rec")
  func enough() throws {
    let count = try Self.themes.map { try Vector.load($0).count }.reduce(0, +)
    #expect(count >= 300)
  }

  @Test("a message never begins before the one before it ends, where stock's does")
  func neverBackwards() throws {
    let vectors = try Vector.load("backwards")
    #expect(!vectors.isEmpty)
    for vector in vectors {
      #expect(try goesBack(vector.lines), "stock has no defect in \"\(vector.name)\"")
      #expect(try !goesBack(vector.encoded()), "\"\(vector.name)\"")
    }
  }

  @Test("a broken-off character and the byte after it make headway where stock loops for ever")
  func headway() {
    // Held f0 9d 84 and a NUL that ends it need 35 bytes together with the window and the delay: stock tries to fit
    // them into one message of 32 again and again (README.md, "Where stock is wrong").
    let vector = Vector(
      name: "headway", payload: 32,
      events: [
        (0, .window(Window(columns: 99, rows: 24))), (1, .bytes([0xf0, 0x9d, 0x84], .output)), (1, .flush),
        (5000, .bytes([0], .output)), (5000, .cut),
      ])
    #expect(vector.encoded().count == 3)
  }

  private func goesBack(_ lines: [String]) throws -> Bool {
    var end = 0
    for line in lines {
      let message = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      let position = try #require(message?["pos"] as? Int)
      let timing = try #require(message?["timing"] as? String)
      if position < end { return true }
      end = position + timing.matches(of: /\+(\d+)/).compactMap { Int($0.1) }.reduce(0, +)
    }
    return false
  }
}

/// One script, and the lines that stock wrote for it.
private struct Vector {
  enum Event {
    case bytes([UInt8], Events.Stream)
    case window(Window)
    case flush
    case cut
  }

  var name: String
  var payload = 2048
  /// Milliseconds since the first logged event, and what happened.
  var events: [(UInt64, Event)] = []
  var lines: [String] = []

  struct Malformed: Error {
    var line: String
  }

  static func load(_ theme: String) throws -> [Vector] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Vectors")
    let text = try String(contentsOf: folder.appending(path: theme + ".vectors"), encoding: .utf8)
    var vectors: [Vector] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("case ") {
        vectors.append(Vector(name: String(line.dropFirst(5))))
      } else if vectors.isEmpty {
        throw Malformed(line: String(line))
      } else {
        try vectors[vectors.count - 1].add(line)
      }
    }
    return vectors
  }

  private mutating func add(_ line: Substring) throws {
    if line.hasPrefix("{") {
      lines.append(String(line))
      return
    }
    let words = line.split(separator: " ")
    if words.count == 2, words[0] == "payload", let number = Int(words[1]) {
      payload = number
    } else if let milliseconds = UInt64(words[0]), let event = Self.event(words.dropFirst()) {
      events.append((milliseconds, event))
    } else {
      throw Malformed(line: String(line))
    }
  }

  private static func event(_ words: ArraySlice<Substring>) -> Event? {
    switch (words.first, words.dropFirst().first) {
    case (">", let hex?): bytes(hex: hex).map { .bytes($0, .output) }
    case ("<", let hex?): bytes(hex: hex).map { .bytes($0, .input) }
    case ("=", let size?): window(size).map { .window($0) }
    case ("flush", nil): .flush
    case ("cut", nil): .cut
    default: nil
    }
  }

  private static func window(_ text: Substring) -> Window? {
    let numbers = text.split(separator: "x").compactMap { UInt16($0) }
    return numbers.count == 2 ? Window(columns: numbers[0], rows: numbers[1]) : nil
  }

  private static func bytes(hex: Substring) -> [UInt8]? {
    let digits = hex.compactMap(\.hexDigitValue)
    guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// The lines that our encoder writes for the script.
  func encoded() -> [String] {
    let header = RecordingHeader(
      host: Array("h".utf8), recording: Array("r".utf8), user: Array("u".utf8), terminal: Array("t".utf8), session: 1,
      startMilliseconds: 1_000_000_000_250)
    var encoder = MessageEncoder(header: header, payload: payload)
    var text = ByteBuilder(capacity: 1 << 16)
    for (milliseconds, event) in events {
      switch event {
      case .bytes(let bytes, let stream):
        bytes.withUnsafeBufferPointer { all in
          var rest = all[...]
          while !rest.isEmpty {
            rest = rest.dropFirst(encoder.append(UnsafeBufferPointer(rebasing: rest), stream, at: milliseconds))
            if !rest.isEmpty { encoder.finish(into: &text) }
          }
        }
      case .window(let window):
        if !encoder.append(window, at: milliseconds) {
          encoder.finish(into: &text)
          _ = encoder.append(window, at: milliseconds)
        }
      case .flush:
        if !encoder.isEmpty { encoder.finish(into: &text) }
      case .cut:
        while !encoder.cut() { encoder.finish(into: &text) }
        if !encoder.isEmpty { encoder.finish(into: &text) }
      }
    }
    return String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
