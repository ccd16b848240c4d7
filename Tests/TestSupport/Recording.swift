import Foundation

/// What a recorder wrote, read with Foundation's JSON and nothing of ours: the tests' own opinion of the format.
package struct Recording: Sendable {
  package enum Happening: Equatable, Sendable {
    case output([UInt8])
    case input([UInt8])
    case window(String)
  }

  package struct Malformed: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// What was recorded, and when: ms since the recording began.
  package private(set) var happenings: [(milliseconds: Int, what: Happening)] = []
  /// Code points of errors among the output (`err` of 2.4), as they follow each other.
  package private(set) var errorOutput = ""
  /// The messages of 2.4 that are not data, by kind, each with all its fields as text.
  package private(set) var start: [String: String]?
  package private(set) var gaps: [[String: String]] = []
  package private(set) var end: [String: String]?
  /// The fields that all messages share, from the first.
  package private(set) var header: [String: String] = [:]
  package private(set) var messageCount = 0
  private let allowingHoles: Bool
  private var lastId = 0
  /// `ver` of the messages of data alone.
  package private(set) var versions: Set<String> = []

  package private(set) var output: [UInt8] = []
  package private(set) var input: [UInt8] = []
  /// Sizes as they changed; each message restates the last one.
  package private(set) var windows: [String] = []
  package var text: String { String(decoding: output, as: UTF8.self) }

  /// Reads a log file that holds one recording.
  ///
  /// Checks what every reader relies on: whole lines, one `rec`, `id` that counts from 1, time that never goes back,
  /// and timing that uses up text and bytes exactly.
  ///
  /// - Parameter allowingHoles: Whether ids may be left out.
  package init(log: [UInt8], allowingHoles: Bool = false) throws {
    self.allowingHoles = allowingHoles
    guard log.isEmpty || log.last == UInt8(ascii: "\n") else { throw Malformed(description: "the last line is cut") }
    for line in log.split(separator: UInt8(ascii: "\n")) {
      guard let message = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
        throw Malformed(description: "not JSON: \(String(decoding: line.prefix(200), as: UTF8.self))")
      }
      try add(message)
    }
  }

  private mutating func note(_ what: Happening, at milliseconds: Int) {
    happenings.append((milliseconds, what))
    switch what {
    case .output(let bytes): output += bytes
    case .input(let bytes): input += bytes
    case .window(let size): if size != windows.last { windows.append(size) }
    }
  }

  private mutating func add(_ message: [String: Any]) throws {
    messageCount += 1
    let fields = message.mapValues { "\($0)" }
    let shared = fields.filter { ["host", "rec", "user", "term", "session"].contains($0.key) }
    if header.isEmpty { header = shared }
    guard header == shared else { throw Malformed(description: "header changes: \(shared)") }
    guard let id = message["id"] as? Int, id == lastId + 1 || (allowingHoles && id > lastId) else {
      throw Malformed(description: "id is not \(lastId + 1)")
    }
    lastId = id
    switch message["kind"] as? String {
    case nil: try addData(message)
    case "start": start = fields
    case "gap": gaps.append(fields)
    case "end":
      end = fields
      try addEvents(message)
    case let kind?: throw Malformed(description: "unknown kind \(kind)")
    }
  }

  private mutating func addData(_ message: [String: Any]) throws {
    guard let version = message["ver"] as? String else {
      throw Malformed(description: "ver of message \(messageCount)")
    }
    versions.insert(version)
    try addEvents(message)
  }

  private mutating func addEvents(_ message: [String: Any]) throws {
    guard let timing = message["timing"] as? String, var now = message["pos"] as? Int,
      now >= happenings.last?.milliseconds ?? 0
    else { throw Malformed(description: "timing or pos of message \(messageCount)") }
    var output = try Channel(message, "out")
    var input = try Channel(message, "in")
    errorOutput += output.text(ranges: message["err"])
    var rest = timing[...]
    while let record = rest.prefixMatch(of: /([+<>\[\]=])([0-9]+)(?:[\/x]([0-9]+))?/) {
      rest = rest[record.range.upperBound...]
      guard let first = Int(record.2) else { throw Malformed(description: "number in \(timing)") }
      let second = record.3.flatMap { Int($0) } ?? 0
      switch record.1 {
      case "+": now += first
      case ">": note(.output(try output.take(characters: first)), at: now)
      case "<": note(.input(try input.take(characters: first)), at: now)
      case "]": note(.output(try output.take(replaced: first, bytes: second)), at: now)
      case "[": note(.input(try input.take(replaced: first, bytes: second)), at: now)
      default: note(.window("\(first)x\(second)"), at: now)
      }
    }
    guard rest.isEmpty, output.isUsedUp, input.isUsedUp else {
      throw Malformed(description: "timing \(timing) does not fit its data")
    }
  }

  /// Text and bytes of one direction of a message, taken from the front.
  private struct Channel {
    private let characters: [Unicode.Scalar]
    private let bytes: [UInt8]
    private var nextCharacter = 0
    private var nextByte = 0

    init(_ message: [String: Any], _ name: String) throws {
      guard let text = message[name + "_txt"] as? String, let numbers = message[name + "_bin"] as? [Int] else {
        throw Malformed(description: "\(name)_txt or \(name)_bin")
      }
      characters = Array(text.unicodeScalars)
      bytes = numbers.map { UInt8(truncatingIfNeeded: $0) }
    }

    var isUsedUp: Bool { nextCharacter == characters.count && nextByte == bytes.count }

    mutating func take(characters count: Int) throws -> [UInt8] {
      guard nextCharacter + count <= characters.count else { throw Malformed(description: "text is too short") }
      defer { nextCharacter += count }
      return Array(String(String.UnicodeScalarView(characters[nextCharacter..<nextCharacter + count])).utf8)
    }

    mutating func take(replaced count: Int, bytes byteCount: Int) throws -> [UInt8] {
      guard nextByte + byteCount <= bytes.count, nextCharacter + count <= characters.count,
        characters[nextCharacter..<nextCharacter + count].allSatisfy({ $0 == "\u{fffd}" })
      else { throw Malformed(description: "bytes are too few, or not replaced") }
      defer { (nextCharacter, nextByte) = (nextCharacter + count, nextByte + byteCount) }
      return Array(bytes[nextByte..<nextByte + byteCount])
    }

    /// The characters in `[[start, count], …]`.
    func text(ranges: Any?) -> String {
      var text = String.UnicodeScalarView()
      for range in ranges as? [[Int]] ?? [] where range.count == 2 {
        text.append(contentsOf: characters.dropFirst(range[0]).prefix(range[1]))
      }
      return String(text)
    }
  }
}
