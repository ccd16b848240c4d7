import Foundation

/// What a recorder wrote, read with Foundation's JSON and nothing of ours: the tests' own opinion of the format.
struct Recording: Sendable {
  let id: String
  /// What went to the terminal or the output pipes, byte for byte as far as the format keeps it.
  private(set) var output: [UInt8] = []
  private(set) var input: [UInt8] = []
  /// The 2.4 messages that are not data.
  private(set) var start: [String: String] = [:]
  private(set) var end: [String: String]?
  private(set) var gaps: [[String: String]] = []
  private(set) var user = ""
  private(set) var session = ""
  private(set) var windows: [String] = []
  private(set) var messageCount = 0

  var text: String { String(decoding: output, as: UTF8.self) }

  struct Malformed: Error {
    let line: String
  }

  /// - Parameter lines: Messages of any number of recordings, as in a log file.
  /// - Returns: The recordings in the order of their first messages.
  static func read(_ lines: [[UInt8]]) throws(Malformed) -> [Recording] {
    var recordings: [Recording] = []
    for line in lines {
      guard let message = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
        let id = message["rec"] as? String
      else { throw Malformed(line: String(decoding: line.prefix(200), as: UTF8.self)) }
      if !recordings.contains(where: { $0.id == id }) { recordings.append(Recording(id: id)) }
      for place in recordings.indices where recordings[place].id == id { try recordings[place].add(message) }
    }
    return recordings
  }

  private init(id: String) { self.id = id }

  private mutating func add(_ message: [String: Any]) throws(Malformed) {
    messageCount += 1
    user = message["user"] as? String ?? user
    session = text(message["session"])
    switch message["kind"] as? String {
    case "start": start = message.mapValues(text)
    case "end": end = message.mapValues(text)
    case "gap": gaps.append(message.mapValues(text))
    default: try addData(message)
    }
  }

  private func text(_ value: Any?) -> String { value.map { "\($0)" } ?? "" }

  /// Puts text and bytes together in the order that `timing` gives.
  private mutating func addData(_ message: [String: Any]) throws(Malformed) {
    guard let timing = message["timing"] as? String else { throw Malformed(line: "no timing in \(id)") }
    var outputText = Array((message["out_txt"] as? String ?? "").unicodeScalars)[...]
    var inputText = Array((message["in_txt"] as? String ?? "").unicodeScalars)[...]
    var outputBytes = (message["out_bin"] as? [Int] ?? [])[...]
    var inputBytes = (message["in_bin"] as? [Int] ?? [])[...]
    for record in timing.matches(of: /([+<>\[\]=])(\d+)(?:[\/x](\d+))?/) {
      let first = Int(record.2) ?? 0
      let second = record.3.flatMap { Int($0) } ?? 0
      switch record.1 {
      case ">":
        output += utf8(outputText.prefix(first))
        outputText = outputText.dropFirst(first)
      case "<":
        input += utf8(inputText.prefix(first))
        inputText = inputText.dropFirst(first)
      case "]":
        output += outputBytes.prefix(second).map { UInt8($0) }
        outputBytes = outputBytes.dropFirst(second)
        outputText = outputText.dropFirst(first)
      case "[":
        input += inputBytes.prefix(second).map { UInt8($0) }
        inputBytes = inputBytes.dropFirst(second)
        inputText = inputText.dropFirst(first)
      case "=": windows.append("\(first)x\(second)")
      default: break
      }
    }
    guard outputText.isEmpty, inputText.isEmpty, outputBytes.isEmpty, inputBytes.isEmpty else {
      throw Malformed(line: "timing and data differ in \(id)")
    }
  }

  private func utf8(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return [UInt8](text.utf8)
  }
}
