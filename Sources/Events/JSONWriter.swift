/// Writing JSON text the way tlog does, byte for byte.
///
/// tlog escapes what RFC 8259 demands, DEL besides, and nothing more: `/` and everything above ASCII stay as they are.
extension ByteBuilder {
  /// How many bytes the ASCII character `byte` takes inside a JSON string: 1, 2 or 6.
  @inline(__always)
  package static func escapedByteCount(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x09, 0x0a, 0x0c, 0x0d: 2
    case 0..<0x20, 0x7f: 6
    default: 1
    }
  }

  /// Appends the ASCII character `byte` as it stands inside a JSON string.
  package mutating func append(escaping byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(escape: byte)
    case 0x08: append(escape: UInt8(ascii: "b"))
    case 0x09: append(escape: UInt8(ascii: "t"))
    case 0x0a: append(escape: UInt8(ascii: "n"))
    case 0x0c: append(escape: UInt8(ascii: "f"))
    case 0x0d: append(escape: UInt8(ascii: "r"))
    case 0..<0x20, 0x7f:
      append("\\u00")
      append(hexDigit(byte >> 4))
      append(hexDigit(byte & 0xf))
    default: append(byte)
    }
  }

  private mutating func append(escape letter: UInt8) {
    append(UInt8(ascii: "\\"))
    append(letter)
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

  /// Appends bytes of `source` as long as they are ASCII that needs no escape, eight at a time.
  ///
  /// - Parameter limit: How many bytes may be read and appended at most; `source` holds at least as many.
  /// - Returns: How many were appended: `limit`, or the offset of the first byte that is not plain.
  @inline(__always)
  mutating func appendPlain(_ source: UnsafePointer<UInt8>, limit: Int) -> Int {
    reserve(limit)
    let target = base + count
    var done = 0
    while done &+ 8 <= limit {
      let word = UnsafeRawPointer(source + done).loadUnaligned(as: UInt64.self)
      let special = specialBytes(word)
      UnsafeMutableRawPointer(target + done).storeBytes(of: word, as: UInt64.self)
      if special != 0 {
        done &+= special.trailingZeroBitCount &>> 3
        count &+= done
        return done
      }
      done &+= 8
    }
    while done < limit, isPlain(source[done]) {
      target[done] = source[done]
      done &+= 1
    }
    count &+= done
    return done
  }
}

/// A lower-case hexadecimal digit for the low four bits of `value`.
@inline(__always)
package func hexDigit(_ value: UInt8) -> UInt8 {
  let low = value & 0xf
  return low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &+ (low &- 10)
}

/// Whether `byte` stands for itself inside a JSON string.
@inline(__always)
private func isPlain(_ byte: UInt8) -> Bool {
  byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
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
