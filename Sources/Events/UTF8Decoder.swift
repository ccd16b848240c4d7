/// Cuts a byte stream into Unicode characters and invalid sequences, one byte at a time.
///
/// Valid is what table 3-7 of the Unicode Standard calls well-formed. An invalid sequence is a maximal subpart (chapter
/// 3, "U+FFFD Substitution of Maximal Subparts"): a prefix of a well-formed sequence that the next byte does not
/// continue, or one byte that starts nothing. A character split over two reads is held until it is whole.
package struct UTF8Decoder {
  /// Up to four bytes that belong together.
  package struct Character: Sendable {
    package var bytes: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
    package var count = 0

    package subscript(place: Int) -> UInt8 {
      switch place {
      case 0: bytes.0
      case 1: bytes.1
      case 2: bytes.2
      default: bytes.3
      }
    }

    init() {}

    init(_ byte: UInt8) { append(byte) }

    mutating func append(_ byte: UInt8) {
      switch count {
      case 0: bytes.0 = byte
      case 1: bytes.1 = byte
      case 2: bytes.2 = byte
      default: bytes.3 = byte
      }
      count += 1
    }
  }

  /// What a byte brought to an end.
  package enum Step {
    /// Nothing: the byte is held.
    case held
    case character(Character)
    /// The byte starts nothing: an invalid sequence of one.
    case invalid
    /// What is held is not continued by the byte, which was not taken: ``cut()``, and take it again.
    case brokenOff
  }

  /// The bytes of a character that is not whole yet.
  package private(set) var held = Character()
  /// How many more bytes the held character needs.
  private var missing = 0
  /// The range in which its next byte must lie.
  private var low: UInt8 = 0x80
  private var high: UInt8 = 0xbf

  package init() {}

  package mutating func take(_ byte: UInt8) -> Step {
    if held.count == 0 { return startCharacter(byte) }
    guard byte >= low && byte <= high else { return .brokenOff }
    held.append(byte)
    missing -= 1
    low = 0x80
    high = 0xbf
    if missing > 0 { return .held }
    let character = held
    held.count = 0
    return .character(character)
  }

  /// Ends the stream, or gives up what is held.
  ///
  /// - Returns: The bytes that were held: one invalid sequence, unless there are none.
  package mutating func cut() -> Character {
    let cut = held
    held.count = 0
    return cut
  }

  /// Table 3-7, the first two columns: which byte may start, and what may follow it.
  private mutating func startCharacter(_ byte: UInt8) -> Step {
    low = 0x80
    high = 0xbf
    switch byte {
    case 0x00...0x7f: return .character(Character(byte))
    case 0xc2...0xdf: missing = 1
    case 0xe0:
      missing = 2
      low = 0xa0
    case 0xed:
      missing = 2
      high = 0x9f
    case 0xe1...0xef: missing = 2
    case 0xf0:
      missing = 3
      low = 0x90
    case 0xf4:
      missing = 3
      high = 0x8f
    case 0xf1...0xf3: missing = 3
    default: return .invalid
    }
    held.append(byte)
    return .held
  }
}

/// How long the well-formed multibyte character at `bytes` is: 2, 3 or 4; 0 when there is none, or not enough of it.
///
/// The whole of table 3-7 at once, for text that arrives whole; ``UTF8Decoder`` deals with the rest.
@inline(__always)
package func multibyteCharacterByteCount(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
  guard available >= 2 else { return 0 }
  let first = bytes[0]
  let second = bytes[1]
  if first < 0xe0 { return first >= 0xc2 && isContinuation(second) ? 2 : 0 }
  guard available >= 3, isContinuation(bytes[2]) else { return 0 }
  if first < 0xf0 {
    let low: UInt8 = first == 0xe0 ? 0xa0 : 0x80
    let high: UInt8 = first == 0xed ? 0x9f : 0xbf
    return second >= low && second <= high ? 3 : 0
  }
  guard available >= 4, first <= 0xf4, isContinuation(bytes[3]) else { return 0 }
  let low: UInt8 = first == 0xf0 ? 0x90 : 0x80
  let high: UInt8 = first == 0xf4 ? 0x8f : 0xbf
  return second >= low && second <= high ? 4 : 0
}

@inline(__always)
private func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
