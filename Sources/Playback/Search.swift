import Events
package import Readers
import Screen

/// Looks for a moment at which a text comes onto the screen, in slices. Backwards it looks through one stretch between two
/// keyframes after the other, each from its start.
package final class Search {
  package enum Outcome: Equatable {
    case more
    case found(Place)
    case none
  }

  private let text: [UInt8]
  private let isBackward: Bool
  private let origin: UInt64
  private let nearest: (Place) -> Keyframe
  private let head: Playhead
  /// Of the stretch that is looked through: its keyframe, the events at which it ends, and what was found in it.
  private var stretch: Keyframe
  private var limit: UInt64
  private var found: UInt64?
  private var isBegun = false
  private var wasVisible = false
  /// Of each row its version, and where a line begins also its last row and whether the text stands in it.
  private var versions: [UInt64] = []
  private var ends: [Int?] = []
  private var hits: [Bool] = []
  private var line = ByteBuilder(capacity: 1024)

  /// - Parameter nearest: The last keyframe that is not behind a place.
  init(
    _ text: [UInt8], isBackward: Bool, from origin: UInt64, with head: Playhead, nearest: @escaping (Place) -> Keyframe
  ) {
    self.text = text
    self.isBackward = isBackward
    self.origin = origin
    self.nearest = nearest
    self.head = head
    limit = isBackward ? origin : .max
    stretch = nearest(.ordinal(isBackward ? max(origin, 1) - 1 : origin))
  }

  /// Looks through some of the recording.
  package func step() throws(ReadError) -> Outcome {
    if !isBegun { try begin() }
    let start = head.outputByteCount
    for _ in 0..<Timeline.sliceEventCount where head.outputByteCount - start < Timeline.sliceByteCount {
      guard head.ordinal < limit else { return try end() }
      guard let content = try head.peek() else { return try head.waitsForWhatIsBehind() ? .more : end() }
      head.advance()
      guard shows(content) else { continue }
      let isVisible = look()
      defer { wasVisible = isVisible }
      guard isVisible, !wasVisible, head.ordinal != origin else { continue }
      if isBackward {
        if head.ordinal < origin { found = head.ordinal }
      } else if head.ordinal > origin {
        return .found(.ordinal(head.ordinal))
      }
    }
    return .more
  }

  private func shows(_ content: Playhead.Content) -> Bool {
    switch content {
    case .output, .window: true
    default: false
    }
  }

  private func begin() throws(ReadError) {
    try head.restore(stretch)
    isBegun = true
    versions = []
    wasVisible = look()
  }

  /// At the end of a stretch.
  private func end() throws(ReadError) -> Outcome {
    if let found { return .found(.ordinal(found)) }
    guard isBackward, stretch.ordinal > 0 else { return .none }
    limit = stretch.ordinal
    stretch = nearest(.ordinal(limit - 1))
    isBegun = false
    return .more
  }

  /// Whether the text stands in some line of the screen, which may take several rows. Only lines that changed are read again.
  private func look() -> Bool {
    let rows = Int(head.emulator.window.rows)
    if versions.count != rows {
      versions = Array(repeating: .max, count: rows)
      ends = Array(repeating: nil, count: rows)
      hits = Array(repeating: false, count: rows)
    }
    var isVisible = false
    var row = 0
    while row < rows {
      let lineRows = head.emulator.rowsOfLine(at: row)
      if hasChanged(lineRows) {
        line.clear()
        head.emulator.appendText(ofLine: lineRows, to: &line)
        hits[row] = line.bytes.contains(text)
      }
      isVisible = isVisible || hits[row]
      row = lineRows.upperBound + 1
    }
    return isVisible
  }

  /// Whether a line is another than the last time, of which it takes note.
  private func hasChanged(_ lineRows: ClosedRange<Int>) -> Bool {
    var hasChanged = ends[lineRows.lowerBound] != lineRows.upperBound
    for row in lineRows {
      let version = head.emulator.version(ofRow: row)
      hasChanged = hasChanged || versions[row] != version
      versions[row] = version
      ends[row] = nil
    }
    ends[lineRows.lowerBound] = lineRows.upperBound
    return hasChanged
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether `text` stands in these bytes, ASCII letters in any case. A line is short: each place is tried.
  fileprivate func contains(_ text: [UInt8]) -> Bool {
    guard !text.isEmpty, count >= text.count else { return false }
    for start in 0...(count - text.count) {
      var length = 0
      while length < text.count, lower(self[start + length]) == lower(text[length]) { length += 1 }
      if length == text.count { return true }
    }
    return false
  }
}

private func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }
