/// Turns events into messages: lines of tlog JSON, format 2.3, and 2.4 where a message needs its fields.
///
/// Bytes and times in, lines out; no clock, no I/O. A message is filled until its payload is used up, then
/// ``finish(into:link:)`` writes its line and the next one begins. Nothing is allocated for an event.
///
/// The payload is what tlog counts: the timing text, the escaped text of both directions, and the digits and commas of
/// both byte arrays. An event that does not fit leaves the message as it was. With a payload of at least
/// ``payloadByteCountMin``, any single character fits an empty message, so each `append` after a `finish` makes headway.
public struct MessageEncoder: ~Copyable {
  /// tlog's smallest payload.
  package static let payloadByteCountMin = 32
  /// What one message line may hold at most (docs/format.md), header and field names included.
  package static let lineByteCountMax = 1 << 20
  /// The largest payload whose line still fits, with room for the header fields, each byte of them escaped as `\u00xx`.
  package static let payloadByteCountMax = lineByteCountMax - 32 * 1024

  /// The number of the next message to be finished; the first is 1. `id` in a message, `seq` everywhere else.
  package private(set) var sequence: UInt64 = 1
  /// The time of the last event taken, milliseconds: events never go back in time.
  package internal(set) var lastMilliseconds: UInt64 = 0
  /// Whether the message being filled holds no event yet.
  package private(set) var isEmpty = true

  /// Fields up to and including `"id":`; the version's minor digit is patched when a line is written.
  private let prefix: [UInt8]
  /// What the wall clock would have shown at the start, had it been set then as it is now.
  package private(set) var startMilliseconds: UInt64
  private let payload: Int

  var remaining: Int
  var firstMilliseconds: UInt64 = 0
  var timing: ByteBuilder
  var input: Track
  var output: Track
  /// The last window given, restated at the start of every message.
  private var window: Window?
  var heldOutput = Held()
  var heldErrorOutput = Held()
  var heldInput = Held()
  /// A bit for each stream of which something is held.
  var isHolding: UInt8 = 0
  var errorRanges = Ranges()
  var maskedRanges = Ranges()
  var echoOffRanges = Ranges()
  var secretRanges = Ranges()

  /// - Parameter payload: Bytes of encoded events that a message may hold, cut to the two limits above.
  package init(header: RecordingHeader, payload: Int) {
    self.payload = min(max(payload, Self.payloadByteCountMin), Self.payloadByteCountMax)
    remaining = self.payload
    startMilliseconds = header.startMilliseconds
    prefix = Self.prefix(header)
    timing = ByteBuilder(capacity: min(self.payload, Self.initialByteCount))
    input = Track(text: "<", binary: "[", capacity: min(self.payload, Self.initialByteCount))
    output = Track(text: ">", binary: "]", capacity: min(self.payload, Self.initialByteCount))
  }

  /// Buffers start at this size at most and grow when a larger payload is really used.
  private static let initialByteCount = 4096

  // MARK: - Events in

  /// Takes bytes that crossed the recorder.
  ///
  /// A character that is not whole yet is held until its last byte comes, and gets that byte's time.
  /// - Parameters:
  ///   - mark: What is known about input; ignored for output.
  ///   - milliseconds: Since the start of the recording. A time before the last event counts as the last event's.
  /// - Returns: How many bytes were taken. Fewer than given: the message is full; finish it and give the rest.
  package mutating func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, mark: InputMark = .none, at milliseconds: UInt64
  ) -> Int {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return 0 }
    var taken = 0
    if isHolding(stream) {
      taken = appendToHeld(start, bytes.count, stream, mark, milliseconds)
      if taken == 0 { return 0 }
    }
    while taken < bytes.count {
      let step = appendSome(start + taken, bytes.count - taken, stream, mark, milliseconds)
      if step == 0 { return taken }
      taken += step
    }
    return taken
  }

  /// Takes a new window size; one equal to the last is dropped.
  ///
  /// - Returns: False when the message is full: finish it and give the window again.
  package mutating func append(_ window: Window, at milliseconds: UInt64) -> Bool {
    if window == self.window { return true }
    if isEmpty {
      self.window = window
      open(at: milliseconds)
      return true
    }
    let cost = openingByteCount(at: milliseconds) + window.timingByteCount
    guard cost <= remaining else { return false }
    open(at: milliseconds)
    flushRuns()
    self.window = window
    state(window)
    return true
  }

  /// Ends all three streams: what is held of split characters becomes invalid sequences, all in one message if they fit.
  ///
  /// - Returns: False when the message is full: finish it and cut again.
  package mutating func cut() -> Bool {
    fitTogether { $0.breakOff(.input) && $0.breakOff(.output) && $0.breakOff(.errorOutput) }
  }

  /// Whether a character is held whose last byte has not come.
  package var holdsCharacter: Bool { isHolding != 0 }

  /// Numbers the messages from `sequence` on: the ones before were written by somebody else.
  package mutating func number(from sequence: UInt64) { self.sequence = sequence }

  /// The host's clock was set. The message being filled must be empty: a message has one time.
  ///
  /// - Parameters:
  ///   - wallMilliseconds: What it shows then, since the Epoch.
  ///   - milliseconds: Since the start of the recording.
  package mutating func setClock(to wallMilliseconds: UInt64, at milliseconds: UInt64) {
    precondition(isEmpty, "a message is being filled")
    startMilliseconds = wallMilliseconds &- milliseconds
  }

  // MARK: - Lines out

  /// Writes the line of the message being filled, LF included, and begins the next one.
  ///
  /// - Parameter line: What is in it stays; the message is appended.
  package mutating func finish(into line: inout ByteBuilder, link: MessageLink? = nil) {
    flushRuns()
    let extended =
      link != nil || errorRanges.isUsed || maskedRanges.isUsed || echoOffRanges.isUsed || secretRanges.isUsed
    beginLine(&line, minorVersion: extended ? "4" : "3", at: firstMilliseconds)
    if let link { line.append(link) }
    writeRanges(&line)
    endLine(&line)
  }

  /// Moves the end of the message being filled to the time at which the recording ends.
  ///
  /// - Returns: False when the message has no room for that: finish it, and the end is a message of its own.
  package mutating func move(to milliseconds: UInt64) -> Bool {
    if isEmpty { return true }
    guard openingByteCount(at: milliseconds) <= remaining else { return false }
    open(at: milliseconds)
    return true
  }

  /// Writes a message of its own that holds no events, one of the kinds that 2.4 adds. The message being filled must be
  /// empty.
  ///
  /// - Parameter fields: Appends the fields that the kind adds, each beginning with a comma.
  package mutating func write(
    kind: StaticString, at milliseconds: UInt64, into line: inout ByteBuilder, link: MessageLink? = nil,
    fields: (inout ByteBuilder) -> Void
  ) {
    precondition(isEmpty, "a message is being filled")
    writeLine(kind: kind, at: milliseconds, into: &line, link, fields)
  }

  /// Writes the end of the recording, in one message with the events that wait: who looks at the last message of a short
  /// session finds what it showed. ``move(to:)`` has been asked.
  ///
  /// - Parameter fields: As in ``write(kind:at:into:link:fields:)``.
  package mutating func writeEnd(
    at milliseconds: UInt64, into line: inout ByteBuilder, link: MessageLink? = nil,
    fields: (inout ByteBuilder) -> Void
  ) {
    flushRuns()
    writeLine(kind: "end", at: milliseconds, into: &line, link, fields)
  }

  private mutating func writeLine(
    kind: StaticString, at milliseconds: UInt64, into line: inout ByteBuilder, _ link: MessageLink?,
    _ fields: (inout ByteBuilder) -> Void
  ) {
    lastMilliseconds = max(lastMilliseconds, milliseconds)
    beginLine(&line, minorVersion: "4", at: isEmpty ? lastMilliseconds : firstMilliseconds)
    line.append(",\"kind\":\"")
    line.append(kind)
    line.append("\"")
    if let link { line.append(link) }
    writeRanges(&line)
    fields(&line)
    endLine(&line)
  }

  private mutating func beginLine(_ line: inout ByteBuilder, minorVersion: Unicode.Scalar, at milliseconds: UInt64) {
    line.reserve(prefix.count + timing.count + input.byteCount + output.byteCount + Self.fixedByteCount)
    let start = line.count
    line.append(prefix)
    line.base[start + Self.minorVersionOffset] = UInt8(ascii: minorVersion)
    line.append(decimal: sequence)
    line.append(",\"pos\":")
    line.append(decimal: milliseconds)
    let time = startMilliseconds &+ milliseconds
    line.append(",\"time\":")
    line.append(decimal: time / 1000)
    line.append(".")
    line.append(thousandths: time % 1000)
    line.append(",\"timing\":\"")
    line.append(timing.bytes)
    line.append("\",\"in_txt\":\"")
    line.append(input.text.bytes)
    line.append("\",\"in_bin\":[")
    line.append(input.binary.bytes)
    line.append("],\"out_txt\":\"")
    line.append(output.text.bytes)
    line.append("\",\"out_bin\":[")
    line.append(output.binary.bytes)
    line.append("]")
  }

  private mutating func writeRanges(_ line: inout ByteBuilder) {
    errorRanges.write(as: "err", into: &line)
    maskedRanges.write(as: "masked", into: &line)
    echoOffRanges.write(as: "echo_off", into: &line)
    secretRanges.write(as: "secret", into: &line)
  }

  private mutating func endLine(_ line: inout ByteBuilder) {
    line.append("}\n")
    sequence += 1
    beginMessage()
  }

  private mutating func beginMessage() {
    isEmpty = true
    remaining = payload
    timing.clear()
    input.clear()
    output.clear()
    errorRanges.clear()
    maskedRanges.clear()
    echoOffRanges.clear()
    secretRanges.clear()
  }

  /// Where the digits of `id` begin in each line.
  package var identifierOffset: Int { prefix.count }

  private static let minorVersionOffset = 10  // {"ver":"2.3
  /// Names and punctuation of the fields that `beginLine` writes, and their longest numbers.
  private static let fixedByteCount = 192

  private static func prefix(_ header: RecordingHeader) -> [UInt8] {
    var prefix = ByteBuilder(capacity: 512)
    prefix.append("{\"ver\":\"2.3\",\"host\":")
    prefix.append(jsonString: header.host)
    prefix.append(",\"rec\":")
    prefix.append(jsonString: header.recording)
    prefix.append(",\"user\":")
    prefix.append(jsonString: header.user)
    prefix.append(",\"term\":")
    prefix.append(jsonString: header.terminal)
    prefix.append(",\"session\":")
    prefix.append(decimal: UInt64(header.session))
    prefix.append(",\"id\":")
    return prefix.array
  }

  // MARK: - Times and windows

  /// What must stand in the timing before an event at `milliseconds` can: the window in a new message, else a delay.
  func openingByteCount(at milliseconds: UInt64) -> Int {
    if isEmpty { return window?.timingByteCount ?? 0 }
    return milliseconds > lastMilliseconds ? 1 + decimalDigitCount(milliseconds - lastMilliseconds) : 0
  }

  mutating func open(at milliseconds: UInt64) {
    let now = max(milliseconds, lastMilliseconds)
    if isEmpty {
      isEmpty = false
      firstMilliseconds = now
      if let window { state(window) }
    } else if now > lastMilliseconds {
      flushRuns()
      let before = timing.count
      timing.append("+")
      timing.append(decimal: now - lastMilliseconds)
      remaining -= timing.count - before
    }
    lastMilliseconds = now
  }

  private mutating func state(_ window: Window) {
    let before = timing.count
    timing.append("=")
    timing.append(decimal: UInt64(window.columns))
    timing.append("x")
    timing.append(decimal: UInt64(window.rows))
    remaining -= timing.count - before
  }

  /// Input goes first, as in tlog: runs of one millisecond have no order between them.
  mutating func flushRuns() {
    input.flushRun(into: &timing)
    output.flushRun(into: &timing)
  }
}

extension ByteBuilder {
  fileprivate mutating func append(thousandths number: UInt64) {
    append(UInt8(truncatingIfNeeded: 0x30 + number / 100))
    append(UInt8(truncatingIfNeeded: 0x30 + number / 10 % 10))
    append(UInt8(truncatingIfNeeded: 0x30 + number % 10))
  }
}

extension Window {
  /// Bytes of `=WxH`.
  fileprivate var timingByteCount: Int {
    2 + decimalDigitCount(UInt64(columns)) + decimalDigitCount(UInt64(rows))
  }
}
