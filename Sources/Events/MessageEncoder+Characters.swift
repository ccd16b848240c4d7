/// The start of a character whose end has not come yet.
struct Held {
  var decoder = UTF8Decoder()
  var milliseconds: UInt64 = 0
  var mark = InputMark.none
}

/// How ``MessageEncoder`` fits characters into a message: the part that every byte goes through.
///
/// A *unit*, that is a character or an invalid sequence with all that must stand before it, is taken whole or not at all.
extension MessageEncoder {
  /// What a read begins with.
  private enum Unit {
    case character(byteCount: Int)
    case invalid(UTF8Decoder.Character)
    /// The whole rest of the read is the beginning of a character.
    case unfinished(UTF8Decoder)
  }

  private func firstUnit(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Unit {
    if bytes[0] < 0x80 { return .character(byteCount: 1) }
    let whole = multibyteCharacterByteCount(bytes, available: count)
    if whole > 0 { return .character(byteCount: whole) }
    var decoder = UTF8Decoder()
    for place in 0..<count {
      switch decoder.take(bytes[place]) {
      case .held: continue
      case .character: return .character(byteCount: place + 1)
      case .invalid: return .invalid(UTF8Decoder.Character(bytes[place]))
      case .brokenOff: return .invalid(decoder.cut())
      }
    }
    return .unfinished(decoder)
  }

  /// Takes a stretch of text, one character, or one invalid sequence, when nothing is held.
  ///
  /// - Returns: Bytes taken; 0 when the message is full.
  @inline(__always)
  mutating func appendSome(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Int {
    let text = appendText(bytes, count, stream, mark, milliseconds)
    return text > 0 ? text : appendUnit(bytes, count, stream, mark, milliseconds)
  }

  /// As many whole characters as fit, when a run of text is open for them.
  @inline(__always)
  private mutating func appendText(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Int {
    if isEmpty || milliseconds > lastMilliseconds { return 0 }
    let first = stream == .input ? input.characterCount : output.characterCount
    if needsRange(first, stream, mark) { return 0 }
    let taken =
      stream == .input
      ? input.appendText(bytes, count, room: &remaining) : output.appendText(bytes, count, room: &remaining)
    let last = stream == .input ? input.characterCount : output.characterCount
    if taken > 0 { extend(first, last - first, stream, mark) }
    return taken
  }

  private mutating func appendUnit(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Int {
    switch firstUnit(bytes, count) {
    case .character(let length):
      let character = UnsafeBufferPointer(start: bytes, count: length)
      return appendCharacter(character, stream, mark, milliseconds) ? length : 0
    case .invalid(let sequence):
      return appendInvalid(sequence, stream, mark, milliseconds) ? sequence.count : 0
    case .unfinished(let decoder):
      hold(Held(decoder: decoder, milliseconds: milliseconds, mark: mark), stream)
      return count
    }
  }

  /// Takes what a read begins with when a character is held: its missing bytes, or something else.
  ///
  /// If the first byte breaks it off, tlog fits what is broken off and what the byte begins together, or neither.
  /// - Returns: Bytes taken; 0 when the message is full.
  mutating func appendToHeld(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Int {
    var decoder = held(stream).decoder
    for place in 0..<count {
      switch decoder.take(bytes[place]) {
      case .held: continue
      case .character(let character):
        guard appendCharacter(character, stream, mark, milliseconds) else { return 0 }
        hold(Held(), stream)
        return place + 1
      case .brokenOff where place > 0:
        guard appendInvalid(decoder.cut(), stream, mark, milliseconds) else { return 0 }
        hold(Held(), stream)
        return place
      case .brokenOff, .invalid:
        var taken = 0
        _ = fitTogether { encoder in
          if encoder.breakOff(stream) { taken = encoder.appendUnit(bytes, count, stream, mark, milliseconds) }
          return taken > 0
        }
        return taken
      }
    }
    hold(Held(decoder: decoder, milliseconds: milliseconds, mark: mark), stream)
    return count
  }

  /// Gives up what is held of a split character: an invalid sequence, at the time of its last byte.
  mutating func breakOff(_ stream: Stream) -> Bool {
    var given = held(stream)
    let broken = given.decoder.cut()
    if broken.count == 0 { return true }
    guard appendInvalid(broken, stream, given.mark, given.milliseconds) else { return false }
    hold(Held(), stream)
    return true
  }

  private mutating func appendCharacter(
    _ character: UTF8Decoder.Character, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Bool {
    var bytes = character.bytes
    return withUnsafeBytes(of: &bytes) { raw in
      let start = raw.assumingMemoryBound(to: UInt8.self).baseAddress
      return appendCharacter(UnsafeBufferPointer(start: start, count: character.count), stream, mark, milliseconds)
    }
  }

  private mutating func appendCharacter(
    _ character: UnsafeBufferPointer<UInt8>, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Bool {
    let textBytes = character.count == 1 ? ByteBuilder.escapedByteCount(character[0]) : character.count
    let isLater = milliseconds > lastMilliseconds
    let run = stream == .input ? input.textRunGrowth(isLater) : output.textRunGrowth(isLater)
    guard reserve(textBytes + run, stream, mark, endsRun: false, at: milliseconds) else { return false }
    if stream == .input {
      input.appendCharacter(character)
    } else {
      output.appendCharacter(character)
    }
    return true
  }

  private mutating func appendInvalid(
    _ sequence: UTF8Decoder.Character, _ stream: Stream, _ mark: InputMark, _ milliseconds: UInt64
  ) -> Bool {
    let isLater = milliseconds > lastMilliseconds
    let cost =
      stream == .input ? input.invalidByteCount(sequence, isLater) : output.invalidByteCount(sequence, isLater)
    guard reserve(cost, stream, mark, endsRun: true, at: milliseconds) else { return false }
    if stream == .input {
      input.appendInvalid(sequence)
    } else {
      output.appendInvalid(sequence)
    }
    return true
  }

  /// Takes `cost` bytes of payload for one character at `milliseconds`, and writes all that must stand before it: the end
  /// of a run of the other kind, a window or a delay.
  ///
  /// An empty message takes any character, even where a window, a range and a small payload leave no room for it:
  /// there is no larger message to come, and asking again would have no end.
  /// - Parameter endsRun: Whether it is text that the character ends a run of, and not bytes.
  /// - Returns: False, and nothing changed, when that does not fit.
  private mutating func reserve(
    _ cost: Int, _ stream: Stream, _ mark: InputMark, endsRun isBinary: Bool, at milliseconds: UInt64
  ) -> Bool {
    let first = stream == .input ? input.characterCount : output.characterCount
    let range = needsRange(first, stream, mark) ? Ranges.rangeByteCount : 0
    guard isEmpty || openingByteCount(at: milliseconds) + cost + range <= remaining else { return false }
    if stream == .input {
      input.endRun(unlessBinary: isBinary, into: &timing)
    } else {
      output.endRun(unlessBinary: isBinary, into: &timing)
    }
    open(at: milliseconds)
    remaining -= cost + range
    extend(first, 1, stream, mark)
    return true
  }

  /// Does all of `body`, which appends, or nothing: what did not fit into a message with something in it is taken back.
  mutating func fitTogether(_ body: (inout MessageEncoder) -> Bool) -> Bool {
    if isEmpty { return body(&self) }
    let before = Snapshot(self)
    if body(&self) { return true }
    restore(before)
    return false
  }

  // MARK: - Ranges

  private func needsRange(_ first: Int, _ stream: Stream, _ mark: InputMark) -> Bool {
    switch (stream, mark) {
    case (.errorOutput, _): !errorRanges.continues(at: first)
    case (.input, .masked): !maskedRanges.continues(at: first)
    case (.input, .echoOff): !echoOffRanges.continues(at: first)
    case (.input, .secret): !secretRanges.continues(at: first)
    default: false
    }
  }

  private mutating func extend(_ first: Int, _ count: Int, _ stream: Stream, _ mark: InputMark) {
    switch (stream, mark) {
    case (.errorOutput, _): errorRanges.extend(first, count)
    case (.input, .masked): maskedRanges.extend(first, count)
    case (.input, .echoOff): echoOffRanges.extend(first, count)
    case (.input, .secret): secretRanges.extend(first, count)
    default: break
    }
  }

  // MARK: - Held characters

  @inline(__always)
  func isHolding(_ stream: Stream) -> Bool { isHolding & (1 << stream.rawValue) != 0 }

  private func held(_ stream: Stream) -> Held {
    switch stream {
    case .output: heldOutput
    case .errorOutput: heldErrorOutput
    case .input: heldInput
    }
  }

  private mutating func hold(_ held: Held, _ stream: Stream) {
    switch stream {
    case .output: heldOutput = held
    case .errorOutput: heldErrorOutput = held
    case .input: heldInput = held
    }
    let bit: UInt8 = 1 << stream.rawValue
    if held.decoder.held.count > 0 { isHolding |= bit } else { isHolding &= ~bit }
  }

  // MARK: - Taking back

  /// All that appending changes. What was appended to buffers is cut off again, so their lengths are enough.
  private struct Snapshot {
    let remaining: Int
    let firstMilliseconds: UInt64
    let lastMilliseconds: UInt64
    let timingCount: Int
    let tracks: (input: Track.Snapshot, output: Track.Snapshot)
    let held: (output: Held, errorOutput: Held, input: Held)
    let ranges: (error: Ranges.Snapshot, masked: Ranges.Snapshot, echoOff: Ranges.Snapshot, secret: Ranges.Snapshot)

    init(_ encoder: borrowing MessageEncoder) {
      remaining = encoder.remaining
      firstMilliseconds = encoder.firstMilliseconds
      lastMilliseconds = encoder.lastMilliseconds
      timingCount = encoder.timing.count
      tracks = (encoder.input.snapshot, encoder.output.snapshot)
      held = (encoder.heldOutput, encoder.heldErrorOutput, encoder.heldInput)
      ranges = (
        encoder.errorRanges.snapshot, encoder.maskedRanges.snapshot, encoder.echoOffRanges.snapshot,
        encoder.secretRanges.snapshot
      )
    }
  }

  private mutating func restore(_ snapshot: Snapshot) {
    remaining = snapshot.remaining
    firstMilliseconds = snapshot.firstMilliseconds
    lastMilliseconds = snapshot.lastMilliseconds
    timing.truncate(to: snapshot.timingCount)
    input.restore(snapshot.tracks.input)
    output.restore(snapshot.tracks.output)
    hold(snapshot.held.output, .output)
    hold(snapshot.held.errorOutput, .errorOutput)
    hold(snapshot.held.input, .input)
    errorRanges.restore(snapshot.ranges.error)
    maskedRanges.restore(snapshot.ranges.masked)
    echoOffRanges.restore(snapshot.ranges.echoOff)
    secretRanges.restore(snapshot.ranges.secret)
  }
}
