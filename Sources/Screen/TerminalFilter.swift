package import Events

/// What stands between recorded output and an auditor's terminal when the one is sent to the other: an allow list
/// (THREATS 20).
///
/// Text, colours, cursor, erasing, scrolling, margins, the alternate screen and DEC line drawing pass. All else does not:
/// queries that the terminal would answer, pasteboard, titles, keyboard, mouse and printer, and whatever is not known here.
/// What passes is written anew from what was understood, so that nothing gets through between the lines, however it was
/// split; text that is no UTF-8 becomes U+FFFD.
package struct TerminalFilter {
  /// What was not passed.
  package private(set) var dropped = DroppedSequences()

  private var reader = SequenceReader()
  /// The first byte of what is being read; nil between pieces.
  private var firstByte: UInt8?
  private var isOnAlternateScreen = false

  package init() {}

  /// Appends to `output` what of `bytes` may be seen. Sequences may be split anywhere between calls.
  package mutating func pass(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout ByteBuilder) {
    var place = 0
    while place < bytes.count {
      let start = place
      if firstByte == nil { firstByte = bytes[place] }
      guard let piece = reader.next(bytes, &place) else { return }
      if case .ascii = piece {
        output.append(UnsafeBufferPointer(rebasing: bytes[start..<place]))
      } else {
        pass(piece, into: &output)
      }
      // A control inside a sequence leaves the sequence to go on.
      if case .embeddedControl = piece { continue }
      firstByte = nil
    }
  }

  /// Appends what makes the terminal an ordinary one again. Nothing may be passed afterwards.
  package mutating func finish(into output: inout ByteBuilder) {
    if isOnAlternateScreen { output.append("\u{1b}[?1049l") }
    output.append(Self.reset)
  }

  /// Origin, margins (which would move the cursor), wrapping, reversal, cursor, insertion, character sets, colours.
  private static let reset: StaticString =
    "\u{1b}[?6l\u{1b}7\u{1b}[r\u{1b}8\u{1b}[?7h\u{1b}[?5l\u{1b}[?25h\u{1b}[0 q\u{1b}[4l\u{1b}(B\u{1b})B\u{0f}\u{1b}[m"

  // MARK: - Pieces

  private mutating func pass(_ piece: SequenceReader.Piece, into output: inout ByteBuilder) {
    switch piece {
    case .ascii: break
    case .character(let scalar): output.append(scalar: scalar)
    case .invalid: output.append(scalar: 0xfffd)
    case .control(let byte), .embeddedControl(let byte): pass(control: byte, into: &output)
    case .escape: passEscape(into: &output)
    case .csi: passCSI(into: &output)
    case .string(let kind): dropped.note(string: kind, reader.string)
    case .ignored: dropped.note(.malformed)
    case .cancelled: dropped.note(.cancelled)
    }
  }

  private mutating func pass(control byte: UInt8, into output: inout ByteBuilder) {
    switch byte {
    case 0x08...0x0f: output.append(byte)  // BS HT LF VT FF CR SO SI
    default: dropped.note(.control(byte))
    }
  }

  /// C1 by their own code points are for terminals that take them; what passes is written with ESC, and only when it came
  /// so.
  private var isIntroducedByEscape: Bool { firstByte == 0x1b }

  private mutating func passEscape(into output: inout ByteBuilder) {
    let sequence = reader.sequence
    switch (sequence.intermediates.0, sequence.final) {
    case (0, UInt8(ascii: "7")), (0, UInt8(ascii: "8")),  // DECSC DECRC
      (0, UInt8(ascii: "D")), (0, UInt8(ascii: "E")), (0, UInt8(ascii: "M")),  // IND NEL RI
      (0, UInt8(ascii: "H")):  // HTS
      output.append("\u{1b}")
      output.append(sequence.final)
    case (0, UInt8(ascii: "c")):  // RIS, which would also forget what the auditor has set
      output.append(Self.reset)
      output.append("\u{1b}[H\u{1b}[2J")
    case (UInt8(ascii: "#"), UInt8(ascii: "8")) where sequence.intermediates.1 == 0:  // DECALN
      output.append("\u{1b}#8")
    case (UInt8(ascii: "(")...UInt8(ascii: "+"), UInt8(ascii: "0")),  // SCS: DEC line drawing, ASCII, UK
      (UInt8(ascii: "(")...UInt8(ascii: "+"), UInt8(ascii: "A")...UInt8(ascii: "B")):
      guard sequence.intermediates.1 == 0 else { return dropped.note(.escape(sequence)) }
      output.append("\u{1b}")
      output.append(sequence.intermediates.0)
      output.append(sequence.final)
    default: dropped.note(.escape(sequence))
    }
  }

  // MARK: - CSI

  private mutating func passCSI(into output: inout ByteBuilder) {
    let sequence = reader.sequence
    guard isIntroducedByEscape else { return dropped.note(.csi(sequence)) }
    if sequence.isPlain {
      if sequence.final == UInt8(ascii: "h") || sequence.final == UInt8(ascii: "l") {
        return passModes(sequence, Self.passesMode, into: &output)
      }
      if Self.passesPlain(sequence) { return output.append(sequence) }
    } else if sequence.key == Self.decset || sequence.key == Self.decrst {
      return passModes(sequence, Self.passesPrivateMode, into: &output)
    } else if sequence.key == Self.decscusr || sequence.key == Self.decstr {
      return output.append(sequence)
    }
    dropped.note(.csi(sequence))
  }

  private static let decset = key("?", "\0", "h")
  private static let decrst = key("?", "\0", "l")
  private static let decscusr = key("\0", " ", "q")
  private static let decstr = key("\0", "!", "p")

  private static func key(_ marker: Unicode.Scalar, _ intermediate: Unicode.Scalar, _ final: Unicode.Scalar) -> UInt32 {
    marker.value << 24 | intermediate.value << 16 | final.value
  }

  private static func passesPlain(_ sequence: ControlSequence) -> Bool {
    switch sequence.final {
    case UInt8(ascii: "@")...UInt8(ascii: "I"),  // ICH CUU CUD CUF CUB CNL CPL CHA CUP CHT
      UInt8(ascii: "K")...UInt8(ascii: "M"), UInt8(ascii: "P"), UInt8(ascii: "S"),  // EL IL DL DCH SU
      UInt8(ascii: "X"), UInt8(ascii: "Z"),  // ECH CBT
      UInt8(ascii: "`")...UInt8(ascii: "b"), UInt8(ascii: "d")...UInt8(ascii: "g"),  // HPA HPR REP VPA VPR HVP TBC
      UInt8(ascii: "m"), UInt8(ascii: "r"):  // SGR DECSTBM
      true
    case UInt8(ascii: "J"): sequence[0] <= 2  // ED; 3 forgets what was on the auditor's terminal before
    case UInt8(ascii: "T"): sequence.count <= 1  // SD; with more it is xterm's mouse
    // SCOSC SCORC; with parameters DECSLRM, kitty's keys
    case UInt8(ascii: "s"), UInt8(ascii: "u"): sequence.count == 0
    default: false
    }
  }

  /// IRM. LNM changes what the auditor's keys send, KAM that they send anything.
  private static func passesMode(_ mode: UInt16) -> Bool { mode == 4 }

  private static func passesPrivateMode(_ mode: UInt16) -> Bool {
    switch mode {
    case 5, 6, 7, 12, 25: true  // DECSCNM DECOM DECAWM, blinking cursor, DECTCEM
    case 47, 1047, 1048, 1049: true  // alternate screen, saved cursor
    default: false
    }
  }

  /// Passes each mode by itself, so that one that does not pass keeps no other from passing.
  private mutating func passModes(
    _ sequence: ControlSequence, _ passes: (UInt16) -> Bool, into output: inout ByteBuilder
  ) {
    let isSet = sequence.final == UInt8(ascii: "h")
    for place in 0..<sequence.count {
      let mode = sequence[place]
      guard passes(mode) else {
        dropped.note(.mode(mode, sequence))
        continue
      }
      if sequence.marker != 0 && [47, 1047, 1049].contains(mode) { isOnAlternateScreen = isSet }
      output.append("\u{1b}[")
      if sequence.marker != 0 { output.append(sequence.marker) }
      output.append(decimal: Int(mode))
      output.append(sequence.final)
    }
  }
}

extension ByteBuilder {
  /// Appends a Unicode scalar as UTF-8.
  fileprivate mutating func append(scalar value: UInt32) {
    guard let scalar = Unicode.Scalar(value) else { return }
    for byte in UTF8.encode(scalar).unsafelyUnwrapped { append(byte) }  // every scalar has an encoding
  }

  /// Appends a CSI sequence as it was understood.
  fileprivate mutating func append(_ sequence: ControlSequence) {
    append("\u{1b}[")
    if sequence.marker != 0 { append(sequence.marker) }
    for place in 0..<sequence.count {
      if place > 0 { append(sequence.isSubparameter(place) ? UInt8(ascii: ":") : UInt8(ascii: ";")) }
      append(decimal: Int(sequence[place]))
    }
    if sequence.intermediates.0 != 0 { append(sequence.intermediates.0) }
    if sequence.intermediates.1 != 0 { append(sequence.intermediates.1) }
    append(sequence.final)
  }
}
