import Events

/// The order in which messages and events must come, as tlog looks at it, and what it may mean when they do not.
struct RecordingOrder {
  /// What has been accepted so far.
  struct State: Equatable, Sendable {
    var sequence: UInt64?
    /// Of the last event, or of the message if that is later.
    var milliseconds: UInt64 = 0
    /// The last message's `rec`, as written; cut to what a name can have.
    var recording: [UInt8] = []
  }

  private let isLax: Bool
  private let hasMatch: Bool
  private let follows: Bool
  var state = State()
  /// What the last message that was looked at said of itself.
  private var sequence: UInt64 = 0
  private var isOfAnother = false

  init(isLax: Bool, hasMatch: Bool, follows: Bool) {
    self.isLax = isLax
    self.hasMatch = hasMatch
    self.follows = follows
  }

  /// Looks whether `message` comes after the last one that was accepted. The first may have any number.
  ///
  /// - Returns: What is missing before it, which only a lax order accepts.
  mutating func accept(_ message: Message) throws(MessageError) -> Loss? {
    look(at: message)
    var missing: Loss?
    if let last = state.sequence {
      guard sequence > last, isLax || sequence &- last == 1 else { throw MessageError.outOfOrder }
      if sequence &- last > 1 { missing = loss(after: last, before: message) }
    }
    state.sequence = sequence
    if isOfAnother { state.recording = name(of: message) }
    return missing
  }

  /// Looks whether `event` is no earlier than the last one that was accepted.
  mutating func accept(_ event: MessageEvent) throws(MessageError) {
    guard event.milliseconds >= state.milliseconds else { throw MessageError.early }
    state.milliseconds = event.milliseconds
  }

  /// What the error may mean, as far as the order tells; nil when it says all itself.
  func hint(for error: MessageError) -> [UInt8]? {
    switch error.rule {
    case .order: return orderHint
    case .time: return bytes("the recorder's clock does not go back: lines were mixed up, or changed")
    case .incomplete:
      return follows
        ? bytes("the line was never finished; --lax goes on behind it")
        : bytes(
          "the line may still be being written, or its writer was stopped; --follow waits, --lax goes on behind it")
    case .tooLong: return bytes("no recorder writes such lines; --lax goes on behind it")
    default: return isLax ? nil : bytes("--lax goes on behind a message that is wrong")
    }
  }

  // MARK: - Messages

  private mutating func look(at message: Message) {
    sequence = message.sequence
    isOfAnother = !name(of: message).elementsEqual(state.recording)
  }

  private func name(of message: Message) -> [UInt8] {
    [UInt8](
      (message.recording?.raw ?? UnsafeBufferPointer(start: nil, count: 0))
        .prefix(RecordingHeader.fieldByteCountMax))
  }

  private func loss(after last: UInt64, before message: Message) -> Loss {
    var why = ByteBuilder(capacity: 48)
    why.append("messages ")
    why.append(decimal: last &+ 1)
    why.append(" to ")
    why.append(decimal: sequence &- 1)
    why.append(" are missing")
    return Loss(
      fromMilliseconds: state.milliseconds, toMilliseconds: max(state.milliseconds, message.milliseconds),
      byteCount: 0, why: why.array)
  }

  private var orderHint: [UInt8] {
    var hint = ByteBuilder(capacity: 160)
    let last = state.sequence ?? 0
    if isOfAnother && !hasMatch {
      hint.append("there are several recordings here; --list shows them, --file-match=REC plays one")
    } else if sequence == last {
      hint.append("message ")
      hint.append(decimal: sequence)
      hint.append(" is there twice")
    } else if sequence < last {
      hint.append("message ")
      hint.append(decimal: sequence)
      hint.append(" comes after message ")
      hint.append(decimal: last)
      hint.append(": lines were mixed up, or written again")
    } else {
      hint.append("messages ")
      hint.append(decimal: last &+ 1)
      hint.append(" to ")
      hint.append(decimal: sequence &- 1)
      hint.append(" are missing; --lax goes on behind them")
    }
    return hint.array
  }
}

extension MessageError {
  fileprivate static var outOfOrder: MessageError { MessageError(.order, .sequence, at: 0) }
  fileprivate static var early: MessageError { MessageError(.time, .timing, at: 0) }
}
