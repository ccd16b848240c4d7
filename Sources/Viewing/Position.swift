/// How far somebody has got in a recording: good for going on without losing or repeating an event.
///
/// As text `SEQ` or `SEQ.COUNT`.
package struct Position: Equatable, Sendable, CustomStringConvertible {
  /// All messages up to this one were given as a whole; 0 for none.
  package var seq: UInt64
  /// Events of the next message that were given.
  package var count: Int

  package static let start = Position(seq: 0)

  package init(seq: UInt64, count: Int = 0) {
    self.seq = seq
    self.count = count
  }

  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let seq = UInt64(parts[0]), seq < Int64.max else { return nil }
    self.init(seq: seq)
    if parts.count == 2 {
      guard let count = Int(parts[1]), count >= 0 else { return nil }
      self.count = count
    }
  }

  package var description: String { count == 0 ? "\(seq)" : "\(seq).\(count)" }
}
