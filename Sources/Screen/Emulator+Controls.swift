import Events

/// C0, C1, ESC and CSI: which of them does what. Whatever is not listed is ignored, queries among them.
extension Emulator {
  mutating func execute(_ control: UInt8) {
    switch control {
    case 0x08: moveLeft(1)  // BS
    case 0x09: tabulate(1)  // HT
    case 0x0a, 0x0b, 0x0c: lineFeed()  // LF VT FF
    case 0x0d: carriageReturn()  // CR
    case 0x0e: charsets.invoked = 1  // SO
    case 0x0f: charsets.invoked = 0  // SI
    case 0x84: index()  // IND
    case 0x85: nextLine()  // NEL
    case 0x88: tabStops[x] = true  // HTS
    case 0x8d: reverseIndex()  // RI
    case 0x8e: singleShift = 2  // SS2
    case 0x8f: singleShift = 3  // SS3
    default: break
    }
  }

  mutating func executeEscape() {
    let sequence = reader.sequence
    let final = sequence.final
    switch sequence.intermediates.0 {
    case 0: executeEscape(final)
    case UInt8(ascii: "#"): if final == UInt8(ascii: "8") { fillWithE() }
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"):
      guard sequence.intermediates.1 == 0 else { return }
      charsets[sequence.intermediates.0 - UInt8(ascii: "(")] =
        switch final {
        case UInt8(ascii: "0"): .lineDrawing
        case UInt8(ascii: "A"): .unitedKingdom
        default: .ascii
        }
    default: break
    }
  }

  private mutating func executeEscape(_ final: UInt8) {
    switch final {
    case UInt8(ascii: "D"), UInt8(ascii: "E"), UInt8(ascii: "H"), UInt8(ascii: "M"), UInt8(ascii: "N"),
      UInt8(ascii: "O"):
      execute(final + 0x40)
    case UInt8(ascii: "7"): saveCursor()  // DECSC
    case UInt8(ascii: "8"): restoreCursor()  // DECRC
    case UInt8(ascii: "="): modes.insert(.keypad)  // DECKPAM
    case UInt8(ascii: ">"): modes.remove(.keypad)  // DECKPNM
    case UInt8(ascii: "c"): reset()  // RIS
    case UInt8(ascii: "n"): charsets.invoked = 2  // LS2
    case UInt8(ascii: "o"): charsets.invoked = 3  // LS3
    default: break
    }
  }

  /// - Parameter repeated: The character directly before, for REP; 0 without.
  mutating func executeCSI(repeated: UInt32) {
    let sequence = reader.sequence
    if sequence.isPlain {
      executePlain(sequence, repeated)
    } else if sequence.intermediates.0 == 0 {
      guard sequence.marker == UInt8(ascii: "?") else { return }
      switch sequence.final {
      case UInt8(ascii: "J"): eraseInDisplay(sequence[0], isSelective: true)  // DECSED
      case UInt8(ascii: "K"): eraseInLine(sequence[0], isSelective: true)  // DECSEL
      case UInt8(ascii: "h"), UInt8(ascii: "l"):
        for place in 0..<sequence.count { setPrivate(sequence[place], sequence.final == UInt8(ascii: "h")) }
      default: break
      }
    } else if sequence.marker == 0 && sequence.intermediates.1 == 0 {
      switch (sequence.intermediates.0, sequence.final) {
      case (UInt8(ascii: "!"), UInt8(ascii: "p")): softReset()  // DECSTR
      case (UInt8(ascii: " "), UInt8(ascii: "q")):  // DECSCUSR
        if sequence[0] <= 6 { cursorShape = UInt8(sequence[0]) }
      case (UInt8(ascii: "\""), UInt8(ascii: "q")):  // DECSCA
        if sequence[0] <= 2 { pen.isProtected = sequence[0] == 1 }
      case (UInt8(ascii: " "), UInt8(ascii: "@")): moveColumns(from: left, right: -sequence.number(0))  // SL
      case (UInt8(ascii: " "), UInt8(ascii: "A")): moveColumns(from: left, right: sequence.number(0))  // SR
      case (UInt8(ascii: "'"), UInt8(ascii: "}")): moveColumns(from: x, right: sequence.number(0))  // DECIC
      case (UInt8(ascii: "'"), UInt8(ascii: "~")): moveColumns(from: x, right: -sequence.number(0))  // DECDC
      default: break
      }
    }
  }

  private mutating func executePlain(_ sequence: ControlSequence, _ repeated: UInt32) {
    let number = sequence.number(0)
    switch sequence.final {
    case UInt8(ascii: "m"): setStyle(sequence)  // SGR
    case UInt8(ascii: "H"), UInt8(ascii: "f"): move(row: number - 1, column: sequence.number(1) - 1)  // CUP HVP
    case UInt8(ascii: "A"): moveUp(number)  // CUU
    case UInt8(ascii: "B"): moveDown(number)  // CUD
    case UInt8(ascii: "C"): moveRight(number)  // CUF
    case UInt8(ascii: "D"): moveLeft(number)  // CUB
    case UInt8(ascii: "k"): move(rows: -number, columns: 0)  // VPB
    case UInt8(ascii: "e"): move(rows: number, columns: 0)  // VPR
    case UInt8(ascii: "j"): move(rows: 0, columns: -number)  // HPB
    case UInt8(ascii: "a"): move(rows: 0, columns: number)  // HPR
    case UInt8(ascii: "E"):  // CNL
      moveDown(number)
      carriageReturn()
    case UInt8(ascii: "F"):  // CPL
      moveUp(number)
      carriageReturn()
    case UInt8(ascii: "G"), UInt8(ascii: "`"): move(row: nil, column: number - 1)  // CHA HPA
    case UInt8(ascii: "d"): move(row: number - 1, column: nil)  // VPA
    case UInt8(ascii: "I"): tabulate(number)  // CHT
    case UInt8(ascii: "Z"): tabulateBack(number)  // CBT
    case UInt8(ascii: "J"): eraseInDisplay(sequence[0])
    case UInt8(ascii: "K"): eraseInLine(sequence[0])
    case UInt8(ascii: "X"): eraseCharacters(number)
    case UInt8(ascii: "@"): insertCharacters(number)
    case UInt8(ascii: "P"): deleteCharacters(number)
    case UInt8(ascii: "L"): moveLines(number, isDown: true)
    case UInt8(ascii: "M"): moveLines(number, isDown: false)
    case UInt8(ascii: "S"): scroll(up: number)  // SU
    case UInt8(ascii: "T"): if sequence.count <= 1 { scroll(up: -number) }  // SD; more: mouse tracking
    case UInt8(ascii: "b"): repeatCharacter(repeated, number)  // REP
    default: executeSetting(sequence)
    }
  }

  private mutating func executeSetting(_ sequence: ControlSequence) {
    switch sequence.final {
    case UInt8(ascii: "g"):  // TBC
      if sequence[0] == 0 { tabStops[x] = false }
      if sequence[0] == 3 { tabStops.clear() }
    case UInt8(ascii: "h"), UInt8(ascii: "l"):  // SM RM
      for place in 0..<sequence.count {
        if sequence[place] == 4 { modes.set(.insert, sequence.final == UInt8(ascii: "h")) }  // IRM
        if sequence[place] == 20 { modes.set(.newLine, sequence.final == UInt8(ascii: "h")) }  // LNM
      }
    case UInt8(ascii: "r"): setRowMargins(sequence)  // DECSTBM
    case UInt8(ascii: "s"):
      if modes.contains(.columnMargins) { setColumnMargins(sequence) } else { saveCursor() }  // DECSLRM SCOSC
    case UInt8(ascii: "t"): changeTitleStack(sequence)
    case UInt8(ascii: "u"): restoreCursor()  // SCORC
    default: break
    }
  }

  /// Puts `character` again, no more often than there are cells: after that nothing changes but what scrolled off.
  private mutating func repeatCharacter(_ character: UInt32, _ count: Int) {
    guard character != 0 else { return }
    var rest = min(count, columns * rows)
    if character < 0x7f && charsets.isASCII {
      // By rows, since a few bytes can ask for very many.
      let row = [UInt8](repeating: UInt8(character), count: columns)
      while rest > 0 {
        row.withUnsafeBufferPointer { print(ascii: UnsafeBufferPointer(rebasing: $0[..<min(rest, columns)])) }
        rest -= min(rest, columns)
      }
    } else {
      for _ in 0..<rest { print(character) }
    }
    lastGraphic = 0
  }
}
