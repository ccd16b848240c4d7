/// One direction of the message being filled: its text, its bytes, and the run of its events that is still open.
///
/// Only ``MessageEncoder`` uses it. A run is a stretch of one kind at one time; in the timing it is written when it ends,
/// but what it will take there is reserved as it grows: `<` and a digit, and another digit at each power of ten.
struct Track: ~Copyable {
  enum Run {
    case none
    /// `<characters`: that many characters of text.
    case text(characters: Int)
    /// `[characters/bytes`: that many replacement characters in the text stand for so many bytes in the array.
    case binary(characters: Int, bytes: Int)
  }

  var text: ByteBuilder
  var binary: ByteBuilder
  /// Code points in `text`.
  private(set) var characterCount = 0
  private var run = Run.none
  private let textMark: StaticString
  private let binaryMark: StaticString

  init(text: StaticString, binary: StaticString, capacity: Int) {
    textMark = text
    binaryMark = binary
    self.text = ByteBuilder(capacity: capacity)
    self.binary = ByteBuilder(capacity: 64)
  }

  var byteCount: Int { text.count + binary.count }

  mutating func clear() {
    text.clear()
    binary.clear()
    characterCount = 0
    run = .none
  }

  /// Ends the open run and writes it.
  mutating func flushRun(into timing: inout ByteBuilder) {
    switch run {
    case .none: return
    case .text(let characters):
      timing.append(textMark)
      timing.append(decimal: characters)
    case .binary(let characters, let bytes):
      timing.append(binaryMark)
      timing.append(decimal: characters)
      timing.append("/")
      timing.append(decimal: bytes)
    }
    run = .none
  }

  /// Ends the open run if it is of the other kind than what comes.
  mutating func endRun(unlessBinary isBinary: Bool, into timing: inout ByteBuilder) {
    switch run {
    case .none: return
    case .text where !isBinary, .binary where isBinary: return
    case .text, .binary: flushRun(into: &timing)
    }
  }

  // MARK: - Taking back

  struct Snapshot {
    fileprivate let textCount: Int
    fileprivate let binaryCount: Int
    fileprivate let characterCount: Int
    fileprivate let run: Run
  }

  var snapshot: Snapshot {
    Snapshot(textCount: text.count, binaryCount: binary.count, characterCount: characterCount, run: run)
  }

  mutating func restore(_ snapshot: Snapshot) {
    text.truncate(to: snapshot.textCount)
    binary.truncate(to: snapshot.binaryCount)
    characterCount = snapshot.characterCount
    run = snapshot.run
  }

  // MARK: - Text

  /// Bytes of timing that one more character of text takes; `isLater`: in a run of its own.
  func textRunGrowth(_ isLater: Bool) -> Int {
    guard !isLater, case .text(let characters) = run else { return 2 }
    return decimalDigitCount(UInt64(characters + 1)) - decimalDigitCount(UInt64(characters))
  }

  /// Takes whole characters into an open text run, as long as they fit into `room` bytes of payload.
  ///
  /// - Returns: Bytes taken; what they used is gone from `room`.
  @inline(__always)
  mutating func appendText(_ bytes: UnsafePointer<UInt8>, _ count: Int, room: inout Int) -> Int {
    guard case .text(let characters) = run else { return 0 }
    // No byte takes more than six, and a large payload is not to be filled with room at once.
    text.reserve(min(room, 6 &* count) &+ EscapingCopy.slackByteCount)
    var copy = EscapingCopy(bytes, count, to: text.base + text.count, room: room, characters: characters)
    copy.run()
    text.count &+= copy.written
    room = copy.room
    characterCount &+= copy.characters &- characters
    run = .text(characters: copy.characters)
    return copy.taken
  }

  /// Takes one character. A run of bytes has been ended before.
  mutating func appendCharacter(_ character: UnsafeBufferPointer<UInt8>) {
    if case .text(let characters) = run {
      run = .text(characters: characters + 1)
    } else {
      run = .text(characters: 1)
    }
    if character.count == 1 {
      text.append(escaping: character[0])
    } else {
      text.append(character)
    }
    characterCount += 1
  }

  // MARK: - Invalid sequences

  /// Bytes of payload that an invalid sequence takes: replacement character, array, timing; `isLater`: in a run of its own.
  func invalidByteCount(_ sequence: UTF8Decoder.Character, _ isLater: Bool) -> Int {
    var digits = 0
    for place in 0..<sequence.count { digits += 1 + decimalDigitCount(UInt64(sequence[place])) }
    if binary.isEmpty { digits -= 1 }  // no comma before the first
    return 3 + digits + (isLater ? 4 : binaryRunGrowth(sequence.count))
  }

  private func binaryRunGrowth(_ added: Int) -> Int {
    guard case .binary(let characters, let bytes) = run else { return 4 }
    return decimalDigitCount(UInt64(characters + 1)) - decimalDigitCount(UInt64(characters))
      + decimalDigitCount(UInt64(bytes + added)) - decimalDigitCount(UInt64(bytes))
  }

  /// Takes one invalid sequence. A run of text has been ended before.
  mutating func appendInvalid(_ sequence: UTF8Decoder.Character) {
    if case .binary(let characters, let bytes) = run {
      run = .binary(characters: characters + 1, bytes: bytes + sequence.count)
    } else {
      run = .binary(characters: 1, bytes: sequence.count)
    }
    text.append(replacementCharacter: ())
    characterCount += 1
    for place in 0..<sequence.count {
      if !binary.isEmpty { binary.append(",") }
      binary.append(decimal: UInt64(sequence[place]))
    }
  }
}

/// Stretches of a text, as the `[start,count]` pairs in code points that format 2.4 adds to data messages.
///
/// Only ``MessageEncoder`` uses it, and reserves payload for each pair, so that pairs cannot outgrow a line.
struct Ranges: ~Copyable {
  /// What is reserved for a pair: brackets, two commas and two numbers of at most seven digits.
  static let rangeByteCount = 18

  private var closed = ByteBuilder(capacity: 1)
  private var start = 0
  private var count = 0

  var isUsed: Bool { count > 0 }

  /// Whether a stretch that begins at `first` needs no pair of its own.
  func continues(at first: Int) -> Bool { count > 0 && start + count == first }

  mutating func extend(_ first: Int, _ added: Int) {
    if continues(at: first) {
      count += added
      return
    }
    close()
    start = first
    count = added
  }

  mutating func clear() {
    closed.clear()
    count = 0
  }

  struct Snapshot {
    fileprivate let closedCount: Int
    fileprivate let start: Int
    fileprivate let count: Int
  }

  var snapshot: Snapshot { Snapshot(closedCount: closed.count, start: start, count: count) }

  mutating func restore(_ snapshot: Snapshot) {
    closed.truncate(to: snapshot.closedCount)
    start = snapshot.start
    count = snapshot.count
  }

  /// Appends `,"name":[[start,count],…]`, or nothing when there is no pair.
  mutating func write(as name: StaticString, into line: inout ByteBuilder) {
    guard isUsed else { return }
    close()
    line.append(",\"")
    line.append(name)
    line.append("\":[")
    line.append(closed.bytes)
    line.append("]")
  }

  private mutating func close() {
    guard count > 0 else { return }
    if !closed.isEmpty { closed.append(",") }
    closed.append("[")
    closed.append(decimal: start)
    closed.append(",")
    closed.append(decimal: count)
    closed.append("]")
  }
}
