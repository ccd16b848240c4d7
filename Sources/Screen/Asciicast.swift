package import Events

/// Writes a recording for asciinema's players, version 2. Output goes through the allow list: those players have none.
package struct Asciicast: ~Copyable {
  private var filter = TerminalFilter()
  private var shown = ByteBuilder(capacity: 4096)

  package init() {}

  /// The first line.
  ///
  /// - Parameters:
  ///   - startMilliseconds: Since the Epoch; nil when it is not known.
  ///   - terminal: `TERM`.
  package func appendHeader(
    window: Window, startMilliseconds: UInt64?, terminal: [UInt8], to output: inout ByteBuilder
  ) {
    output.append("{\"version\":2,\"width\":")
    output.append(decimal: UInt64(window.columns))
    output.append(",\"height\":")
    output.append(decimal: UInt64(window.rows))
    if let startMilliseconds {
      output.append(",\"timestamp\":")
      output.append(decimal: startMilliseconds / 1000)
    }
    output.append(",\"env\":{\"TERM\":")
    output.append(jsonString: terminal)
    output.append("}}\n")
  }

  package mutating func append(
    output bytes: UnsafeBufferPointer<UInt8>, at milliseconds: UInt64, to output: inout ByteBuilder
  ) {
    shown.clear()
    filter.pass(bytes, into: &shown)
    if !shown.isEmpty { append(milliseconds, "o", shown.array, to: &output) }
  }

  /// What was typed, unless it is a secret.
  package func append(
    input bytes: UnsafeBufferPointer<UInt8>, _ mark: InputMark, at milliseconds: UInt64, to output: inout ByteBuilder
  ) {
    if mark == .secret || mark == .echoOff { return }
    append(milliseconds, "i", Array(bytes), to: &output)
  }

  package func append(window: Window, at milliseconds: UInt64, to output: inout ByteBuilder) {
    append(milliseconds, "r", Array("\(window.columns)x\(window.rows)".utf8), to: &output)
  }

  /// A mark where something is missing.
  package func append(gap loss: Loss, at milliseconds: UInt64, to output: inout ByteBuilder) {
    append(milliseconds, "m", Array("gap: ".utf8) + loss.why, to: &output)
  }

  private func append(_ milliseconds: UInt64, _ kind: StaticString, _ data: [UInt8], to output: inout ByteBuilder) {
    output.append("[")
    output.append(decimal: milliseconds / 1000)
    output.append(".")
    output.append(Array(String(1000 + milliseconds % 1000).utf8.dropFirst()))
    output.append(",\"")
    output.append(kind)
    output.append("\",")
    output.append(jsonString: data)
    output.append("]\n")
  }
}
