import Events

/// Cuts terminal output into text, controls and sequences: the state machine of the VT500 series as Paul Williams
/// describes it (<https://vt100.net/emu/dec_ansi_parser>), over UTF-8.
///
/// It is total: every byte in every state has a defined end, nothing fails, and no memory grows with the input. Every byte
/// belongs to exactly one piece, and a piece is made of the bytes since the piece before it, also when they came in several
/// calls. The exception is a control in the middle of a sequence, ``Piece/embeddedControl(_:)``: the one byte before
/// `place`, taken out of the sequence that goes on around it.
///
///     var place = 0
///     while let piece = reader.next(bytes, &place) { … }   // bytes[…place] since the last piece is what it is made of
///
/// Beyond that description: U+0080…U+009F are the C1 controls, and bytes 0x80…0x9f by themselves are invalid, since the
/// stream is UTF-8; `:` separates subparameters (ISO 8613-6); OSC ends with BEL too, as in xterm; a byte above 0x7f ends a
/// sequence that it cannot be part of, and is then read for itself; C1 other than ST do nothing within strings.
package struct SequenceReader {
  package enum Piece: Equatable {
    /// A run of U+0020…U+007E, all of it in the bytes just given: from `place` before the call to `place` after it.
    case ascii
    /// U+00A0 and above. Its bytes may have come in several calls.
    case character(UInt32)
    /// A maximal subpart of an ill-formed character (Unicode, chapter 3); one U+FFFD is shown for it.
    case invalid
    /// C0 (but ESC), DEL, or those of C1 that introduce nothing.
    case control(UInt8)
    /// C0 within a sequence that goes on.
    case embeddedControl(UInt8)
    /// ESC, intermediates, final: in ``SequenceReader/sequence``.
    case escape
    /// CSI, marker, parameters, intermediates, final: in ``SequenceReader/sequence``.
    case csi
    /// A string has ended: what it said is in ``SequenceReader/string``. Where ESC ended it, that ESC is not part of it.
    case string(StringKind)
    /// A sequence that is complete and means nothing: a form that no standard has, or too long.
    case ignored
    /// A sequence or string that CAN or SUB broke off (they are part of it), or ESC or a byte above 0x7f did (not part).
    case cancelled
  }

  package enum StringKind: UInt8, Sendable {
    case dcs, sos, osc, pm, apc
  }

  /// What has been begun and waits for more bytes.
  package enum Unfinished: Equatable, Sendable {
    case nothing
    /// One to three bytes of a character.
    case character
    /// At most ``sequenceByteCountMax`` bytes of a sequence.
    case sequence
    /// A string, or a sequence that will be ignored: whoever keeps the bytes of what is unfinished need not keep these.
    case discarded
  }

  /// Bytes of a sequence beyond which it is ignored: all parameters at their longest fit.
  package static let sequenceByteCountMax = 256
  /// Bytes of a string that are kept: titles, links and marks fit; of what is longer (pasteboards, images) nobody asks
  /// for the rest.
  package static let stringByteCountMax = 4096

  private enum State: UInt8 {
    case ground
    case escape, escapeIntermediate, escapeIgnore
    case csiEntry, csiParameter, csiIntermediate, csiIgnore
    case string
  }

  private var state = State.ground
  /// Bytes of the sequence so far.
  private var byteCount = 0
  private var kind = StringKind.osc
  private var decoder = UTF8Decoder()
  /// The last ESC or CSI sequence; valid until the next call.
  package private(set) var sequence = ControlSequence()
  /// What the last string said, without controls, ill-formed characters replaced by U+FFFD; valid until the next call.
  package private(set) var string: [UInt8] = []
  /// Whether ``string`` is only the beginning.
  package private(set) var isStringCut = false

  package init() {}

  package var unfinished: Unfinished {
    switch state {
    case .ground: decoder.held.count == 0 ? .nothing : .character
    case .string, .csiIgnore, .escapeIgnore: .discarded
    default: .sequence
    }
  }

  /// Reads on from `place` to the end of the next piece, and moves `place` there.
  ///
  /// - Returns: nil when the bytes are used up; what is unfinished goes on in the next call, with more bytes.
  @inline(__always)
  package mutating func next(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Piece? {
    guard place < bytes.count else { return nil }
    if state == .ground && decoder.held.count == 0 {
      let byte = bytes[place]
      if byte &- 0x20 < 0x5f {
        place = endOfASCII(bytes, place &+ 1)
        return .ascii
      }
      if byte >= 0x80, let scalar = wholeCharacter(bytes, &place) {
        if scalar >= 0xa0 { return .character(scalar) }
        return c1(scalar) ?? next(rest: bytes, &place)
      }
    }
    return next(rest: bytes, &place)
  }

  @inline(never)
  private mutating func next(rest bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Piece? {
    while place < bytes.count {
      let piece =
        switch state {
        case .ground: nextInGround(bytes, &place)
        case .string: nextInString(bytes, &place)
        default: nextInSequence(bytes, &place)
        }
      if let piece { return piece }
    }
    return nil
  }

  // MARK: - Ground

  private mutating func nextInGround(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Piece? {
    let byte = bytes[place]
    if decoder.held.count > 0 || byte >= 0x80 { return takeOfCharacter(byte, &place) }
    place &+= 1
    if byte == 0x1b {
      begin(.escape)
      return nil
    }
    if byte < 0x20 || byte == 0x7f { return .control(byte) }
    place = endOfASCII(bytes, place)
    return .ascii
  }

  private mutating func takeOfCharacter(_ byte: UInt8, _ place: inout Int) -> Piece? {
    switch decoder.take(byte) {
    case .held:
      place &+= 1
      return nil
    case .invalid:
      place &+= 1
      return .invalid
    case .brokenOff:
      _ = decoder.cut()
      return .invalid
    case .character(let character):
      place &+= 1
      let scalar = scalar(character)
      return scalar >= 0xa0 ? .character(scalar) : c1(scalar)
    }
  }

  /// - Returns: nil when it introduces something.
  private mutating func c1(_ scalar: UInt32) -> Piece? {
    switch scalar {
    case 0x90: begin(string: .dcs)
    case 0x98: begin(string: .sos)
    case 0x9b: begin(.csiEntry)
    case 0x9d: begin(string: .osc)
    case 0x9e: begin(string: .pm)
    case 0x9f: begin(string: .apc)
    default: return .control(UInt8(truncatingIfNeeded: scalar))
    }
    return nil
  }

  private mutating func begin(_ state: State) {
    self.state = state
    sequence.clear()
    byteCount = 1
  }

  private mutating func begin(string kind: StringKind) {
    state = .string
    self.kind = kind
    string.removeAll(keepingCapacity: true)
    isStringCut = false
  }

  private mutating func end(_ piece: Piece) -> Piece {
    state = .ground
    return piece
  }

  // MARK: - Sequences

  private mutating func nextInSequence(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Piece? {
    while place < bytes.count {
      let byte = bytes[place]
      if byte >= 0x80 || byte == 0x1b { return end(.cancelled) }
      place &+= 1
      byteCount &+= 1
      if byteCount > Self.sequenceByteCountMax { overflow() }
      if byte < 0x20 {
        return byte == 0x18 || byte == 0x1a ? end(.cancelled) : .embeddedControl(byte)
      }
      if byte == 0x7f { continue }
      if let piece = state.rawValue >= State.csiEntry.rawValue ? takeOfCSI(byte) : takeOfEscape(byte) { return piece }
      if state == .string { return nil }
    }
    return nil
  }

  private mutating func overflow() {
    state = state.rawValue >= State.csiEntry.rawValue ? .csiIgnore : .escapeIgnore
    byteCount = Self.sequenceByteCountMax
  }

  /// Takes 0x20…0x7e after ESC.
  private mutating func takeOfEscape(_ byte: UInt8) -> Piece? {
    if byte < 0x30 {
      if state == .escape { state = .escapeIntermediate }
      if !sequence.append(intermediate: byte) { state = .escapeIgnore }
      return nil
    }
    if state == .escapeIgnore { return end(.ignored) }
    if state == .escape {
      switch byte {
      case UInt8(ascii: "["):
        state = .csiEntry
        return nil
      case UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "_"):
        return c1(UInt32(byte) &+ 0x40)
      default: break
      }
    }
    sequence.end(with: byte)
    return end(.escape)
  }

  /// Takes 0x20…0x7e after CSI.
  @inline(__always)
  private mutating func takeOfCSI(_ byte: UInt8) -> Piece? {
    if byte >= 0x40 {
      if state == .csiIgnore { return end(.ignored) }
      sequence.end(with: byte)
      return end(.csi)
    }
    switch state {
    case .csiIgnore: break
    case .csiIntermediate:
      if byte >= 0x30 || !sequence.append(intermediate: byte) { state = .csiIgnore }
    default: takeOfParameters(byte)
    }
    return nil
  }

  @inline(__always)
  private mutating func takeOfParameters(_ byte: UInt8) {
    switch byte {
    case 0x30...0x39: sequence.append(digit: byte &- 0x30)
    case UInt8(ascii: ";"): sequence.separate(colon: false)
    case UInt8(ascii: ":"): sequence.separate(colon: true)
    case 0x20...0x2f:
      _ = sequence.append(intermediate: byte)
      state = .csiIntermediate
      return
    default:  // < = > ?
      if state != .csiEntry {
        state = .csiIgnore
        return
      }
      sequence.marker = byte
    }
    state = .csiParameter
  }

  // MARK: - Strings

  private mutating func nextInString(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Piece? {
    while place < bytes.count {
      let byte = bytes[place]
      if byte < 0x20 || byte == 0x7f {
        breakOffInString()
        if byte == 0x1b { return end(.string(kind)) }
        place &+= 1
        if byte == 0x18 || byte == 0x1a { return end(.cancelled) }
        if byte == 0x07 && kind == .osc { return end(.string(kind)) }
      } else if let piece = takeOfString(byte, &place) {
        return piece
      }
    }
    return nil
  }

  private mutating func takeOfString(_ byte: UInt8, _ place: inout Int) -> Piece? {
    switch decoder.take(byte) {
    case .held: place &+= 1
    case .invalid:
      place &+= 1
      keep(Self.replacement)
    case .brokenOff: breakOffInString()
    case .character(let character):
      place &+= 1
      let scalar = scalar(character)
      if scalar == 0x9c { return end(.string(kind)) }
      if !(0x80...0x9f).contains(scalar) { keep(character) }
    }
    return nil
  }

  private mutating func breakOffInString() {
    if decoder.cut().count > 0 { keep(Self.replacement) }
  }

  /// U+FFFD.
  private static let replacement: UTF8Decoder.Character = {
    var decoder = UTF8Decoder()
    for byte: UInt8 in [0xef, 0xbf, 0xbd] {
      if case .character(let character) = decoder.take(byte) { return character }
    }
    preconditionFailure("U+FFFD is well-formed")
  }()

  private mutating func keep(_ character: UTF8Decoder.Character) {
    guard !isStringCut, string.count + character.count <= Self.stringByteCountMax else {
      isStringCut = true
      return
    }
    for place in 0..<character.count { string.append(character[place]) }
  }
}

private func scalar(_ character: UTF8Decoder.Character) -> UInt32 {
  let (a, b, c, d) = (character.bytes.0, character.bytes.1, character.bytes.2, character.bytes.3)
  func low(_ byte: UInt8) -> UInt32 { UInt32(byte & 0x3f) }
  return switch character.count {
  case 1: UInt32(a)
  case 2: UInt32(a & 0x1f) << 6 | low(b)
  case 3: UInt32(a & 0x0f) << 12 | low(b) << 6 | low(c)
  default: UInt32(a & 0x07) << 18 | low(b) << 12 | low(c) << 6 | low(d)
  }
}

/// Where the run of printable ASCII that goes on at `start` ends.
@inline(__always)
private func endOfASCII(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
  // There are bytes, so there is an address.
  let base = bytes.baseAddress.unsafelyUnwrapped
  var place = start
  let tops: UInt64 = 0x8080_8080_8080_8080
  let ones: UInt64 = 0x0101_0101_0101_0101
  while place &+ 8 <= bytes.count {
    let word = UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self)
    // A top bit is set where a byte is above 0x7f, or below 0x20, or (after the addition) above 0x7e. What the
    // subtraction borrows from a byte above one that is below 0x20 can only say too much behind the first hit.
    let hits = (word | (word &- ones &* 0x20) | (word &+ ones)) & tops
    if hits != 0 { return place &+ hits.trailingZeroBitCount / 8 }
    place &+= 8
  }
  while place < bytes.count && bytes[place] &- 0x20 < 0x5f { place &+= 1 }
  return place
}

/// Reads the multibyte character at `place` when all of it is there and it is well-formed (Unicode, table 3-7).
@inline(__always)
private func wholeCharacter(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> UInt32? {
  // There are bytes, so there is an address.
  let start = bytes.baseAddress.unsafelyUnwrapped + place
  let count = multibyteCharacterByteCount(start, available: bytes.count &- place)
  func low(_ place: Int) -> UInt32 { UInt32(start[place] & 0x3f) }
  place &+= count
  switch count {
  case 2: return UInt32(start[0] & 0x1f) << 6 | low(1)
  case 3: return UInt32(start[0] & 0x0f) << 12 | low(1) << 6 | low(2)
  case 4: return UInt32(start[0] & 0x07) << 18 | low(1) << 12 | low(2) << 6 | low(3)
  default: return nil
  }
}
