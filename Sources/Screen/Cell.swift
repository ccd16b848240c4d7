/// One cell of the screen, as it is handed out.
package struct Cell: Equatable, Sendable {
  /// Code points that share a cell at most, its first included; more combining ones are dropped.
  package static let scalarsMax = 6

  /// The character and what combines with it; a space where nothing was written, empty in the right half of a wide one.
  package var text: String
  /// Columns: 1, 2 for the left half of a wide character, 0 for its right half.
  package var width: Int
  package var style: Style

  package init(text: String, width: Int, style: Style) {
    self.text = text
    self.width = width
    self.style = style
  }
}

/// Where the next character goes, and what marks the place.
package struct Cursor: Equatable, Sendable {
  /// From 0.
  package var column: Int
  /// From 0.
  package var row: Int
  /// DECTCEM.
  package var isVisible: Bool
  /// DECSCUSR: 0 what the terminal has, 1 and 2 a block (blinking, steady), 3 and 4 an underline, 5 and 6 a bar.
  package var shape: UInt8
}
