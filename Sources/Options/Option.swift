/// One configuration key with all that is known of it: a row of a program's table.
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
  package let letter: UInt8?
  /// There is an option on the command line.
  package let isOption: Bool
  /// What `--help` calls the option's value; empty when it does not mention one.
  package let valueName: StaticString
  /// One line for `--help`.
  package let summary: StaticString
  /// Paragraphs for the manual, with an empty line in between; the first one is the comment in the configuration files.
  package let details: StaticString
  /// tlog does not know the key.
  package let isOwn: Bool
  /// A privileged recorder takes the key from the administrator's files only.
  package let isAdministrators: Bool

  /// Inlined, so that a table of rows is data and not a program that builds it.
  @inline(__always)
  package init(
    section: StaticString, name: StaticString, kind: Kind, origin: Origin, group: StaticString, letter: UInt8? = nil,
    isOption: Bool = false, valueName: StaticString = "", summary: StaticString = "", details: StaticString,
    isOwn: Bool = false, isAdministrators: Bool = false
  ) {
    self.section = section
    self.name = name
    self.kind = kind
    self.origin = origin
    self.group = group
    self.letter = letter
    self.isOption = isOption
    self.valueName = valueName
    self.summary = summary
    self.details = details
    self.isOwn = isOwn
    self.isAdministrators = isAdministrators
  }

  package enum Kind: Sendable {
    /// Nil: not set, which means no.
    case boolean(Bool?)
    case integer(Int64, minimum: Int64)
    case string(StaticString)
    /// A file name. Nil: not set.
    case path(StaticString?)
    /// Any text. Not set by default.
    case text
    case choice(StaticString, of: [StaticString])
    case strings([[UInt8]])
    /// A number with a fraction: what reads it, to the form in which json-c prints it; nil for what it does not take.
    case number(@Sendable ([UInt8]) -> [UInt8]?)
    /// An array of strings, of which each use of the option adds one. Not set: empty.
    case list
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

  var isRepeated: Bool {
    if case .list = kind { return true }
    return false
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
    case .number, .list, .text: nil
    }
  }
}
