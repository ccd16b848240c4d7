package import Events

/// Reads a recording out of any source: its messages, and what they recorded, in order.
///
/// What tlog-play refuses is refused here in its words; what is missing or wrong where that is accepted (`isLax`) comes
/// as an item that says so. What an item points to is valid until the reader is used again.
package final class RecordingReader {
  package enum Item {
    /// What a message says about itself: once for each, before its events.
    case message(Message)
    case event(MessageEvent)
    /// Something is missing: the recorder says so, or the numbers of the messages do.
    case gap(Loss)
    case end(Message.End)
    /// A message, or the rest of one, that was skipped. Only when lax.
    case broken(ReadError)
  }

  private enum State {
    case betweenMessages
    /// Accepted, but a gap before it was told first.
    case before(Message)
    case inside(Message)
  }

  private let source: any LineSource
  private let match: [UInt8]?
  private let isLax: Bool
  private var reader = MessageReader(window: nil)
  private var state = State.betweenMessages
  /// The line at which the search for the message began: what tlog names in an error, wherever the message then was.
  private var lineNumber: UInt64 = 1
  private var order: RecordingOrder

  /// - Parameters:
  ///   - match: Only the messages of this recording, and those that name none; nil: all there are, as of one.
  ///   - isLax: Whether to go on behind what is missing or wrong.
  ///   - follows: Whether the recording may still be being written, so that a hint says so.
  package init(_ source: any LineSource, match: [UInt8]?, isLax: Bool, follows: Bool) {
    self.source = source
    self.match = match
    self.isLax = isLax
    order = RecordingOrder(isLax: isLax, hasMatch: match != nil, follows: follows)
    messagePosition = RecordingPosition(line: source.position, order: order.state, window: nil)
  }

  /// The next item; nil as for ``LineSource/next()``.
  ///
  /// - Throws: What is wrong. The call after that goes on behind it.
  package func next() throws(ReadError) -> Item? {
    switch state {
    case .betweenMessages: return try nextMessage()
    case .before(let message):
      state = .inside(message)
      return .message(message)
    case .inside(let message): return try nextEvent(of: message)
    }
  }

  /// Whether ``next()`` gave nil though there is more for certain.
  package var isBehind: Bool { source.isBehind }

  package func waitForWhatIsBehind() throws(ReadError) { try source.waitForWhatIsBehind() }

  /// Where the next message begins, with what must come there. Inside a message that is as far as its last event.
  package var position: RecordingPosition {
    RecordingPosition(line: source.position, order: order.state, window: reader.window)
  }

  /// Where the message begins that was given last: seeking there gives it again. At first, where the first one begins.
  package private(set) var messagePosition: RecordingPosition

  package func seek(to position: RecordingPosition) throws(ReadError) {
    state = .betweenMessages
    order.state = position.order
    reader.window = position.window
    try source.seek(to: position.line)
  }

  // MARK: - Messages

  private func nextMessage() throws(ReadError) -> Item? {
    lineNumber = source.position.number
    while true {
      let place = position
      let line: Line
      do throws(ReadError) {
        guard let next = try source.next() else { return nil }
        line = next
      } catch {
        if isLax, !error.isFinal { return .broken(error) }
        throw error
      }
      guard let start = line.bytes.firstIndex(where: { !isBlank($0) }) else { continue }
      if let item = try take(UnsafeBufferPointer(rebasing: line.bytes[start...])) {
        messagePosition = place
        return item
      }
    }
  }

  /// - Returns: nil for a line of another recording.
  private func take(_ line: UnsafeBufferPointer<UInt8>) throws(ReadError) -> Item? {
    let message: Message
    let missing: Loss?
    do throws(MessageError) {
      message = try reader.read(line)
      if let match, let recording = message.recording, !recording.means(match) { return nil }
      missing = try order.accept(message)
    } catch {
      if let match, let recording = recordingName(in: line), recording != match { return nil }
      // A NUL byte ends the text inside the line: tlog says so, and not that the line ends.
      let isCut = error.rule == .incomplete && error.offset < line.count
      return try refuse(isCut ? MessageError(.syntax(.end), at: error.offset) : error)
    }
    state = missing == nil ? .inside(message) : .before(message)
    return missing.map { .gap($0) } ?? .message(message)
  }

  private func nextEvent(of message: Message) throws(ReadError) -> Item? {
    let window = reader.window
    do throws(MessageError) {
      if let event = try reader.next() {
        try order.accept(event)
        return .event(event)
      }
    } catch {
      // A window that comes too early was not told.
      reader.window = window
      state = .betweenMessages
      return try refuse(error)
    }
    state = .betweenMessages
    switch message.kind {
    case .gap(let loss): return .gap(loss)
    case .end(let end): return .end(end)
    case .data, .start, .other: return try nextMessage()
    }
  }

  private func refuse(_ error: MessageError) throws(ReadError) -> Item {
    let refusal = ReadError(error, at: source.placeName(ofLine: lineNumber), hint: order.hint(for: error))
    if isLax { return .broken(refusal) }
    throw refusal
  }
}

/// Where a message begins, what must come there, and the window in force. Good for the reader that gave it.
package struct RecordingPosition: Equatable, Sendable {
  let line: LinePosition
  let order: RecordingOrder.State
  /// nil: none was said before, and nothing was shown.
  package let window: Window?

  init(line: LinePosition, order: RecordingOrder.State, window: Window?) {
    self.line = line
    self.order = order
    self.window = window
  }

  /// Where a whole recording's message `sequence` begins, which is the line of that number, behind events up to a time.
  package init(ofMessage sequence: UInt64, after milliseconds: UInt64, window: Window) {
    line = LinePosition(number: sequence)
    order = RecordingOrder.State(sequence: sequence > 1 ? sequence - 1 : nil, milliseconds: milliseconds)
    self.window = window
  }
}

/// What tlog passes over between objects.
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0d }

extension JSONText {
  /// Whether this is `text`, escapes worked out.
  fileprivate func means(_ text: [UInt8]) -> Bool {
    isPlain ? raw.elementsEqual(text) : array == text
  }
}

/// The `rec` of a message that is wrong elsewhere; nil when there is none to be found.
private func recordingName(in line: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
  var reader = JSONReader(line)
  do throws(JSONError) {
    guard case .object = try reader.value() else { return nil }
    while let key = try reader.nextKey() {
      guard key.equals("rec") else {
        try reader.skipValue()
        continue
      }
      guard case .string(let name) = try reader.value() else { return nil }
      // tlog reads the whole object before it looks, so what is no object belongs to nobody.
      try reader.skipContainer()
      return name.array
    }
  } catch {
    return nil
  }
  return nil
}
