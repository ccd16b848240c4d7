/// The three ways in which bytes cross a recorder.
///
/// Raw values are those of spool frames (docs/format.md).
package enum Stream: UInt8, Sendable {
  /// What the program wrote, on its way to the person: terminal output, or standard output of a pipe.
  case output = 1
  /// Standard error, when it does not share the terminal with standard output.
  case errorOutput = 2
  /// What the person typed or piped in, on its way to the program.
  case input = 3
}

/// The size of a terminal in character cells.
package struct Window: Equatable, Sendable {
  package var columns: UInt16
  package var rows: UInt16

  package init(columns: UInt16, rows: UInt16) {
    self.columns = columns
    self.rows = rows
  }
}
