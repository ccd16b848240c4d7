/// Reads messages: lines of tlog JSON, format 2.3 and 2.4, and what they recorded, event by event.
///
/// ``read(_:)`` takes in a line, ``next()`` then gives its events. Read leniently, as tlog-play reads: fields in any order,
/// unknown ones ignored, blanks in the timing, text that the timing does not use. But no field may come twice, and text
/// that is not UTF-8 is refused where tlog would play it. The errors are tlog's, in ``MessageError``.
///
/// Every message restates the window. Only a window that differs from the one before is an event; the reader compares, so
/// that no caller has to. Whoever begins or goes on elsewhere in a recording says which window is in force there.
///
///     let message = try reader.read(line)
///     while let event = try reader.next() { … }
///
/// The reader keeps pointers into the line: its bytes must stay where they are, unchanged, until the next line is read
/// or the reader is gone. Its own memory is used again for each line; for an event nothing is allocated.
public struct MessageReader: ~Copyable {
  /// The latest that a recording may get, in milliseconds: tlog's bound, some 68 years.
  package static let millisecondsMax: UInt64 = 2_147_483_647_999

  /// Fields that nobody knows, in one message. Repeated ones are looked for among them pair by pair.
  package static let unknownFieldCountMax = 32

  private var fields = MessageFields()
  private var timingBytes = ByteBuilder(capacity: 64)
  private var inputText = ByteBuilder(capacity: 64)
  private var outputText = ByteBuilder(capacity: 64)

  private var timing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var place = 0
  /// The time of the last event that ``next()`` gave; once it has given all, that of the message's end.
  package private(set) var milliseconds: UInt64 = 0
  private var input = ReadTrack()
  private var output = ReadTrack()
  /// Code points of the text run that was begun and not given out yet.
  private var runCharacterCount = 0
  private var runIsInput = false

  private var errorOutput = Stretches()
  private var masked = Stretches()
  private var echoOff = Stretches()
  private var secret = Stretches()

  /// The window in force behind the last event. nil: no message has said one, and nothing was shown yet.
  package var window: Window?

  /// - Parameter window: The one in force where reading begins. nil at a recording's start, and wherever it is not known:
  ///   the first window is an event then.
  package init(window: Window?) { self.window = window }

  /// Reads a line, and forgets the one before.
  ///
  /// - Parameter line: At most ``MessageEncoder/lineByteCountMax`` bytes, with or without its LF. Blank lines, which
  ///   tlog passes over, are for the caller to pass over.
  /// - Throws: What is wrong with the line; it has no events then.
  package mutating func read(_ line: UnsafeBufferPointer<UInt8>) throws(MessageError) -> Message {
    endTiming()
    guard line.count <= MessageEncoder.lineByteCountMax else {
      throw MessageError(.tooLong, at: MessageEncoder.lineByteCountMax)
    }
    try fields.collect(line)
    let message = try Message(fields)
    try readStretches(message)
    try begin(message)
    return message
  }

  /// The next thing that the message recorded; nil at its end.
  ///
  /// - Throws: What is wrong with the message there; it ends so.
  package mutating func next() throws(MessageError) -> MessageEvent? {
    do throws(MessageError) {
      return try nextEvent()
    } catch {
      endTiming()
      throw error
    }
  }

  // MARK: - Lines

  private mutating func endTiming() {
    timing = UnsafeBufferPointer(start: nil, count: 0)
    place = 0
    runCharacterCount = 0
  }

  private mutating func readStretches(_ message: Message) throws(MessageError) {
    guard message.version.isExtended else {
      errorOutput.clear()
      masked.clear()
      echoOff.clear()
      secret.clear()
      return
    }
    try fields.stretches(.errorOutput, into: &errorOutput)
    try fields.stretches(.masked, into: &masked)
    try fields.stretches(.echoOff, into: &echoOff)
    try fields.stretches(.secret, into: &secret)
  }

  private mutating func begin(_ message: Message) throws(MessageError) {
    milliseconds = message.milliseconds
    let inputText = meaning(try fields.optionalText(.inputText), in: &inputText)
    let outputText = meaning(try fields.optionalText(.outputText), in: &outputText)
    input = ReadTrack(text: inputText, bytes: fields.inputBytes.bytes)
    output = ReadTrack(text: outputText, bytes: fields.outputBytes.bytes)
    timing = meaning(try fields.text(.timing), in: &timingBytes)
  }

  // MARK: - Timing

  private mutating func nextEvent() throws(MessageError) -> MessageEvent? {
    while true {
      if runCharacterCount > 0 { return try textEvent() }
      skipBlanks()
      // A NUL ends the timing for tlog, to which it is a C string.
      guard place < timing.count, timing[place] != 0 else { return nil }
      let mark = timing[place]
      place &+= 1
      let number = try timingNumber()
      switch mark {
      case UInt8(ascii: "+"): try wait(number)
      case UInt8(ascii: "="): if let event = try windowEvent(columns: number) { return event }
      case UInt8(ascii: "<"), UInt8(ascii: ">"):
        runIsInput = mark == UInt8(ascii: "<")
        runCharacterCount = Int(clamping: number)
      case UInt8(ascii: "["), UInt8(ascii: "]"):
        let event = try binaryEvent(isInput: mark == UInt8(ascii: "["), characterCount: Int(clamping: number))
        if let event { return event }
      default: throw fields.error(.value, .timing)
      }
    }
  }

  private mutating func skipBlanks() {
    while place < timing.count, timing[place] == 0x20 || timing[place] >= 0x09 && timing[place] <= 0x0D { place &+= 1 }
  }

  private mutating func timingNumber() throws(MessageError) -> UInt64 {
    skipBlanks()
    guard let number = decimalNumber(in: timing, at: &place) else { throw fields.error(.value, .timing) }
    return number
  }

  /// The second number of a record, after `separator`.
  private mutating func secondNumber(after separator: UInt8) throws(MessageError) -> UInt64 {
    guard place < timing.count, timing[place] == separator else { throw fields.error(.value, .timing) }
    place &+= 1
    return try timingNumber()
  }

  private mutating func wait(_ delay: UInt64) throws(MessageError) {
    // A message holds so few delays that their sum cannot overflow.
    guard delay <= Self.millisecondsMax else { throw fields.error(.value, .timing) }
    milliseconds &+= delay
  }

  /// - Returns: nil when the window is the one before.
  private mutating func windowEvent(columns: UInt64) throws(MessageError) -> MessageEvent? {
    let rows = try secondNumber(after: UInt8(ascii: "x"))
    guard let columns = UInt16(exactly: columns), let rows = UInt16(exactly: rows) else {
      throw fields.error(.value, .timing)
    }
    let window = Window(columns: columns, rows: rows).orUsual
    if window == self.window { return nil }
    self.window = window
    return MessageEvent(milliseconds: milliseconds, content: .window(window))
  }

  // MARK: - Runs

  /// As much of the text run as has one stream and one mark.
  private mutating func textEvent() throws(MessageError) -> MessageEvent {
    let (stream, mark, end) = look(isInput: runIsInput)
    let count = min(runCharacterCount, end &- (runIsInput ? input.character : output.character))
    let text = runIsInput ? input.takeText(count) : output.takeText(count)
    guard let text else { throw fields.error(.value, runIsInput ? .inputText : .outputText) }
    runCharacterCount &-= count
    return dataEvent(stream, mark, text)
  }

  /// The bytes of an invalid run; what stands for them in the text is skipped. The run is in a stretch as a whole, if
  /// its first character is.
  ///
  /// - Returns: nil when the run has no bytes.
  private mutating func binaryEvent(isInput: Bool, characterCount: Int) throws(MessageError) -> MessageEvent? {
    let byteCount = Int(clamping: try secondNumber(after: UInt8(ascii: "/")))
    let (stream, mark, _) = look(isInput: isInput)
    let skipped = isInput ? input.takeText(characterCount) : output.takeText(characterCount)
    guard skipped != nil else { throw fields.error(.value, isInput ? .inputText : .outputText) }
    let bytes = isInput ? input.takeBytes(byteCount) : output.takeBytes(byteCount)
    guard let bytes else { throw fields.error(.value, isInput ? .inputBinary : .outputBinary) }
    return bytes.isEmpty ? nil : dataEvent(stream, mark, bytes)
  }

  /// What comes before any window is shown on a screen of the usual size, which is then the window in force.
  private mutating func dataEvent(
    _ stream: Stream, _ mark: InputMark, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> MessageEvent {
    if window == nil { window = .usual }
    return MessageEvent(milliseconds: milliseconds, content: .data(stream, mark, bytes))
  }

  /// What the next character of a track is part of, and the place in that track's text at which that changes.
  private mutating func look(isInput: Bool) -> (Stream, InputMark, end: Int) {
    guard isInput else {
      let (isError, end) = errorOutput.look(at: output.character)
      return (isError ? .errorOutput : .output, .none, end)
    }
    let (isMasked, maskedEnd) = masked.look(at: input.character)
    let (isEchoOff, echoOffEnd) = echoOff.look(at: input.character)
    let (isSecret, secretEnd) = secret.look(at: input.character)
    let mark: InputMark = isMasked ? .masked : isEchoOff ? .echoOff : isSecret ? .secret : .none
    return (.input, mark, min(maskedEnd, echoOffEnd, secretEnd))
  }
}

/// What `text` means: its own bytes when it is written plainly, else built in `room`.
private func meaning(_ text: JSONText?, in room: inout ByteBuilder) -> UnsafeBufferPointer<UInt8> {
  guard let text else { return UnsafeBufferPointer(start: nil, count: 0) }
  if text.isPlain { return text.raw }
  room.clear()
  text.append(to: &room)
  return room.bytes
}
