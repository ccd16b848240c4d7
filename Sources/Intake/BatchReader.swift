import API
import Archive
import Compression
import Events
import Identity

/// What is noted of a line's events.
private struct LineFacts {
  var lastMilliseconds: UInt64 = 0
  var hasInput = false
  var window: Window?

  mutating func note(_ event: MessageEvent) {
    switch event.content {
    case .data(let stream, _, _): if stream == .input { hasInput = true }
    case .window(let size): if window == nil { window = size }
    }
  }
}

/// Takes the lines of a batch apart, recording by recording.
struct BatchReader {
  private struct Part {
    var facts: RecordingFacts
    var lines: [Submission.Line] = []
    var bytes: [UInt8] = []
  }

  private let host: String
  private var parts: [Part] = []
  private var places: [[UInt8]: Int] = [:]

  init(host: String) { self.host = host }

  mutating func read(_ bytes: [UInt8]) throws(Problem) {
    var messages = MessageReader(window: nil)
    var start = 0
    var number = 0
    while start < bytes.count {
      number += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      // The reader's pointers are used inside this closure only.
      let problem = bytes.withUnsafeBufferPointer { all -> Problem? in
        do throws(Problem) {
          try take(UnsafeBufferPointer(rebasing: all[start..<end]), number: number, &messages)
          return nil
        } catch {
          return error
        }
      }
      if let problem { throw problem }
      start = end + 1
    }
  }

  func finish(_ sentMilliseconds: UInt64?) throws(Problem) -> [Submission] {
    var submissions: [Submission] = []
    for part in parts {
      guard let frame = try? zstdFrame(of: part.bytes) else {
        throw Problem(error: "busy", why: "no memory to pack the batch")
      }
      let id = RecordingID(host: [UInt8](part.facts.host.utf8), rec: [UInt8](part.facts.rec.utf8))
      submissions.append(
        Submission(
          id: id, facts: part.facts, lines: part.lines, bytes: part.bytes, frame: frame,
          sentMilliseconds: sentMilliseconds))
    }
    return submissions
  }

  private mutating func take(
    _ line: UnsafeBufferPointer<UInt8>, number: Int, _ messages: inout MessageReader
  ) throws(Problem) {
    let message: Message
    var facts = LineFacts()
    do throws(MessageError) {
      message = try messages.read(line)
      // The line before may be another recording's: the window of each is looked at.
      messages.window = nil
      while let event = try messages.next() { facts.note(event) }
      facts.lastMilliseconds = min(messages.milliseconds, MessageReader.millisecondsMax)
    } catch {
      throw Problem(error, line: number)
    }
    let rec = try checkedRecording(of: message, line: number)
    let place = place(of: rec, message)
    note(message, in: place)
    append(line, of: message, facts, to: place)
  }

  /// - Returns: `rec` of a message that this host may send, with all that the archive needs.
  private func checkedRecording(of message: Message, line: Int) throws(Problem) -> [UInt8] {
    guard message.host.array.elementsEqual(host.utf8) else {
      throw Problem(error: "foreign-host", why: "the certificate does not speak for this line's host", line: line)
    }
    guard let rec = message.recording?.array, !rec.isEmpty, rec.count <= RecordingHeader.fieldByteCountMax else {
      throw Problem(error: "malformed", why: "rec is missing, empty or too long", line: line)
    }
    guard message.user.raw.count <= RecordingHeader.fieldByteCountMax * 6,
      message.terminal.raw.count <= RecordingHeader.terminalByteCountMax * 6
    else { throw Problem(error: "malformed", why: "user or term is too long", line: line) }
    guard message.version.isExtended, message.spoolOffset != nil, message.sequence >= 1,
      message.sequence <= UInt64(Int64.max), (message.spoolOffset ?? 0) <= UInt64(Int64.max)
    else { throw Problem(error: "malformed", why: "a message on the wire is 2.4 and has id, prev and off", line: line) }
    return rec
  }

  private mutating func place(of rec: [UInt8], _ message: Message) -> Int {
    if let place = places[rec] { return place }
    let clock = message.wallClockMilliseconds ?? 0
    let facts = RecordingFacts(
      host: host, rec: text(rec), user: text(message.user.array), terminal: text(message.terminal.array),
      session: message.session, startMilliseconds: clock - min(clock, message.milliseconds))
    places[rec] = parts.count
    parts.append(Part(facts: facts))
    return parts.count - 1
  }

  private mutating func note(_ message: Message, in place: Int) {
    switch message.kind {
    case .start(let start):
      parts[place].facts.start = .init(
        trust: text(start.trust), tty: text(start.terminal), command: text(start.command))
    case .end(let end):
      let why = end.why.map { "\($0.name)" } ?? ""
      switch end.outcome {
      case .exit(let code): parts[place].facts.end = .init(why: why, exit: Int(code), signal: nil)
      case .signal(let number): parts[place].facts.end = .init(why: why, exit: nil, signal: Int(number))
      case .unknown: parts[place].facts.end = .init(why: why, exit: nil, signal: nil)
      }
    case .data, .gap, .other: break
    }
  }

  private mutating func append(
    _ line: UnsafeBufferPointer<UInt8>, of message: Message, _ facts: LineFacts, to place: Int
  ) {
    let loss: Loss? = if case .gap(let loss) = message.kind { loss } else { nil }
    let start = parts[place].bytes.count
    let isEnd = if case .end = message.kind { true } else { false }
    parts[place].bytes.append(contentsOf: line)
    parts[place].bytes.append(UInt8(ascii: "\n"))
    parts[place].lines.append(
      Submission.Line(
        seq: message.sequence, previous: message.previous.map { text($0.array) } ?? "", hash: linkHash(of: line),
        off: message.spoolOffset ?? 0, lastMilliseconds: facts.lastMilliseconds, isEnd: isEnd,
        range: start..<parts[place].bytes.count, loss: loss, hasInput: facts.hasInput, window: facts.window,
        wallMilliseconds: message.wallClockMilliseconds.map {
          $0 &+ facts.lastMilliseconds &- min(facts.lastMilliseconds, message.milliseconds)
        }))
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

extension Problem {
  /// The sentence names rule, field and place; nothing of what the line holds.
  fileprivate init(_ error: MessageError, line: Int) {
    var sentence = ByteBuilder(capacity: 80)
    error.append(to: &sentence)
    self.init(error: "malformed", why: text(sentence.array) + " at offset \(error.offset)", line: line)
  }
}
