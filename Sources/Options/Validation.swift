/// Whether a configuration holds only what the table allows, in tlog's words.
extension NodeObject {
  /// - Parameter origin: Where the configuration was read.
  func validate(against rows: [Option], from origin: Option.Origin) throws(Failure) {
    try validate(against: rows.filter { $0.origin <= origin }, section: "")
  }

  private func validate(against rows: [Option], section: StaticString) throws(Failure) {
    for (place, member) in members.enumerated() {
      let earlier = members[..<place].contains { $0.name == member.name }
      if earlier { throw Failure(text: "Duplicate node: \"\(member.name)\"") }
      if let row = rows.first(where: { $0.isKey(member.name, in: section) }) {
        try row.validate(member.value)
      } else if section.utf8CodeUnitCount == 0, let name = rows.first(where: { $0.isIn(member.name) })?.section {
        try validateSection(name, member.value, against: rows)
      } else {
        throw Failure(text: "Unexpected node: \"\(member.name)\"")
      }
    }
  }

  private func validateSection(_ name: StaticString, _ value: Node, against rows: [Option]) throws(Failure) {
    guard case .object(let object) = value else {
      throw Failure(text: "Invalid \"\(name)\" type: \(value.typeName)")
    }
    do throws(Failure) {
      try object.validate(against: rows, section: name)
    } catch {
      throw error.adding(text: "Failed to validate \"\(name)\" section")
    }
  }
}

extension Option {
  /// The most that ``Kind/strings(_:)`` may hold: each is searched for in what programs print.
  static let stringCountMax = 64
  static let stringByteCountMax = 128

  func isKey(_ name: [UInt8], in section: StaticString) -> Bool {
    name.equals(self.name) && [UInt8](section).equals(self.section)
  }

  func isIn(_ section: [UInt8]) -> Bool { !section.isEmpty && section.equals(self.section) }

  fileprivate func validate(_ value: Node) throws(Failure) {
    switch problem(with: value) {
    case nil: return
    case .type(let name): throw Failure(text: "Invalid \"\(self.name)\" type: \(name)")
    case .value(let text): throw Failure(text: "Invalid \"\(self.name)\" value: \(text)")
    }
  }

  /// What is wrong with a value, to be put into a sentence.
  enum Problem {
    case type(StaticString)
    case value([UInt8])
  }

  /// Nil: the option takes `value`.
  func problem(with value: Node) -> Problem? {
    switch (kind, value) {
    case (.boolean, .boolean): nil
    case (.integer(_, let minimum), .integer(let number)): number < minimum ? .value(Text("\(number)").bytes) : nil
    case (.string, .string), (.text, .string): nil
    // A NUL byte would end the path early, so that another file was meant than is written.
    case (.path, .string(let path)): path.contains(0) ? .value(path) : nil
    case (.choice(_, let names), .string(let name)): names.contains { name.equals($0) } ? nil : .value(name)
    case (.strings, .array(let elements)): problem(withElements: elements)
    default: .type(value.typeName)
    }
  }

  private func problem(withElements elements: [Node]) -> Problem? {
    if elements.count > Self.stringCountMax {
      return .value(Text("more than \(Int64(Self.stringCountMax)) strings").bytes)
    }
    for element in elements {
      guard case .string(let text) = element else { return .type(element.typeName) }
      if text.isEmpty || text.count > Self.stringByteCountMax { return .value(text) }
    }
    return nil
  }
}
