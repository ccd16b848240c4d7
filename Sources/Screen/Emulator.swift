package import Events

/// A terminal without glass: takes what a program writes, and knows what the screen then shows.
package struct Emulator: ~Copyable {
  /// What is emulated at most; larger windows are cut to it.
  package static let columnsMax = 512
  package static let rowsMax = 256

  /// The size of the screen in cells.
  package private(set) var window: Window

  package init(window: Window) { self.window = window }

  /// Takes output. Sequences may be split anywhere between calls.
  package mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64) {}

  /// Changes the size as xterm does: nothing is reflowed.
  package mutating func resize(to window: Window) { self.window = window }

  /// Whether no sequence and no character is begun: only then can ``dump(into:)`` be asked.
  package var isBetweenSequences: Bool { true }

  /// Appends output that brings a new emulator of the same size into this one's state, with all that later output depends
  /// on.
  package func dump(into output: inout ByteBuilder) {}

  package var cursor: Cursor { Cursor(column: 0, row: 0, isVisible: true, shape: 0) }

  /// What is shown at a place, which lies within ``window``.
  package func cell(column: Int, row: Int) -> Cell { Cell(text: " ", width: 1, style: Style()) }

  /// Grows when anything in the row changes.
  package func version(ofRow row: Int) -> UInt64 { 0 }

  /// Appends what stands in a row as UTF-8, without the blanks at its end.
  package func appendText(ofRow row: Int, to output: inout ByteBuilder) {}

  /// DECSCNM: foreground and background are exchanged everywhere.
  package var isReversed: Bool { false }

  /// OSC 0 and 2, as valid UTF-8 without controls; at most ``titleByteCountMax`` bytes.
  package var title: [UInt8] { [] }
  package static let titleByteCountMax = 1024
}
