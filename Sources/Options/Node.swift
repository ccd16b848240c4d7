/// A value of a configuration: JSON, with the members of an object in their order.
///
/// tlog calls these nodes in what it prints, and prints them in the order in which merging left them.
package enum Node: Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// A number with a fraction as json-c prints it. No key in a file takes one, so that there only its type is kept, and
  /// the text is empty.
  case double([UInt8])
  case string([UInt8])
  case array([Node])
  case object(NodeObject)

  /// json-c's name for the type, as in errors.
  var typeName: StaticString {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .integer: "int"
    case .double: "double"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

/// An object of a configuration.
package struct NodeObject: Sendable {
  package private(set) var members: [Member] = []

  package struct Member: Sendable {
    package let name: [UInt8]
    package var value: Node
  }

  package init() {}

  /// The value of the member called `name`; the first one where a text says it twice.
  package subscript(name: StaticString) -> Node? {
    for member in members where member.name.equals(name) { return member.value }
    return nil
  }

  /// What an option is set to.
  subscript(option: Option) -> Node? {
    option.section.utf8CodeUnitCount == 0 ? self[option.name] : object(option.section)[option.name]
  }

  /// Whether the member is there and says yes.
  package func flag(_ name: StaticString) -> Bool {
    if case .boolean(true)? = self[name] { return true }
    return false
  }

  /// Adds a member without looking whether there is one of that name.
  package mutating func append(_ name: [UInt8], _ value: Node) {
    members.append(Member(name: name, value: value))
  }

  /// Sets the value of an option: in place, or behind the last member of its object, which is made when missing.
  package mutating func set(_ option: Option, to value: Node) {
    guard option.section.utf8CodeUnitCount > 0 else { return set([UInt8](option.name), to: value) }
    var section = object(option.section)
    section.set([UInt8](option.name), to: value)
    set([UInt8](option.section), to: .object(section))
  }

  /// The object called `name`; an empty one when there is none.
  package func object(_ name: StaticString) -> NodeObject {
    if case .object(let object)? = self[name] { return object }
    return NodeObject()
  }

  /// The array that an option is set to, with one more element.
  func longer(_ option: Option, by element: Node) -> Node {
    guard case .array(let elements)? = self[option] else { return .array([element]) }
    return .array(elements + [element])
  }

  package mutating func set(_ name: [UInt8], to value: Node) {
    guard let place = members.firstIndex(where: { $0.name == name }) else { return append(name, value) }
    members[place].value = value
  }

  /// These members with those of `upper` over them: objects are merged, anything else is replaced. What `upper` speaks of
  /// moves behind what it does not speak of, as with tlog.
  package func overlaid(by upper: NodeObject) -> NodeObject {
    var result = NodeObject()
    for member in members where !upper.contains(member.name) { result.append(member.name, member.value) }
    for member in upper.members {
      var value = member.value
      if case .object(let above) = value, case .object(let below)? = node(member.name) {
        value = .object(below.overlaid(by: above))
      }
      result.append(member.name, value)
    }
    return result
  }

  private func contains(_ name: [UInt8]) -> Bool { members.contains { $0.name == name } }

  private func node(_ name: [UInt8]) -> Node? { members.first { $0.name == name }?.value }
}
