/// One line of tlog JSON as it was read: what it says about itself. What it recorded comes from ``MessageReader/next()``.
///
/// A view: the texts lie in the line that was read, and are valid as long as that line is kept.
package struct Message {
  /// Format 2.3 is tlog's; from 2.4 on the fields that Steno added are read.
  package let version: Version
  package let host: JSONText
  package let recording: JSONText?
  package let user: JSONText
  /// The terminal type, `TERM`.
  package let terminal: JSONText
  /// Audit session id; 4294967295 when there was none. Never 0.
  package let session: UInt32
  /// `id` in the line.
  package let sequence: UInt64
  /// `pos`: milliseconds from the start of the recording to the message's first event.
  package let milliseconds: UInt64
  /// `time`: the wall clock at the message's first event, milliseconds since the Epoch.
  package let wallClockMilliseconds: UInt64?
  package let kind: Kind
  /// `prev`: base64url of SHA-256 over the exact bytes of the line before, without its LF.
  package let previous: JSONText?
  /// `off`: bytes from the start of the spool file to the end of the message's last event.
  package let spoolOffset: UInt64?

  package struct Version: Equatable, Sendable {
    package let major: UInt32
    package let minor: UInt32

    package init(major: UInt32, minor: UInt32) {
      self.major = major
      self.minor = minor
    }

    /// Whether a message of this version may have the fields that Steno added to tlog's.
    package var isExtended: Bool { major == 2 && minor >= 4 }
  }

  package enum Kind {
    case data
    case start(SessionStart)
    case gap(Loss)
    case end(End)
    /// A kind that a later minor version added.
    case other(JSONText)
  }

  /// How a recording ended, as ``SessionEnd`` but for what a later version may add to it.
  package struct End {
    package let outcome: SessionEnd.Outcome
    /// nil for a reason that has no name here.
    package let why: SessionEnd.Why?
    package let inputByteCount: UInt64
    package let outputByteCount: UInt64
    /// The object that describes a file transfer, as written.
    package let transfer: UnsafeBufferPointer<UInt8>?
  }
}

/// Something that a message recorded. Its bytes are valid until the reader that returned it is used again.
package struct MessageEvent {
  /// Since the start of the recording.
  package let milliseconds: UInt64
  package let content: Content

  package enum Content {
    /// Bytes that crossed the recorder, in the order in which they did. Never empty.
    case data(Stream, InputMark, UnsafeBufferPointer<UInt8>)
    /// A size other than the one before, never 0 on a side.
    case window(Window)
  }
}

/// What is wrong with a message: the rule that it broke, the field, and where in the line.
package struct MessageError: Error, Equatable {
  package enum Rule: Equatable, Sendable {
    /// The line is longer than ``MessageEncoder/lineByteCountMax``.
    case tooLong
    /// The line ends inside the object.
    case incomplete
    case syntax(JSONError.Rule)
    /// Two fields of one name: readers would differ in which one they take.
    case repeated
    /// More unknown fields than ``MessageReader/unknownFieldCountMax``.
    case tooManyFields
    case missing
    case type
    case value
    /// The message does not come after the one before: its `id`.
    case order
    /// An event is earlier than the one before.
    case time
  }

  package let rule: Rule
  /// The field that the rule is about; nil when the rule is about the line, or the field has no name here.
  package let field: MessageField?
  /// Bytes from the start of the line to what broke the rule: for a field, to its value.
  package let offset: Int

  package init(_ rule: Rule, _ field: MessageField? = nil, at offset: Int) {
    self.rule = rule
    self.field = field
    self.offset = offset
  }

  init(_ error: JSONError) {
    self.init(error.rule == .end ? .incomplete : .syntax(error.rule), at: error.offset)
  }

  /// Appends the sentence that tlog-play prints for this error, or one in its manner where tlog knows no such error.
  package func append(to text: inout ByteBuilder) {
    switch rule {
    case .tooLong: text.append("Message line is longer than 1048576 bytes")
    case .incomplete: text.append("Incomplete message object line encountered")
    case .syntax(let rule): text.append(JSONError(rule: rule, offset: offset).text)
    case .repeated: text.append("A message field is repeated")
    case .tooManyFields: text.append("Message has too many fields")
    case .missing: text.append("A message field is missing")
    case .type: text.append("A message field has invalid type")
    case .value: appendValueSentence(to: &text)
    case .order: text.append("Message ID is out of order")
    case .time: text.append("Packet timestamp is out of order")
    }
  }

  private func appendValueSentence(to text: inout ByteBuilder) {
    switch field {
    case .version: text.append("Message has unsupported \"ver\" field value")
    case .inputText, .outputText: text.append("Message has invalid \"in_txt\" or \"out_txt\" field value")
    case .inputBinary, .outputBinary: text.append("Message has invalid \"in_bin\" or \"out_bin\" field value")
    default:
      text.append("Message has invalid \"")
      if let field { text.append(field.name) }
      text.append("\" field value")
    }
  }
}

/// The order in which the messages of one recording, and the events in them, must come.
package struct MessageOrder {
  private let acceptsGaps: Bool
  private var sequence: UInt64?
  private var milliseconds: UInt64 = 0

  /// - Parameter acceptsGaps: Whether messages may be missing, as with tlog-play's `--lax`.
  package init(acceptsGaps: Bool) { self.acceptsGaps = acceptsGaps }

  /// Looks whether `message` comes after the last one that was accepted. The first may have any number.
  package mutating func accept(_ message: Message) throws(MessageError) {
    if let last = sequence {
      let follows = acceptsGaps ? message.sequence > last : message.sequence == last &+ 1
      guard follows else { throw MessageError(.order, .sequence, at: 0) }
    }
    sequence = message.sequence
  }

  /// Looks whether `event` is no earlier than the last one that was accepted.
  package mutating func accept(_ event: MessageEvent) throws(MessageError) {
    guard event.milliseconds >= milliseconds else { throw MessageError(.time, .timing, at: 0) }
    milliseconds = event.milliseconds
  }
}
