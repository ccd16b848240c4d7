/// Stretches of a text in code points, ascending, as format 2.4 marks them, and a place in that text that only moves on.
struct Stretches {
  /// Where each begins and ends, one after the other.
  private var bounds: [Int] = []
  /// The first stretch that does not end before the place that was asked for last.
  private var current = 0

  var isEmpty: Bool { bounds.isEmpty }

  mutating func clear() {
    bounds.removeAll(keepingCapacity: true)
    current = 0
  }

  /// Reads `[[start,count],…]`.
  ///
  /// - Returns: Whether that is what it is, with stretches that are not empty, ascend, and end within a message.
  mutating func read(_ reader: inout JSONReader) throws(JSONError) -> Bool {
    guard case .array = try reader.value() else { return false }
    while try reader.nextElement() {
      guard case .array = try reader.value(),
        let start = try element(&reader), let count = try element(&reader), try !reader.nextElement(),
        count > 0, start >= bounds.last ?? 0, start &+ count <= MessageEncoder.lineByteCountMax
      else { return false }
      bounds.append(start)
      bounds.append(start &+ count)
    }
    return true
  }

  private func element(_ reader: inout JSONReader) throws(JSONError) -> Int? {
    guard try reader.nextElement(), case .integer(let number) = try reader.value(),
      number >= 0 && number <= Int64(MessageEncoder.lineByteCountMax)
    else { return nil }
    return Int(number)
  }

  /// Whether the code point at `place` lies in a stretch, and the place from which on that is different.
  ///
  /// - Parameter place: Not before the one of the last call.
  mutating func look(at place: Int) -> (isInside: Bool, end: Int) {
    while current < bounds.count && bounds[current &+ 1] <= place { current &+= 2 }
    guard current < bounds.count else { return (false, .max) }
    let start = bounds[current]
    return place < start ? (false, start) : (true, bounds[current &+ 1])
  }
}
