import Events

/// What a list says about a message: its fields, without what it recorded. A view of the line.
struct MessageFacts {
  enum Kind {
    case data
    case start
    case gap
    case end
  }

  enum Name {
    case user
    case host
    case terminal
    case trust
    case tty
    case command
    case why
  }

  private var recordingText: JSONText?
  private var userText: JSONText?
  private var hostText: JSONText?
  private var terminalText: JSONText?
  private var trustText: JSONText?
  private var ttyText: JSONText?
  private var commandText: JSONText?
  private var whyText: JSONText?
  private var timingText: JSONText?
  private(set) var session: UInt64 = 0
  private(set) var sequence: UInt64 = 0
  private(set) var milliseconds: UInt64 = 0
  private(set) var wallClockMilliseconds: UInt64?
  private(set) var kind = Kind.data
  /// Of an end message.
  private(set) var exit: UInt64?
  private(set) var signal: UInt64?
  /// Of a gap: bytes that were written are not there, or are others.
  private(set) var isDamage = false

  /// - Returns: nil where the line is no message, as far as a look at its fields tells. The two texts and the arrays, most
  ///   of a line, are passed over.
  init?(_ line: UnsafeBufferPointer<UInt8>) {
    guard line.count <= MessageEncoder.lineByteCountMax else { return nil }
    var reader = JSONReader(line)
    var found = 0
    do throws(JSONError) {
      guard case .object = try reader.value() else { return nil }
      while let key = try reader.nextKey() { found += try take(key, &reader) }
    } catch {
      return nil
    }
    // ver, host, user, session, id, pos.
    guard found == 6 else { return nil }
  }

  /// `rec` without escapes, cut to what is kept.
  var recording: [UInt8] { recordingText.map { bounded($0.array, to: Listing.nameByteCountMax) } ?? [] }

  /// `rec` as written.
  var rawRecording: UnsafeBufferPointer<UInt8> {
    recordingText?.raw ?? UnsafeBufferPointer(start: nil, count: 0)
  }

  func text(_ name: Name) -> [UInt8] {
    let text: JSONText? =
      switch name {
      case .user: userText
      case .host: hostText
      case .terminal: terminalText
      case .trust: trustText
      case .tty: ttyText
      case .command: commandText
      case .why: whyText
      }
    return text.map { bounded($0.array, to: Listing.nameByteCountMax) } ?? []
  }

  /// What `timing` says.
  struct Timing {
    /// Of the last event, from the recording's start: `pos` and all delays. What is no timing counts for nothing.
    fileprivate(set) var lastMilliseconds: UInt64
    /// Whether something was typed.
    fileprivate(set) var hasInput = false
    /// The first size of the terminal.
    fileprivate(set) var window: Window?
  }

  var timing: Timing {
    var timing = Timing(lastMilliseconds: milliseconds)
    guard let text = timingText?.raw else { return timing }
    var delay: UInt64?
    for place in text.indices {
      let byte = text[place]
      if byte >= 0x30, byte <= 0x39 {
        if let number = delay, number < 1 << 56 { delay = number * 10 + UInt64(byte - 0x30) }
        continue
      }
      timing.lastMilliseconds &+= delay ?? 0
      delay = nil
      switch byte {
      case UInt8(ascii: "+"): delay = 0
      case UInt8(ascii: "<"), UInt8(ascii: "["): timing.hasInput = true
      case UInt8(ascii: "=") where timing.window == nil: timing.window = size(text[(place + 1)...])
      default: break
      }
    }
    timing.lastMilliseconds = min(timing.lastMilliseconds &+ (delay ?? 0), MessageReader.millisecondsMax)
    return timing
  }

  /// Takes the value of the field `key`.
  ///
  /// - Returns: 1 for one that every message has, and that is as it must be.
  private mutating func take(_ key: JSONText, _ reader: inout JSONReader) throws(JSONError) -> Int {
    if key.equals("out_bin") || key.equals("in_bin") || key.equals("out_txt") || key.equals("in_txt") {
      try reader.skipValue()
      return 0
    }
    switch try reader.value() {
    case .string(let text): return take(key, text)
    case .integer(let number):
      guard let number = UInt64(exactly: number) else { return 0 }
      return take(key, number)
    case .double(let digits):
      if key.equals("time"), let time = wholeMilliseconds(ofSeconds: digits), time <= wallMillisecondsMax {
        wallClockMilliseconds = time
      }
    case .object where key.equals("lost"): try takeLoss(&reader)
    case .object, .array: try reader.skipContainer()
    case .boolean, .null: break
    }
    return 0
  }

  private mutating func takeLoss(_ reader: inout JSONReader) throws(JSONError) {
    while let key = try reader.nextKey() {
      switch try reader.value() {
      case .string(let text): if key.equals("why") { isDamage = text.equals(Loss.damage) }
      case .object, .array: try reader.skipContainer()
      case .integer, .double, .boolean, .null: break
      }
    }
  }

  private mutating func take(_ key: JSONText, _ text: JSONText) -> Int {
    if key.equals("rec") {
      recordingText = text
    } else if key.equals("user") {
      userText = text
      return 1
    } else if key.equals("host") {
      hostText = text
      return 1
    } else if key.equals("ver") {
      return text.raw.first == UInt8(ascii: "2") ? 1 : 0
    } else if key.equals("kind") {
      kind = text.equals("start") ? .start : text.equals("gap") ? .gap : text.equals("end") ? .end : .data
    } else {
      takeFurther(key, text)
    }
    return 0
  }

  private mutating func takeFurther(_ key: JSONText, _ text: JSONText) {
    if key.equals("timing") {
      timingText = text
    } else if key.equals("term") {
      terminalText = text
    } else if key.equals("trust") {
      trustText = text
    } else if key.equals("tty") {
      ttyText = text
    } else if key.equals("cmd") {
      commandText = text
    } else if key.equals("why") {
      whyText = text
    }
  }

  private mutating func take(_ key: JSONText, _ number: UInt64) -> Int {
    if key.equals("id") {
      sequence = number
    } else if key.equals("pos") {
      milliseconds = number
    } else if key.equals("session") {
      session = number
    } else {
      if key.equals("exit") { exit = number } else if key.equals("signal") { signal = number }
      return 0
    }
    return 1
  }
}

/// The size at the start of `text`, as `80x24`; nil for none.
private func size(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Window? {
  let digits = { (byte: UInt8) in byte >= 0x30 && byte <= 0x39 }
  let columns = text.prefix(while: digits)
  let rows = text[columns.endIndex...].dropFirst().prefix(while: digits)
  guard text[columns.endIndex...].first == UInt8(ascii: "x"),
    let columns = UInt16(String(decoding: columns, as: UTF8.self)),
    let rows = UInt16(String(decoding: rows, as: UTF8.self))
  else { return nil }
  return Window(columns: columns, rows: rows).orUsual
}
