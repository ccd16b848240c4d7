package import Events

/// Texts that came from a recorded host, for a person's eyes: nothing in them can act on a terminal, hide itself or turn
/// what stands beside it around.
extension ByteBuilder {
  /// Appends `text` as UTF-8, with controls (C0, C1, DEL), line and paragraph separators, bidi controls and bytes that are
  /// not UTF-8 shown as `\u{…}`.
  package mutating func append(visible text: [UInt8]) {
    var decoder = Unicode.UTF8.ForwardParser()
    var bytes = text.makeIterator()
    var place = 0
    while true {
      switch decoder.parseScalar(from: &bytes) {
      case .emptyInput: return
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if isHidden(scalar) { append(escaped: scalar.value) } else { append(Array(encoded)) }
        place += encoded.count
      case .error(let length):
        for byte in text[place..<(place + length)] { append(escaped: UInt32(byte)) }
        place += length
      }
    }
  }

  private mutating func append(escaped value: UInt32) {
    append("\\u{")
    append(Array(String(value, radix: 16).utf8))
    append("}")
  }
}

/// Whether a scalar acts instead of being seen.
func isHidden(_ scalar: Unicode.Scalar) -> Bool {
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
