/// Writing JSON text the way tlog does, byte for byte.
///
/// tlog escapes what RFC 8259 demands, DEL besides, and nothing more: `/` and everything above ASCII stay as they are.
extension ByteBuilder {
  /// How many bytes the ASCII character `byte` takes inside a JSON string: 1, 2 or 6.
  @inline(__always)
  package static func escapedByteCount(_ byte: UInt8) -> Int {
    if byte >= 0x20 { return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : byte == 0x7f ? 6 : 1 }
    return byte >= 0x08 && byte <= 0x0d && byte != 0x0b ? 2 : 6
  }

  /// Appends the ASCII character `byte` as it stands inside a JSON string.
  package mutating func append(escaping byte: UInt8) {
    switch Self.escapedByteCount(byte) {
    case 1: append(byte)
    case 2:
      append(UInt8(ascii: "\\"))
      append(escapeLetter(byte))
    default:
      append("\\u00")
      append(hexDigit(byte >> 4))
      append(hexDigit(byte))
    }
  }

  /// Appends `text` as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD, one for each maximal subpart.
  package mutating func append(jsonString text: [UInt8]) {
    append(UInt8(ascii: "\""))
    var decoder = UTF8Decoder()
    var next = 0
    while next < text.count {
      next += 1
      switch decoder.take(text[next - 1]) {
      case .held: break
      case .character(let character): append(escaping: character)
      case .invalid: append(replacementCharacter: ())
      case .brokenOff:
        _ = decoder.cut()
        append(replacementCharacter: ())
        next -= 1
      }
    }
    if decoder.cut().count > 0 { append(replacementCharacter: ()) }
    append(UInt8(ascii: "\""))
  }

  /// Appends `character` as it stands inside a JSON string.
  package mutating func append(escaping character: UTF8Decoder.Character) {
    if character.count == 1 { return append(escaping: character.bytes.0) }
    append(character.bytes.0)
    append(character.bytes.1)
    if character.count > 2 { append(character.bytes.2) }
    if character.count > 3 { append(character.bytes.3) }
  }

  /// U+FFFD in UTF-8.
  package mutating func append(replacementCharacter _: Void) {
    append(0xef)
    append(0xbf)
    append(0xbd)
  }
}

/// Text on its way into a JSON string: whole characters, escaped, as long as they fit.
///
/// The loop that every byte of a session goes through, so it works on pointers and local variables. The target has room
/// for ``slackByteCount`` bytes beyond `room`, since eight are stored where fewer may be meant.
struct EscapingCopy {
  static let slackByteCount = 8

  let source: UnsafePointer<UInt8>
  let count: Int
  /// Where escaped bytes go.
  let target: UnsafeMutablePointer<UInt8>
  /// Bytes that may still be used, for text and for digits.
  var room: Int
  /// Characters that may come before the next one costs a byte more, for another digit of their number.
  var untilDigit: Int
  /// Characters in the run so far.
  var characters: Int

  /// Bytes read, and bytes written.
  private(set) var taken = 0
  private(set) var written = 0

  init(
    _ source: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>, room: Int, characters: Int
  ) {
    self.source = source
    self.count = count
    self.target = target
    self.room = room
    self.characters = characters
    untilDigit = Self.roomInDigits(characters)
  }

  /// Copies up to the end, to the first byte that is no whole character, or to where the room ends.
  @inline(__always)
  mutating func run() {
    while taken < count {
      copyPlainWords()
      if taken == count || !copyCharacter() { return }
    }
  }

  /// ASCII that needs no escape, eight bytes at a time, as far as all eight surely fit.
  @inline(__always)
  private mutating func copyPlainWords() {
    while taken &+ 8 <= count && room >= 8 && untilDigit >= 8 {
      let word = UnsafeRawPointer(source + taken).loadUnaligned(as: UInt64.self)
      UnsafeMutableRawPointer(target + written).storeBytes(of: word, as: UInt64.self)
      let special = specialBytes(word)
      let plain = special == 0 ? 8 : special.trailingZeroBitCount &>> 3
      taken &+= plain
      written &+= plain
      room &-= plain
      untilDigit &-= plain
      characters &+= plain
      if special != 0 { return }
    }
  }

  /// - Returns: False when the next byte is no whole character, or does not fit.
  @inline(__always)
  private mutating func copyCharacter() -> Bool {
    let byte = source[taken]
    if byte < 0x80 { return copyASCII(byte) }
    let length = multibyteCharacterByteCount(source + taken, available: count &- taken)
    guard length > 0, length &+ digitCost <= room else { return false }
    for place in 0..<length { target[written &+ place] = source[taken &+ place] }
    advance(length, length)
    return true
  }

  @inline(__always)
  private mutating func copyASCII(_ byte: UInt8) -> Bool {
    let cost = ByteBuilder.escapedByteCount(byte)
    guard cost &+ digitCost <= room else { return false }
    switch cost {
    case 1: target[written] = byte
    case 2:
      target[written] = UInt8(ascii: "\\")
      target[written &+ 1] = escapeLetter(byte)
    default:
      // `\u00`, and two digits behind it.
      let digits = UInt64(hexDigit(byte &>> 4)) | UInt64(hexDigit(byte)) &<< 8
      let escape = (0x3030_755c as UInt64) | digits &<< 32
      UnsafeMutableRawPointer(target + written).storeBytes(of: escape.littleEndian, as: UInt64.self)
    }
    advance(1, cost)
    return true
  }

  @inline(__always)
  private var digitCost: Int { untilDigit == 0 ? 1 : 0 }

  @inline(__always)
  private mutating func advance(_ bytes: Int, _ cost: Int) {
    room &-= cost &+ digitCost
    taken &+= bytes
    written &+= cost
    characters &+= 1
    untilDigit = untilDigit == 0 ? Self.roomInDigits(characters) : untilDigit &- 1
  }

  /// How many more characters a run of `characters` takes before its number gets longer.
  private static func roomInDigits(_ characters: Int) -> Int {
    var power = 10
    while power <= characters { power &*= 10 }
    return power &- 1 &- characters
  }
}

/// The letter of a two-character escape (RFC 8259 §7) for a byte that has one.
@inline(__always)
private func escapeLetter(_ byte: UInt8) -> UInt8 {
  switch byte {
  case 0x08: UInt8(ascii: "b")
  case 0x09: UInt8(ascii: "t")
  case 0x0a: UInt8(ascii: "n")
  case 0x0c: UInt8(ascii: "f")
  case 0x0d: UInt8(ascii: "r")
  default: byte
  }
}

/// A lower-case hexadecimal digit for the low four bits of `value`.
@inline(__always)
package func hexDigit(_ value: UInt8) -> UInt8 {
  let low = value & 0xf
  return low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &+ (low &- 10)
}

/// The top bit of each byte of `word` that is a control character, `"`, `\`, DEL or not ASCII.
///
/// Exact for the lowest such byte, which is all that is asked: a borrow can only run upwards from a byte that is
/// itself special (the zero-byte test of Hacker's Delight, 6-1). Little-endian: the lowest byte is the first.
@inline(__always)
private func specialBytes(_ word: UInt64) -> UInt64 {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let tops: UInt64 = 0x8080_8080_8080_8080
  let value = UInt64(littleEndian: word)
  let control = (value &- 0x20 &* ones) & ~value
  let quote = value ^ 0x22 &* ones
  let backslash = value ^ 0x5c &* ones
  let delete = value ^ 0x7f &* ones
  let found =
    control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((delete &- ones) & ~delete) | value
  return found & tops
}
