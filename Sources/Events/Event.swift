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

  /// What is taken where a size was not recorded.
  package static var usual: Window { Window(columns: 80, rows: 24) }

  /// The window, or ``usual`` where it is unknown: a terminal that nobody has told its size (a serial line, `ssh -tt` fed by
  /// a pipe) says 0x0.
  package var orUsual: Window { columns > 0 && rows > 0 ? self : .usual }
}

/// What the recorder knows about some input beside its bytes.
package enum InputMark: UInt8, Sendable {
  case none = 0
  /// Each byte was replaced by `*` before it came here.
  case masked = 1
  /// Typed while the terminal did not echo, beyond the limits of masking.
  case echoOff = 2
  /// Typed at what looks like a prompt for a secret that a program reads in raw mode.
  case secret = 3
}
