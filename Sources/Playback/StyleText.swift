import Events
import Screen

/// Cells as output for a terminal: made of what an emulator holds, never of recorded bytes.
extension ByteBuilder {
  /// Appends SGR that gives what follows this style, whatever was set before.
  mutating func append(style: Style) {
    append("\u{1b}[0")
    for (attribute, code) in Self.attributeCodes where style.attributes.contains(attribute) {
      append(";")
      append(decimal: code)
    }
    switch style.underline {
    case .none: break
    case .single: append(";4")
    case .double: append(";21")
    case .curly, .dotted, .dashed:
      append(";4:")
      append(decimal: UInt64(style.underline.rawValue))
    }
    append(color: style.foreground, base: 30)
    append(color: style.background, base: 40)
    if style.underline != .none { append(underline: style.underlineColor) }
    append("m")
  }

  /// ECMA-48 8.3.117; 53 as xterm does it.
  private static let attributeCodes: [(Style.Attributes, UInt64)] = [
    (.bold, 1), (.faint, 2), (.italic, 3), (.blink, 5), (.inverse, 7), (.invisible, 8), (.strikethrough, 9),
    (.overline, 53),
  ]

  /// - Parameter base: 30 for the foreground, 40 for the background.
  private mutating func append(color: Style.Color, base: UInt64) {
    switch color {
    case .standard: return
    case .indexed(let index) where index < 16:
      append(";")
      append(decimal: index < 8 ? base + UInt64(index) : base + 60 + UInt64(index - 8))
    case .indexed(let index):
      append(";")
      append(decimal: base + 8)
      append(";5;")
      append(decimal: UInt64(index))
    case .rgb(let red, let green, let blue):
      append(";")
      append(decimal: base + 8)
      append(";2")
      for part in [red, green, blue] {
        append(";")
        append(decimal: UInt64(part))
      }
    }
  }

  private mutating func append(underline color: Style.Color) {
    switch color {
    case .standard: return
    case .indexed(let index):
      append(";58:5:")
      append(decimal: UInt64(index))
    case .rgb(let red, let green, let blue):
      append(";58:2:")
      for part in [red, green, blue] {
        append(":")
        append(decimal: UInt64(part))
      }
    }
  }

  /// Appends a cell's character. An emulator holds no controls; if it did, a terminal still would not get them.
  mutating func append(characterOf cell: Cell) {
    let isSafe = !cell.text.unicodeScalars.contains { $0.value < 0x20 || $0.value >= 0x7f && $0.value < 0xa0 }
    append(isSafe ? Array(cell.text.utf8) : [0x3f])
  }

  /// CUP: column and row from 0.
  mutating func append(cursorTo column: Int, _ row: Int) {
    append("\u{1b}[")
    append(decimal: UInt64(row + 1))
    append(";")
    append(decimal: UInt64(column + 1))
    append("H")
  }
}
