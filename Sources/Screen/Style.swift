/// How a cell looks beside its character: what SGR sets (ECMA-48 8.3.117, ISO 8613-6, xterm).
package struct Style: Equatable, Sendable {
  package enum Color: Equatable, Sendable {
    /// What the terminal has without any colour set.
    case standard
    /// 0…7, 8…15 bright, 16…231 the cube, 232…255 grey.
    case indexed(UInt8)
    case rgb(UInt8, UInt8, UInt8)
  }

  package struct Attributes: OptionSet, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1 << 0)
    package static let faint = Attributes(rawValue: 1 << 1)
    package static let italic = Attributes(rawValue: 1 << 2)
    package static let blink = Attributes(rawValue: 1 << 3)
    package static let inverse = Attributes(rawValue: 1 << 4)
    package static let invisible = Attributes(rawValue: 1 << 5)
    package static let strikethrough = Attributes(rawValue: 1 << 6)
    package static let overline = Attributes(rawValue: 1 << 7)
  }

  /// Raw values are those of SGR 4:n.
  package enum Underline: UInt8, Sendable {
    case none, single, double, curly, dotted, dashed
  }

  package var foreground = Color.standard
  package var background = Color.standard
  /// `.standard`: that of the foreground.
  package var underlineColor = Color.standard
  package var attributes: Attributes = []
  package var underline = Underline.none

  package init() {}
}
