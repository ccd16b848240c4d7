import TestSupport

extension Recording {
  var id: String { header["rec"] ?? "" }
  var user: String { header["user"] ?? "" }
  var session: String { header["session"] ?? "" }

  /// - Parameters:
  ///   - lines: Messages of any number of recordings, without their line ends.
  ///   - allowingHoles: Whether messages may be missing.
  /// - Returns: The recordings in the order of their first messages.
  static func read(_ lines: [[UInt8]], allowingHoles: Bool = false) throws -> [Recording] {
    var logs: [(key: ArraySlice<UInt8>, log: [UInt8])] = []
    for line in lines {
      let key = self.key(of: line)
      let place = logs.firstIndex { $0.key == key } ?? logs.endIndex
      if place == logs.endIndex { logs.append((key, [])) }
      logs[place].log += line + [UInt8(ascii: "\n")]
    }
    return try logs.map { try Recording(log: $0.log, allowingHoles: allowingHoles) }
  }

  /// The value of `rec`, which is the third field of every line that tlog and we write.
  private static func key(of line: [UInt8]) -> ArraySlice<UInt8> {
    let quotes = line.indices.filter { line[$0] == UInt8(ascii: "\"") }
    // {"ver":"…","host":"…","rec":"…": the 11th and the 12th.
    return quotes.count > 11 ? line[quotes[10]...quotes[11]] : line[...]
  }
}
