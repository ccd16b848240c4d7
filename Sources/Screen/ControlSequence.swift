/// What an ESC or CSI sequence says: the bytes between its introducer and its end, sorted.
package struct ControlSequence {
  /// Parameters that are kept; the rest of a longer list is read and forgotten. xterm keeps 30.
  package static let parametersMax = 32

  /// `<`, `=`, `>` or `?`, where it stands before the parameters; 0 without.
  package internal(set) var marker: UInt8 = 0
  /// Up to two bytes of 0x20…0x2f; 0 where there is none. More make the sequence one that is ignored.
  package internal(set) var intermediates: (UInt8, UInt8) = (0, 0)
  /// The byte that ends it.
  package internal(set) var final: UInt8 = 0
  /// Values of ``values`` that are set.
  package internal(set) var count = 0
  /// Bit n: a colon, not a semicolon, stands before value n, which so belongs to the one before it.
  package internal(set) var colons: UInt32 = 0
  private var values = InlineArray<32, UInt16>(repeating: 0)

  /// The value at `place`, subparameters counted; at most 65535. 0 where it is empty or missing.
  package subscript(place: Int) -> UInt16 { place < count ? values[place] : 0 }

  /// The value at `place` as a count: 1 where it is 0, empty or missing.
  package func number(_ place: Int) -> Int { max(1, Int(self[place])) }

  /// Whether the value at `place` is a subparameter.
  package func isSubparameter(_ place: Int) -> Bool { place < count && colons & (1 << UInt32(place)) != 0 }

  /// Whether nothing but parameters stands before the end.
  package var isPlain: Bool { marker == 0 && intermediates.0 == 0 }

  /// Marker, intermediates and final byte in one number, to be compared with ``key(_:_:_:)``.
  package var key: UInt32 {
    UInt32(marker) << 24 | UInt32(intermediates.0) << 16 | UInt32(intermediates.1) << 8 | UInt32(final)
  }

  mutating func clear() {
    marker = 0
    intermediates = (0, 0)
    count = 0
    colons = 0
  }

  @inline(__always)
  mutating func append(digit: UInt8) {
    if count == 0 { start(colon: false) }
    guard count <= Self.parametersMax else { return }
    let value = UInt32(values[count &- 1]) &* 10 &+ UInt32(digit)
    values[count &- 1] = UInt16(truncatingIfNeeded: min(value, 65535))
  }

  /// Begins the next value, and the first one too where the separator stands before any digit.
  @inline(__always)
  mutating func separate(colon: Bool) {
    if count == 0 { start(colon: false) }
    start(colon: colon)
  }

  /// Beyond the last value that is kept, ``count`` stays one above the bound while the list is read.
  @inline(__always)
  private mutating func start(colon: Bool) {
    guard count < Self.parametersMax else {
      count = Self.parametersMax &+ 1
      return
    }
    if colon { colons |= 1 << UInt32(truncatingIfNeeded: count) }
    values[count] = 0
    count &+= 1
  }

  mutating func end(with final: UInt8) {
    self.final = final
    count = min(count, Self.parametersMax)
  }

  /// - Returns: False when there are two already.
  mutating func append(intermediate byte: UInt8) -> Bool {
    if intermediates.0 == 0 {
      intermediates.0 = byte
    } else if intermediates.1 == 0 {
      intermediates.1 = byte
    } else {
      return false
    }
    return true
  }
}
