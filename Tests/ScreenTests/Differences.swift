import Foundation
import TestSupport

/// Where others are known to show something else: Sequences/differences.txt, which says how it is written.
enum Differences {
  /// Names of cases in the table.
  static func cases(_ oracle: Oracle.Name) throws -> Set<String> {
    let names = SequenceCase.all.map(\.name)
    return Set(
      try lines(oracle).map { line in
        names.filter { line.hasPrefix($0 + ": ") }.max { $0.count < $1.count } ?? String(line)
      })
  }

  /// Names of captures.
  static func captures(_ oracle: Oracle.Name) throws -> Set<String> {
    Set(try lines(oracle, "capture ").map { String($0.prefix { $0 != ":" }) })
  }

  /// Lines `ORACLE: CASE: document`, or `capture ORACLE: NAME: document`, from the name on.
  private static func lines(_ oracle: Oracle.Name, _ kind: String = "") throws -> [Substring] {
    let file = SequenceCase.folder.appending(path: "Sequences/differences.txt")
    let start = "\(kind)\(oracle.rawValue): "
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix(start) }
      .map { $0.dropFirst(start.count) }
  }
}
