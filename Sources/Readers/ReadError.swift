import Events
package import SystemCalls

/// Why a source cannot be read on, in the lines that tlog-play prints, and a hint that it does not.
package struct ReadError: Error, Equatable {
  /// What happened first, the deepest reason first.
  package private(set) var lines: [[UInt8]]
  /// What a person can do, or what it may mean; nil where the lines say all.
  package let hint: [UInt8]?

  package init(lines: [[UInt8]], hint: [UInt8]? = nil) {
    self.lines = lines
    self.hint = hint
  }

  /// What the system said, and what was being done, in tlog's words.
  package init(_ error: SystemError, _ doing: [UInt8], hint: [UInt8]? = nil) {
    self.init(lines: [error.reason, doing], hint: hint)
  }

  /// A message that is wrong.
  init(_ error: MessageError, at place: [UInt8], hint: [UInt8]?) {
    var sentence = ByteBuilder(capacity: 80)
    error.append(to: &sentence)
    self.init(lines: [sentence.array], hint: hint)
    add(at: place)
  }

  /// The source cannot be read at `place`, as far as tlog's words go.
  mutating func add(at place: [UInt8]) { lines.append(bytes("Failed reading the source at ") + place) }

  /// The source cannot even be opened.
  func whileCreating() -> ReadError {
    ReadError(lines: lines + [bytes("Failed creating log source")], hint: hint)
  }

  /// All lines, and the hint on one of its own, each with its LF.
  package var text: [UInt8] {
    let hintLine = hint.map { [bytes("hint: ") + $0] } ?? []
    return [UInt8]((lines + hintLine).map { $0 + [0x0a] }.joined())
  }
}
