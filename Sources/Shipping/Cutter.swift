package import Events
import FoundationEssentials

/// Cuts the events of one recording into messages, each linked to the one before.
///
/// A message ends where a frame ends, so that its `off` says from where to go on. A character that is split between two
/// frames is in the message of its last byte; ``Message/isClean`` says that nothing of that kind is pending, so that
/// whoever begins there anew makes the same of what follows.
package struct Cutter: ~Copyable {
  /// Frames of that many bytes make a message. With one more frame of 64 KiB, in the worst of cases 9.5 bytes of JSON for
  /// a byte of events, that still fits a message of 1 MiB.
  package static let eventByteCountMax = 32 * 1024

  package struct Message: Sendable {
    package let head: Head
    /// With its LF.
    package let line: [UInt8]
    package let isEnd: Bool
    /// No character is split at its end.
    package let isClean: Bool
    package let window: Window?
    /// What the clock behind it counts from, ``Cutter/startMilliseconds``.
    package let startMilliseconds: UInt64
  }

  /// The last message that was cut.
  package private(set) var head: Head
  /// Behind the last frame that was taken.
  package private(set) var offset: UInt64
  /// The end was taken.
  package private(set) var hasEnded = false
  /// Milliseconds since the start of the recording, of the last event.
  package var lastMilliseconds: UInt64 { encoder.lastMilliseconds }
  /// The host's clock less the time since the start; another one after the clock was set.
  package var startMilliseconds: UInt64 { encoder.startMilliseconds }
  private var encoder: MessageEncoder
  private var line = ByteBuilder(capacity: 4096)
  private var window: Window?
  /// Bytes of frames in the message being filled.
  private var filledByteCount: UInt64 = 0

  /// - Parameters:
  ///   - offset: Where the first frame begins.
  ///   - window: The one in force there.
  package init(header: RecordingHeader, offset: UInt64, window: Window?) {
    encoder = MessageEncoder(header: header, payload: MessageEncoder.payloadByteCountMax)
    head = .none
    self.offset = offset
    self.window = window
    if let window { _ = encoder.append(window, at: 0) }  // an empty message has room for one
  }

  package var isEmpty: Bool { encoder.isEmpty }

  /// Takes the next frame, and appends the messages that it completes.
  ///
  /// - Parameters:
  ///   - start: What the start of the recording is to say.
  ///   - end: Where the frame ends.
  package mutating func take(
    _ frame: SpoolFrame, start: SessionStart?, endingAt end: UInt64, into messages: inout [Message]
  ) {
    if hasEnded { return }
    let milliseconds = frame.elapsedNanoseconds / 1_000_000
    switch frame.content {
    case .data(let stream, let mark, let bytes):
      if filledByteCount >= Self.eventByteCountMax { finish(into: &messages) }
      append(bytes, stream, mark, milliseconds, into: &messages)
    case .window(let window):
      if filledByteCount >= Self.eventByteCountMax { finish(into: &messages) }
      while !encoder.append(window, at: milliseconds) { finish(into: &messages) }
      self.window = window
    case .start(_, let claimed):
      finish(into: &messages)
      moveOn(to: end)
      write("start", milliseconds, into: &messages) { $0.append(fieldsOf: start ?? claimed) }
    case .clock(let wallMilliseconds):
      finish(into: &messages)
      encoder.setClock(to: wallMilliseconds, at: milliseconds)
    case .gap(let loss):
      finish(into: &messages)
      moveOn(to: end)
      write("gap", milliseconds, into: &messages) { $0.append(fieldsOf: loss) }
    case .end(let facts, let transfer):
      while !encoder.cut() { finish(into: &messages) }
      if !encoder.move(to: milliseconds) { finish(into: &messages) }
      moveOn(to: end)
      hasEnded = true
      line.clear()
      let sequence = encoder.sequence
      encoder.writeEnd(at: milliseconds, into: &line, link: MessageLink(previous: head.hash, offset: offset)) {
        $0.append(fieldsOf: facts)
        if Self.isObject(transfer) {
          $0.append(",\"transfer\":")
          $0.append(transfer)
        }
      }
      keep(sequence, isEnd: true, into: &messages)
    }
    moveOn(to: end)
  }

  /// Whether nothing was cut or taken yet, of what its recorder wrote or of what it stands behind.
  package var isNew: Bool { head == .none && encoder.isEmpty }

  /// Begins a recording whose own start cannot be read.
  package mutating func begin(_ start: SessionStart, into messages: inout [Message]) {
    write("start", 0, into: &messages) { $0.append(fieldsOf: start) }
  }

  /// Passes over bytes that are no frames, and says so.
  ///
  /// - Parameter milliseconds: Of the frame behind them.
  package mutating func skip(_ byteCount: UInt64, until milliseconds: UInt64, into messages: inout [Message]) {
    finish(into: &messages)
    offset += byteCount
    note(Loss.damage, byteCount: byteCount, at: milliseconds, into: &messages)
  }

  /// Passes over a frame that says nothing to this version.
  package mutating func passOver(_ byteCount: UInt64) { offset += byteCount }

  /// Says from here on what the recording does not hold, or that nobody knows.
  package mutating func note(
    _ why: StaticString, byteCount: UInt64, at milliseconds: UInt64, into messages: inout [Message]
  ) {
    finish(into: &messages)
    let loss = Loss(
      fromMilliseconds: lastMilliseconds, toMilliseconds: max(milliseconds, lastMilliseconds), byteCount: byteCount,
      why: bytes(why))
    write("gap", milliseconds, into: &messages) { $0.append(fieldsOf: loss) }
  }

  /// Ends the message being filled, if anything is in it.
  package mutating func finish(into messages: inout [Message]) {
    filledByteCount = 0
    if encoder.isEmpty { return }
    line.clear()
    let sequence = encoder.sequence
    encoder.finish(into: &line, link: MessageLink(previous: head.hash, offset: offset))
    keep(sequence, isEnd: false, into: &messages)
  }

  /// Goes on behind `head`, wherever messages ended before: what was being filled is forgotten.
  package mutating func goOn(behind head: Head) {
    var dropped: [Message] = []
    finish(into: &dropped)
    self.head = head
    encoder.number(from: head.sequence + 1)
  }

  private mutating func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Events.Stream, _ mark: InputMark, _ milliseconds: UInt64,
    into messages: inout [Message]
  ) {
    var rest = bytes
    while true {
      let taken = encoder.append(rest, stream, mark: mark, at: milliseconds)
      if taken == rest.count { return }
      // Not reached, by the bound above. The offset is then that of the frame's start: going on from there says part of
      // it twice, and loses nothing.
      finish(into: &messages)
      rest = UnsafeBufferPointer(rebasing: rest[taken...])
    }
  }

  /// Never back, though a file that was cut short may end before what was read of it.
  private mutating func moveOn(to end: UInt64) {
    let next = max(end, offset)
    filledByteCount += next - offset
    offset = next
  }

  private mutating func write(
    _ kind: StaticString, _ milliseconds: UInt64, into messages: inout [Message],
    fields: (inout ByteBuilder) -> Void
  ) {
    line.clear()
    let sequence = encoder.sequence
    encoder.write(
      kind: kind, at: milliseconds, into: &line, link: MessageLink(previous: head.hash, offset: offset), fields: fields)
    filledByteCount = 0
    keep(sequence, isEnd: false, into: &messages)
  }

  private mutating func keep(_ sequence: UInt64, isEnd: Bool, into messages: inout [Message]) {
    var hash = SHA256()
    hash.update(UnsafeBufferPointer(rebasing: line.bytes[..<(line.count - 1)]))
    var text = ByteBuilder(capacity: 43)
    hash.digest().appendBase64URL(to: &text)
    head = Head(sequence: sequence, hash: text.array, offset: offset)
    messages.append(
      Message(
        head: head, line: line.array, isEnd: isEnd, isClean: !encoder.holdsCharacter, window: window,
        startMilliseconds: startMilliseconds))
  }

  /// What a recorder says of a transfer is its word: only whole JSON without line ends may stand in a message.
  private static func isObject(_ text: [UInt8]) -> Bool {
    guard text.first == UInt8(ascii: "{"), !text.contains(where: { $0 < 0x20 }) else { return false }
    return (try? JSONDecoder().decode([String: Anything].self, from: Data(text))) != nil
  }

  /// Takes any value: the decoder has read all of the text before it asks.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }
}
