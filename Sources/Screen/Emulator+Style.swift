/// SGR.
extension Emulator {
  mutating func setStyle(_ sequence: ControlSequence) {
    var pen = pen
    if sequence.count == 0 { pen.resetRendition() }
    var place = 0
    while place < sequence.count {
      let value = sequence[place]
      switch value {
      case 4: pen.underline = underline(sequence, &place)
      case 38: setColor(&pen.foreground, sequence, &place)
      case 48: setColor(&pen.background, sequence, &place)
      case 58: setColor(&pen.underlineColor, sequence, &place)
      default: set(value, in: &pen)
      }
      place += 1
      while sequence.isSubparameter(place) { place += 1 }
    }
    if pen != self.pen { self.pen = pen }
  }

  private func set(_ value: UInt16, in pen: inout PackedStyle) {
    switch value {
    case 0: pen.resetRendition()
    case 1: pen.set(.bold, true)
    case 2: pen.set(.faint, true)
    case 3: pen.set(.italic, true)
    case 5, 6: pen.set(.blink, true)
    case 7: pen.set(.inverse, true)
    case 8: pen.set(.invisible, true)
    case 9: pen.set(.strikethrough, true)
    case 21: pen.underline = UInt32(Style.Underline.double.rawValue)
    case 22: pen.set([.bold, .faint], false)
    case 23: pen.set(.italic, false)
    case 24: pen.underline = 0
    case 25: pen.set(.blink, false)
    case 27: pen.set(.inverse, false)
    case 28: pen.set(.invisible, false)
    case 29: pen.set(.strikethrough, false)
    case 30...37: pen.foreground = PackedStyle.indexed(UInt8(value - 30))
    case 39: pen.foreground = 0
    case 40...47: pen.background = PackedStyle.indexed(UInt8(value - 40))
    case 49: pen.background = 0
    case 53: pen.set(.overline, true)
    case 55: pen.set(.overline, false)
    case 59: pen.underlineColor = 0
    case 90...97: pen.foreground = PackedStyle.indexed(UInt8(value - 90 + 8))
    case 100...107: pen.background = PackedStyle.indexed(UInt8(value - 100 + 8))
    default: break
    }
  }

  /// 4, or 4:n with the style of the line.
  private func underline(_ sequence: ControlSequence, _ place: inout Int) -> UInt32 {
    guard sequence.isSubparameter(place + 1) else { return 1 }
    return sequence[place + 1] <= 5 ? UInt32(sequence[place + 1]) : 1
  }

  /// 38, 48, 58: `;5;n` and `;2;r;g;b` as programs write them, `:5:n`, `:2:r:g:b` and `:2:space:r:g:b` as ISO 8613-6 has
  /// them.
  private func setColor(_ color: inout UInt32, _ sequence: ControlSequence, _ place: inout Int) {
    let isColon = sequence.isSubparameter(place + 1)
    var count = 0
    if isColon { while sequence.isSubparameter(place + 1 + count) { count += 1 } }
    func component(_ offset: Int) -> UInt8 { UInt8(min(sequence[place + offset], 255)) }
    switch sequence[place + 1] {
    case 5:
      if isColon ? count >= 2 : place + 2 < sequence.count { color = PackedStyle.indexed(component(2)) }
      if !isColon { place += 2 }
    case 2:
      let first = isColon && count >= 5 ? 3 : 2
      if isColon ? count >= 4 : place + 4 < sequence.count {
        color = PackedStyle.rgb(component(first), component(first + 1), component(first + 2))
      }
      if !isColon { place += 4 }
    default:
      if !isColon { place += 1 }
    }
  }
}
