import Events
import Foundation
import Shipping

/// A centre that does what the protocol asks, and fails where it is told to.
final class ScriptedCentre {
  enum Fault: CaseIterable {
    /// The batch never arrives.
    case lostBatch
    /// The batch is kept, and nobody hears of it.
    case lostAnswer
    /// Of the batch only the first message is kept.
    case partOfBatch
    case busy
  }

  /// Lines without LF, by recording.
  private(set) var lines: [String: [[UInt8]]] = [:]
  private(set) var problems: [String] = []
  private var heads: [String: (sequence: Int, line: [UInt8], head: Head)] = [:]

  func deliver(_ batch: Batch, _ fault: Fault? = nil) -> Result<Answer, UplinkError> {
    if batch.byteCount > Batch.byteCountMax { problems.append("a batch of \(batch.byteCount) bytes") }
    switch fault {
    case .lostBatch: return .failure(.unreachable(reason: []))
    case .busy: return .failure(.busy(reason: [], retryAfterMilliseconds: 100))
    case .lostAnswer:
      for part in batch.parts { _ = take(part, countMax: .max) }
      return .failure(.unreachable(reason: []))
    case .partOfBatch:
      return .success(Answer(verdicts: batch.parts.map { ($0.recording, take($0, countMax: 1)) }))
    case nil:
      return .success(Answer(verdicts: batch.parts.map { ($0.recording, take($0, countMax: .max)) }))
    }
  }

  /// Forgets the last messages of every recording: a restored backup, and a new start.
  func restore(dropping count: Int) {
    lines = lines.mapValues { Array($0.dropLast(count)) }
    startNumber += 1
  }

  private var startNumber = 1

  /// Says what it does not hold any more.
  func heads(_ asked: [(recording: [UInt8], head: Head)]) -> CentreHeads {
    let behind = asked.compactMap { said -> (recording: [UInt8], head: Head)? in
      let head = head(of: String(decoding: said.recording, as: UTF8.self))
      return head.sequence > said.head.sequence || head == said.head ? nil : (said.recording, head)
    }
    return CentreHeads(start: Array("start \(startNumber)".utf8), behind: behind)
  }

  private func take(_ part: Batch.Part, countMax: Int) -> Answer.Verdict {
    let name = String(decoding: part.recording, as: UTF8.self)
    if part.lines.last != 10 { problems.append("\(name): half a line") }
    var count = 0
    for slice in part.lines.split(separator: 10) {
      let line = [UInt8](slice)
      let fields = Fields(line)
      if fields.recording != name { problems.append("\(name): a line of \(fields.recording)") }
      if line.count > MessageEncoder.lineByteCountMax { problems.append("\(name): a line of \(line.count) bytes") }
      let held = lines[name, default: []]
      if fields.sequence >= 1, fields.sequence <= held.count, held[fields.sequence - 1] == line { continue }
      let head = head(of: name)
      guard fields.previous == head.hash, fields.sequence == Int(head.sequence) + 1 else { return .conflict(head) }
      if count == countMax { break }
      lines[name, default: []].append(line)
      count += 1
    }
    return .held(upTo: min(head(of: name).sequence, part.lastSequence))
  }

  func head(of name: String) -> Head {
    guard let held = lines[name], let last = held.last else { return .none }
    if let known = heads[name], known.sequence == held.count, known.line == last { return known.head }
    let head = Head(sequence: UInt64(held.count), hash: hash(last), offset: Fields(last).offset)
    heads[name] = (held.count, last, head)
    return head
  }

  // MARK: - What is held

  /// What is wrong with a recording: numbers that do not run 1…n, links that do not hold, offsets that go back.
  func faults(in name: String) -> [String] {
    var faults = problems
    var previous: [UInt8] = []
    var offset: UInt64 = 0
    for (place, line) in lines[name, default: []].enumerated() {
      let fields = Fields(line)
      if fields.sequence != place + 1 { faults.append("number \(fields.sequence) at place \(place + 1)") }
      if fields.previous != previous { faults.append("the link of \(fields.sequence) does not hold") }
      if fields.offset < offset { faults.append("the offset of \(fields.sequence) goes back") }
      previous = hash(line)
      offset = fields.offset
    }
    return faults
  }

  /// Bytes of output in a recording.
  func output(_ name: String) -> [UInt8] {
    lines[name, default: []].flatMap { line in (try? Self.output(of: line)) ?? [] }
  }

  func kinds(_ name: String) -> [String] { lines[name, default: []].map { Fields($0).kind } }
  func fields(_ name: String) -> [Fields] { lines[name, default: []].map { Fields($0) } }

  private static func output(of line: [UInt8]) throws -> [UInt8] {
    let fields = Fields(line)
    var text = Array(fields.text("out_txt").unicodeScalars)[...]
    var binary = (fields.object["out_bin"] as? [Int] ?? [])[...]
    var output: [UInt8] = []
    var number = 0
    var kind: Character = "+"
    func run() {
      if kind == ">" {
        for scalar in text.prefix(number) { output += Array(String(scalar).utf8) }
        text = text.dropFirst(number)
      }
      if kind == "]" { text = text.dropFirst(number) }
      if kind == "/" {
        output += binary.prefix(number).map { UInt8($0) }
        binary = binary.dropFirst(number)
      }
    }
    for character in fields.text("timing") {
      if let digit = character.wholeNumberValue {
        number = number * 10 + digit
        continue
      }
      run()
      // Bytes that went in have a slash of their own: it counts only behind what came out.
      kind = character == "/" && kind != "]" ? "x" : character
      number = 0
    }
    run()
    return output
  }
}

/// The fields of a message that tests look at.
struct Fields {
  let object: [String: Any]

  init(_ line: [UInt8]) {
    object = (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any] ?? [:]
  }

  func text(_ name: String) -> String { object[name] as? String ?? "" }
  var sequence: Int { object["id"] as? Int ?? -1 }
  var previous: [UInt8] { Array(text("prev").utf8) }
  var offset: UInt64 { UInt64(object["off"] as? Int ?? -1) }
  var recording: String { text("rec") }
  var kind: String { object["kind"] == nil ? "data" : text("kind") }
  var why: String { text("why") }
  var lostWhy: String { (object["lost"] as? [String: Any])?["why"] as? String ?? "" }
  var lostBytes: Int { (object["lost"] as? [String: Any])?["bytes"] as? Int ?? 0 }
}

private func hash(_ line: [UInt8]) -> [UInt8] {
  var hash = SHA256()
  hash.update(line)
  var text = ByteBuilder(capacity: 43)
  hash.digest().appendBase64URL(to: &text)
  return text.array
}
