package import Events

/// Texts that came from elsewhere, for a person's eyes: nothing in them can act on a terminal, hide itself or turn what
/// stands beside it around (THREATS 20).
extension ByteBuilder {
  /// Appends `text` as UTF-8, with controls (C0, C1, DEL), line and paragraph separators, bidi controls and bytes that are
  /// not UTF-8 shown as `\u{…}`.
  package mutating func append(visible text: [UInt8]) { append(text, as: .words) }

  /// The same for sentences of more than one line, or columns, whose LF and HT are our own.
  package mutating func append(visibleLines text: [UInt8]) { append(text, as: .lines) }

  /// The same for JSON, which means what it meant: in its strings they are `\uXXXX` (RFC 8259, 7), and between those there
  /// is only white space.
  package mutating func append(visibleJSON text: [UInt8]) { append(text, as: .json) }

  private enum Form { case words, lines, json }

  private mutating func append(_ text: [UInt8], as form: Form) {
    var decoder = Unicode.UTF8.ForwardParser()
    var bytes = text.makeIterator()
    var place = 0
    while true {
      switch decoder.parseScalar(from: &bytes) {
      case .emptyInput: return
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        let isOurs = form != .words && (scalar == "\n" || scalar == "\t")
        if isHidden(scalar) && !isOurs { append(escaped: scalar, as: form) } else { append(Array(encoded)) }
        place += encoded.count
      case .error(let length):
        for byte in text[place..<(place + length)] {
          append(escaped: form == .json ? "\u{fffd}" : Unicode.Scalar(byte), as: form)
        }
        place += length
      }
    }
  }

  private mutating func append(escaped scalar: Unicode.Scalar, as form: Form) {
    guard form == .json else {
      append("\\u{")
      append(Array(String(scalar.value, radix: 16).utf8))
      append("}")
      return
    }
    for unit in Unicode.UTF16.encode(scalar) ?? .init() {
      append("\\u")
      let digits = Array(String(unit, radix: 16).utf8)
      append([UInt8](repeating: UInt8(ascii: "0"), count: 4 - digits.count) + digits)
    }
  }
}

/// Whether a scalar acts instead of being seen.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7f..<0xa0: true
  case 0x2028, 0x2029: true
  // ALM, LRM and RLM, the embeddings and overrides, the isolates (UAX #9)
  case 0x61c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
  // zero width, tags: a name could hide or fake parts with them
  case 0x200b, 0xfeff, 0xe0000...0xe007f: true
  default: false
  }
}
