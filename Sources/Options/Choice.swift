/// A setting with a fixed list of values, each with the name that it has in a configuration.
package protocol Choice: CaseIterable, Sendable {
  var name: StaticString { get }
}

extension Choice {
  package static var names: [StaticString] { allCases.map { $0.name } }

  /// Nil when no value is called so; names are compared byte for byte, like tlog's.
  package init?(named name: [UInt8]) {
    for value in Self.allCases where name.equals(value.name) {
      self = value
      return
    }
    return nil
  }
}
