/// A field that a message may have.
package enum MessageField: UInt8, Sendable {
  // In the order in which tlog writes them, and checks them.
  case version, host, recording, user, terminal, session, sequence, milliseconds, time, timing
  case inputText, inputBinary, outputText, outputBinary
  // Format 2.4.
  case kind, previous, spoolOffset, errorOutput, masked, echoOff, secret
  case uid, loginUID, parent, tty, command, trust, terminalGuard
  case lost, exit, signal, why, inputByteCount, outputByteCount, transfer

  /// How many there are.
  static let count = Int(MessageField.transfer.rawValue) + 1

  /// Its name in the line.
  package var name: StaticString {
    switch self {
    case .version: "ver"
    case .host: "host"
    case .recording: "rec"
    case .user: "user"
    case .terminal: "term"
    case .session: "session"
    case .sequence: "id"
    case .milliseconds: "pos"
    case .time: "time"
    case .timing: "timing"
    case .inputText: "in_txt"
    case .inputBinary: "in_bin"
    case .outputText: "out_txt"
    case .outputBinary: "out_bin"
    case .kind: "kind"
    case .previous: "prev"
    case .spoolOffset: "off"
    case .errorOutput: "err"
    case .masked: "masked"
    case .echoOff: "echo_off"
    case .secret: "secret"
    case .uid: "uid"
    case .loginUID: "loginuid"
    case .parent: "parent"
    case .tty: "tty"
    case .command: "cmd"
    case .trust: "trust"
    case .terminalGuard: "guard"
    case .lost: "lost"
    case .exit: "exit"
    case .signal: "signal"
    case .why: "why"
    case .inputByteCount: "in_bytes"
    case .outputByteCount: "out_bytes"
    case .transfer: "transfer"
    }
  }

  /// The field called `key`, looked for from `guess` on: fields mostly come in one order.
  fileprivate init?(_ key: JSONText, guess: Int) {
    for step in 0..<Self.count {
      let place = guess &+ step
      let rawValue = UInt8(truncatingIfNeeded: place < Self.count ? place : place &- Self.count)
      if let field = MessageField(rawValue: rawValue), key.equals(field.name) {
        self = field
        return
      }
    }
    return nil
  }
}

/// The fields of the message being read, before anybody asks what they mean: found in one pass over the line, in any
/// order, each at most once.
///
/// Only ``MessageReader`` uses it, and again for each message; what it returns lies in the line.
struct MessageFields: ~Copyable {
  enum Value {
    case absent
    case string(JSONText)
    case integer(Int64)
    case double(UnsafeBufferPointer<UInt8>)
    case array
    case object
    case other
  }

  private struct Slot {
    var value = Value.absent
    /// From where on the value can be read again.
    var offset = 0
  }

  private var line = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var slots = [Slot](repeating: Slot(), count: MessageField.count)
  private var strangers: [JSONText] = []
  /// `in_bin` as far as its elements are bytes: what lies behind the first that is not is an error only when used.
  private(set) var inputBytes = ByteBuilder(capacity: 64)
  private(set) var outputBytes = ByteBuilder(capacity: 64)

  // MARK: - Finding

  /// Finds the fields of `line`; none when it holds something else than an object, as in tlog.
  ///
  /// - Parameter line: What comes after the object in it is not looked at.
  mutating func collect(_ line: UnsafeBufferPointer<UInt8>) throws(MessageError) {
    clear()
    self.line = line
    var reader = JSONReader(line)
    var broken: MessageError.Rule?
    do throws(JSONError) {
      broken = try find(&reader)
    } catch {
      throw MessageError(error)
    }
    if let broken { throw MessageError(broken, at: reader.offset) }
  }

  private mutating func clear() {
    for place in slots.indices { slots[place] = Slot() }
    strangers.removeAll(keepingCapacity: true)
    inputBytes.clear()
    outputBytes.clear()
  }

  /// - Returns: What is wrong about the fields' names; nil when nothing is.
  private mutating func find(_ reader: inout JSONReader) throws(JSONError) -> MessageError.Rule? {
    guard case .object = try reader.value() else { return nil }
    var guess = 0
    while let key = try reader.nextKey() {
      if let field = MessageField(key, guess: guess) {
        guess = Int(field.rawValue) &+ 1
        guard case .absent = slots[Int(field.rawValue)].value else { return .repeated }
        try take(field, &reader)
      } else {
        if let rule = meet(key) { return rule }
        try reader.skipValue()
      }
    }
    return nil
  }

  /// Remembers an unknown field's name, so that it is noticed when it comes again.
  private mutating func meet(_ key: JSONText) -> MessageError.Rule? {
    for known in strangers where known.means(sameAs: key) { return .repeated }
    guard strangers.count < MessageReader.unknownFieldCountMax else { return .tooManyFields }
    strangers.append(key)
    return nil
  }

  private mutating func take(_ field: MessageField, _ reader: inout JSONReader) throws(JSONError) {
    var slot = Slot(value: .other, offset: reader.offset)
    switch try reader.value() {
    case .string(let text): slot.value = .string(text)
    case .integer(let number): slot.value = .integer(number)
    case .double(let digits): slot.value = .double(digits)
    case .array:
      slot.value = .array
      switch field {
      case .inputBinary: try takeBytes(&reader, into: &inputBytes)
      case .outputBinary: try takeBytes(&reader, into: &outputBytes)
      default: try reader.skipContainer()
      }
    case .object:
      slot.value = .object
      try reader.skipContainer()
    case .boolean, .null: break
    }
    slots[Int(field.rawValue)] = slot
  }

  // MARK: - Giving out

  func value(_ field: MessageField) -> Value { slots[Int(field.rawValue)].value }

  /// The rest of the line from the value of `field` on.
  func text(from field: MessageField) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: line[slots[Int(field.rawValue)].offset...])
  }

  func error(_ rule: MessageError.Rule, _ field: MessageField) -> MessageError {
    MessageError(rule, field, at: slots[Int(field.rawValue)].offset)
  }
}

/// Reads the elements of an array of bytes, up to the first that is none.
private func takeBytes(_ reader: inout JSONReader, into bytes: inout ByteBuilder) throws(JSONError) {
  while try reader.nextElement() {
    let value = try reader.value()
    guard case .integer(let number) = value, let byte = UInt8(exactly: number) else {
      switch value {
      case .array, .object: try reader.skipContainer()
      default: break
      }
      return try reader.skipContainer()
    }
    bytes.append(byte)
  }
}
