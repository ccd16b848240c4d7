import Events

/// Modes, the two screens, resets, titles.
extension Emulator {
  /// DECSET and DECRST.
  mutating func setPrivate(_ number: UInt16, _ isOn: Bool) {
    switch number {
    case 3: if modes.contains(.columnsSwitchable) { clearForColumns() }  // DECCOLM: the window's size is its owner's
    case 47:
      showScreen(alternate: isOn)
    case 1047:
      if !isOn && isAlternate { clearScreen() }
      showScreen(alternate: isOn)
    case 1048: if isOn { saveCursor() } else { restoreCursor() }
    case 1049:
      if isOn { saveCursor() }
      showScreen(alternate: isOn)
      if isOn { clearScreen() } else { restoreCursor() }
    default:
      guard let mode = Modes.numbered(number) else { return }
      modes.set(mode, isOn)
      if mode == .origin { move(row: 0, column: 0) }
      if mode == .columnMargins {
        if !isOn { (left, right) = (0, columns - 1) }
        keepPendingWrap()
      }
    }
  }

  private mutating func clearForColumns() {
    resetMargins()
    clearScreen()
    move(row: 0, column: 0)
  }

  private mutating func showScreen(alternate: Bool) {
    guard alternate != isAlternate else { return }
    reportAll()
    if !hidden.isMade { hidden = Grid(columns: columns, rows: rows) }
    swap(&grid, &hidden)
    isAlternate = alternate
    keepPendingWrap()
    touchAll()
    lines?.restart(clock: clock)
  }

  // MARK: - Resets

  /// RIS: all but the title, as in xterm.
  mutating func reset() {
    if isAlternate { showScreen(alternate: false) }
    hidden = Grid()
    pen = PackedStyle()
    clearScreen()
    softReset()
    savedAlternate = SavedCursor()
    modes = .standard
    tabStops = TabStops()
    cursorShape = 0
    (x, y) = (0, 0)
  }

  /// DECSTR, with autowrap on as in xterm.
  mutating func softReset() {
    resetMargins()
    modes.subtract([.origin, .insert, .cursorKeys, .keypad, .columnMargins])
    keepPendingWrap()
    modes.formUnion(.standard)
    pen = PackedStyle()
    charsets = CharacterSets()
    singleShift = 0
    if isAlternate { savedAlternate = SavedCursor() } else { savedPrimary = SavedCursor() }
  }

  // MARK: - Strings

  /// OSC: titles are kept; everything else concerns no screen, and goes to who observes.
  mutating func executeOSC() {
    let string = reader.string
    lines?.tell(osc: string, isCut: reader.isStringCut)
    guard string.count >= 2, string[1] == UInt8(ascii: ";") else { return }
    guard string[0] == UInt8(ascii: "0") || string[0] == UInt8(ascii: "2") else { return }
    title = cutTitle(string[2...])
  }

  private func cutTitle(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var count = min(text.count, Self.titleByteCountMax)
    // Not in the middle of a character.
    while count > 0 && count < text.count && text[text.startIndex + count] & 0xc0 == 0x80 { count -= 1 }
    return Array(text.prefix(count))
  }

  /// CSI 22 t and 23 t of xterm's; the rest of `t` is queries, or concerns a window that is not ours.
  mutating func changeTitleStack(_ sequence: ControlSequence) {
    guard sequence[1] == 0 || sequence[1] == 2 else { return }
    if sequence[0] == 22 {
      if titleStack.count == Self.titleStackMax { titleStack.removeFirst() }
      titleStack.append(title)
    } else if sequence[0] == 23, let last = titleStack.popLast() {
      title = last
    }
  }
}
