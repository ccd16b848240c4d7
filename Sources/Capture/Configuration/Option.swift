/// One configuration key with all that is known of it: a row of ``OptionTable``.
///
/// Whatever reads, checks, prints or documents configuration goes by these rows and by nothing else.
package struct Option: Sendable {
  /// The object that the key lies in; empty for the outermost one.
  package let section: StaticString
  /// The key inside its object.
  package let name: StaticString
  package let kind: Kind
  /// The lowest origin that may set the key; any higher one may, too.
  package let origin: Origin
  /// The heading that `--help` and the manual put it under, without "options".
  package let group: StaticString
  /// The letter of the short option; nil without one.
  package var letter: UInt8?
  /// There is an option on the command line.
  package var isOption = false
  /// What `--help` calls the option's value; empty when it does not mention one.
  package var valueName: StaticString = ""
  /// One line for `--help`.
  package var summary: StaticString = ""
  /// Paragraphs for the manual, with an empty line in between; the first one is the comment in the configuration files.
  package var details: StaticString
  /// tlog does not know the key.
  package var isOwn = false
  /// A privileged recorder takes the key from the administrator's files only.
  package var isAdministrators = false

  package enum Kind: Sendable {
    /// Nil: not set, which means no.
    case boolean(Bool?)
    case integer(Int64, minimum: Int64)
    case string(StaticString)
    /// A file name. Nil: not set.
    case path(StaticString?)
    case choice(StaticString, of: [StaticString])
    case strings([[UInt8]])
  }

  /// Where a setting comes from, each overriding those before.
  package enum Origin: UInt8, Comparable, Sendable {
    case file, environment, name, option

    package static func < (left: Origin, right: Origin) -> Bool { left.rawValue < right.rawValue }
  }

  /// The name of the long option, without dashes.
  package var longName: [UInt8] {
    section.utf8CodeUnitCount == 0 ? [UInt8](name) : Text("\(section)-\(name)").bytes
  }

  /// What errors call the option.
  var label: [UInt8] {
    guard let letter else { return Text("--\(longName)").bytes }
    return Text("-\([letter])/--\(longName)").bytes
  }

  /// What the key is worth when nobody sets it; nil when it is then absent.
  package var defaultValue: Node? {
    switch kind {
    case .boolean(let value): value.map { .boolean($0) }
    case .integer(let value, minimum: _): .integer(value)
    case .string(let value), .choice(let value, of: _): .string([UInt8](value))
    case .path(let value): value.map { .string([UInt8]($0)) }
    case .strings(let values): .array(values.map { .string($0) })
    }
  }
}
