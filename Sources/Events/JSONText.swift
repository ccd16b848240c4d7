/// A string inside a JSON text: the bytes between its quotes, escapes and all, which the reader has found to be well
/// formed. Valid as long as the text that it lies in.
package struct JSONText {
  /// As written, without the quotes.
  package let raw: UnsafeBufferPointer<UInt8>
  /// There is no escape in it: what is written is what is meant.
  package let isPlain: Bool

  /// - Parameter raw: Every backslash in it begins a whole escape.
  init(raw: UnsafeBufferPointer<UInt8>, isPlain: Bool) {
    self.raw = raw
    self.isPlain = isPlain
  }

  /// Appends what the string means to `builder`: at most as many bytes as ``raw`` has.
  ///
  /// A surrogate without its other half becomes U+FFFD, as in json-c.
  package func append(to builder: inout ByteBuilder) {
    builder.reserve(raw.count)
    var place = 0
    while place < raw.count {
      let escape = isPlain ? raw.count : firstByte(UInt8(ascii: "\\"), in: raw, from: place)
      builder.append(UnsafeBufferPointer(rebasing: raw[place..<escape]))
      place = escape
      if place < raw.count { place = appendEscape(at: place, to: &builder) }
    }
  }

  /// What the string means, in an array of its own.
  package var array: [UInt8] {
    if isPlain { return [UInt8](raw) }
    var builder = ByteBuilder(capacity: raw.count)
    append(to: &builder)
    return builder.array
  }

  /// Whether the string means `word`, which must be ASCII without backslashes.
  package func equals(_ word: StaticString) -> Bool {
    guard isPlain else { return meaning(equals: word) }
    guard raw.count == word.utf8CodeUnitCount else { return false }
    for place in 0..<raw.count where raw[place] != word.utf8Start[place] { return false }
    return true
  }

  /// Whether the two strings mean the same, however they are written.
  func means(sameAs other: JSONText) -> Bool {
    guard isPlain && other.isPlain else { return array == other.array }
    return raw.elementsEqual(other.raw)
  }

  private func meaning(equals word: StaticString) -> Bool {
    let meant = array
    guard meant.count == word.utf8CodeUnitCount else { return false }
    for place in 0..<meant.count where meant[place] != word.utf8Start[place] { return false }
    return true
  }

  /// - Parameter place: Of the backslash.
  /// - Returns: The place after the escape, or after both escapes of a pair.
  private func appendEscape(at place: Int, to builder: inout ByteBuilder) -> Int {
    if let byte = escapedByte(raw[place &+ 1]) {
      builder.append(byte)
      return place &+ 2
    }
    let unit = codeUnit(at: place)
    let next = place &+ 6
    guard unit & 0xFC00 == 0xD800 else {
      builder.append(scalar: unit & 0xFC00 == 0xDC00 ? 0xFFFD : unit)
      return next
    }
    guard next &+ 1 < raw.count, raw[next] == UInt8(ascii: "\\"), raw[next &+ 1] == UInt8(ascii: "u") else {
      builder.append(scalar: 0xFFFD)
      return next
    }
    let low = codeUnit(at: next)
    guard low & 0xFC00 == 0xDC00 else {
      builder.append(scalar: 0xFFFD)
      return next
    }
    builder.append(scalar: 0x10000 &+ (unit & 0x3FF) << 10 &+ low & 0x3FF)
    return next &+ 6
  }

  /// The four hexadecimal digits of the `\u` escape at `place`.
  private func codeUnit(at place: Int) -> UInt32 {
    var unit: UInt32 = 0
    for digit in 2..<6 { unit = unit << 4 | UInt32(hexDigit(raw[place &+ digit]) ?? 0) }
    return unit
  }
}

extension ByteBuilder {
  /// Appends a Unicode scalar value in UTF-8.
  fileprivate mutating func append(scalar: UInt32) {
    if scalar < 0x80 {
      append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      appendContinuation(scalar)
    } else if scalar < 0x10000 {
      append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      appendContinuation(scalar >> 6)
      appendContinuation(scalar)
    } else {
      append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      appendContinuation(scalar >> 12)
      appendContinuation(scalar >> 6)
      appendContinuation(scalar)
    }
  }

  private mutating func appendContinuation(_ bits: UInt32) {
    append(UInt8(truncatingIfNeeded: 0x80 | bits & 0x3F))
  }
}

/// What a backslash and `byte` stand for; nil where json-c knows no such escape, and for `u`.
func escapedByte(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
  case UInt8(ascii: "b"): 0x08
  case UInt8(ascii: "t"): 0x09
  case UInt8(ascii: "n"): 0x0A
  case UInt8(ascii: "f"): 0x0C
  case UInt8(ascii: "r"): 0x0D
  default: nil
  }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
  default: nil
  }
}

/// The first place at or after `start` of `quote`, a backslash or NUL; the count when there is none.
func firstSpecial(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, quote: UInt8) -> Int {
  var place = start
  let quotes = UInt64(repeating: quote)
  let backslashes = UInt64(repeating: UInt8(ascii: "\\"))
  while bytes.count &- place >= 8 {
    let word = bytes.word(at: place)
    let hits = zeroBytes(word) | zeroBytes(word ^ quotes) | zeroBytes(word ^ backslashes)
    if hits != 0 { return place &+ hits.trailingZeroBitCount >> 3 }
    place &+= 8
  }
  while place < bytes.count {
    let byte = bytes[place]
    if byte == quote || byte == UInt8(ascii: "\\") || byte == 0 { break }
    place &+= 1
  }
  return place
}

/// The first place at or after `start` of `byte`; the count when there is none.
func firstByte(_ byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  var place = start
  let wanted = UInt64(repeating: byte)
  while bytes.count &- place >= 8 {
    let hits = zeroBytes(bytes.word(at: place) ^ wanted)
    if hits != 0 { return place &+ hits.trailingZeroBitCount >> 3 }
    place &+= 8
  }
  while place < bytes.count, bytes[place] != byte { place &+= 1 }
  return place
}

extension UnsafeBufferPointer<UInt8> {
  /// The eight bytes at `place`, the first in the lowest bits. The caller has seen that they are there.
  @inline(__always)
  func word(at place: Int) -> UInt64 {
    UInt64(littleEndian: UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }
}

extension UInt64 {
  @inline(__always)
  fileprivate init(repeating byte: UInt8) { self = 0x0101_0101_0101_0101 &* UInt64(byte) }
}

/// Bit 7 of each byte of `word` that is zero. Above the lowest such byte there may be others too many.
@inline(__always)
private func zeroBytes(_ word: UInt64) -> UInt64 {
  (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
}
