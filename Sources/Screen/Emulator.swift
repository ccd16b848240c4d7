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
}
