import Events
import Glibc
package import SystemCalls

/// Why a source cannot be read on, in the lines that tlog-play prints, and a hint that it does not.
package struct ReadError: Error, Equatable {
  /// What happened first, the deepest reason first.
  package private(set) var lines: [[UInt8]]
  /// What a person can do, or what it may mean; nil where the lines say all.
  package let hint: [UInt8]?
  /// The system does not let the source be read at all: nothing lies behind that, however lax one is.
  let isFinal: Bool

  package init(lines: [[UInt8]], hint: [UInt8]? = nil) { self.init(lines: lines, hint: hint, isFinal: false) }

  private init(lines: [[UInt8]], hint: [UInt8]?, isFinal: Bool) {
    self.lines = lines
    self.hint = hint
    self.isFinal = isFinal
  }

  /// What the system said, and what was being done, in tlog's words.
  package init(_ error: SystemError, _ doing: [UInt8], hint: [UInt8]? = nil) {
    // EBADMSG is what the journal's library says of an entry that is damaged.
    self.init(lines: [error.reason, doing], hint: hint, isFinal: error.code != EBADMSG)
  }

  /// What the system said, and nothing else.
  init(_ error: SystemError) { self.init(lines: [error.reason], hint: nil, isFinal: true) }

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
    ReadError(lines: lines + [bytes("Failed creating log source")], hint: hint, isFinal: isFinal)
  }

  /// All lines, and the hint on one of its own, each with its LF.
  package var text: [UInt8] {
    let hintLine = hint.map { [bytes("hint: ") + $0] } ?? []
    return [UInt8]((lines + hintLine).map { $0 + [0x0a] }.joined())
  }
}
