/// What the keys mean: bytes in, actions out. Nothing of a terminal or a recording is known here.
package struct Controls: Sendable {
  package enum Action: Equatable, Sendable {
    case pause, faster, slower, normalSpeed
    /// The next event now; the one before.
    case step, stepBack
    /// Milliseconds forwards, or backwards below 0.
    case move(Int64)
    case goto(Moment)
    case search([UInt8])
    case searchNext, searchPrevious
    case skipIdle, help, status
    /// Columns and rows.
    case pan(Int, Int)
    /// What is being typed has changed: ``Controls/typed``.
    case typing
    case quit
  }

  /// Bytes that a typed time or text holds at most.
  static let typedByteCountMax = 64
  private static let moveMilliseconds: Int64 = 5000

  private enum State: Sendable {
    case keys
    case time
    case text
    case escape
    /// A control sequence: what came of it.
    case sequence([UInt8])
    /// The byte behind ESC O.
    case single
    /// A string that some terminal answered: up to ST or BEL.
    case string(isEscaped: Bool)
    /// Bytes of a mouse report still to come.
    case mouse(Int)
  }

  private var state = State.keys
  private var isText = false
  private var buffer: [UInt8] = []

  package init() {}

  /// What is being typed, to be shown: a time, or a text to search for behind `/`; nil when nothing is.
  package var typed: [UInt8]? {
    if isText { return [UInt8(ascii: "/")] + buffer }
    return buffer.isEmpty ? nil : buffer
  }

  /// Whether an ESC came and nothing behind it: ``expire()`` says that nothing will.
  package var isWaiting: Bool {
    if case .escape = state { return true }
    return false
  }

  /// An ESC was a key of its own.
  package mutating func expire() -> Action? {
    guard isWaiting else { return nil }
    state = .keys
    guard isText || !buffer.isEmpty else { return nil }
    isText = false
    buffer = []
    return .typing
  }

  package mutating func received(_ byte: UInt8) -> Action? {
    switch state {
    case .escape: return escaped(byte)
    case .sequence(let sequence): return took(byte, in: sequence)
    case .single:
      state = .keys
      return arrow(byte)
    case .string(let isEscaped):
      let isEnd = byte == 0x07 || isEscaped && byte == UInt8(ascii: "\\")
      state = isEnd ? .keys : .string(isEscaped: byte == 0x1b)
      return nil
    case .mouse(let count):
      state = count > 1 ? .mouse(count - 1) : .keys
      return nil
    case .keys, .time, .text: break
    }
    if byte == 0x1b {
      state = .escape
      return nil
    }
    return isText ? typedText(byte) : key(byte)
  }

  // MARK: Sequences

  private mutating func escaped(_ byte: UInt8) -> Action? {
    switch byte {
    case UInt8(ascii: "["): state = .sequence([])
    case UInt8(ascii: "O"): state = .single
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
      state = .string(isEscaped: false)
    case 0x1b: break
    default: state = .keys
    }
    return nil
  }

  private mutating func took(_ byte: UInt8, in sequence: [UInt8]) -> Action? {
    guard byte >= 0x40, byte <= 0x7e else {
      // What is longer is none of a key.
      state = sequence.count < 32 ? .sequence(sequence + [byte]) : .sequence(sequence)
      return nil
    }
    state = byte == UInt8(ascii: "M") && sequence.isEmpty ? .mouse(3) : .keys
    return sequence.isEmpty ? arrow(byte) : nil
  }

  private mutating func arrow(_ byte: UInt8) -> Action? {
    guard !isText else { return nil }
    buffer = []
    switch byte {
    case UInt8(ascii: "C"): return .move(Self.moveMilliseconds)
    case UInt8(ascii: "D"): return .move(-Self.moveMilliseconds)
    default: return nil
    }
  }

  // MARK: Keys

  private mutating func key(_ byte: UInt8) -> Action? {
    if byte >= 0x30 && byte <= 0x3a {  // 0…9 and :
      if buffer.count < Self.typedByteCountMax { buffer.append(byte) }
      return .typing
    }
    let time = buffer
    buffer = []
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "p"): return .pause
    case UInt8(ascii: "}"): return .faster
    case UInt8(ascii: "{"): return .slower
    case 0x7f: return .normalSpeed
    case UInt8(ascii: "."): return .step
    case UInt8(ascii: ","): return .stepBack
    case UInt8(ascii: "g"): return .goto(.milliseconds(0))
    case UInt8(ascii: "G"): return time.isEmpty ? .goto(.end) : Moment(elapsed: time).map { .goto($0) }
    case UInt8(ascii: "n"): return .searchNext
    case UInt8(ascii: "N"): return .searchPrevious
    case UInt8(ascii: "i"): return .skipIdle
    case UInt8(ascii: "?"): return .help
    case UInt8(ascii: "s"): return .status
    case UInt8(ascii: "h"): return .pan(-8, 0)
    case UInt8(ascii: "l"): return .pan(8, 0)
    case UInt8(ascii: "k"): return .pan(0, -4)
    case UInt8(ascii: "j"): return .pan(0, 4)
    case UInt8(ascii: "q"): return .quit
    case UInt8(ascii: "/"):
      isText = true
      return .typing
    default: return time.isEmpty ? nil : .typing
    }
  }

  private mutating func typedText(_ byte: UInt8) -> Action? {
    switch byte {
    case 0x0d, 0x0a:
      let text = buffer
      isText = false
      buffer = []
      return text.isEmpty ? .typing : .search(text)
    case 0x7f, 0x08:
      while let last = buffer.popLast(), last & 0xc0 == 0x80 {}
    case 0x15: buffer = []  // ^U
    case 0x20...: if buffer.count < Self.typedByteCountMax { buffer.append(byte) }
    default: return nil
    }
    return .typing
  }
}
