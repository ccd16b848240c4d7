/// Columns that a line of text takes on a terminal, by the widths that the emulator has for its characters.
///
/// - Parameter text: UTF-8 without controls.
package func columnCount(of text: [UInt8]) -> Int {
  let widths = WidthTable.shared
  return String(decoding: text, as: UTF8.self).unicodeScalars.reduce(0) { $0 + widths[$1.value] }
}
