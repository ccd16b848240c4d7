import Events

/// Nodes from JSON text, and back in json-c's "pretty" form, which `--configuration` prints.
extension Node {
  /// Reads the value at the beginning of `text`. What follows it is ignored, as tlog ignores it.
  init(json text: [UInt8]) throws(JSONError) {
    var failure: JSONError?
    var node = Node.null
    text.withUnsafeBufferPointer { bytes in
      var reader = JSONReader(bytes)
      do throws(JSONError) { node = try Node(from: &reader) } catch { failure = error }
    }
    if let failure { throw failure }
    self = node
  }

  /// Calls itself at most ``JSONReader/nestingMax`` deep: the reader refuses what is deeper.
  private init(from reader: inout JSONReader) throws(JSONError) {
    switch try reader.value() {
    case .null: self = .null
    case .boolean(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .double: self = .double([])
    case .string(let text): self = .string(text.array)
    case .array:
      var elements: [Node] = []
      while try reader.nextElement() { elements.append(try Node(from: &reader)) }
      self = .array(elements)
    case .object:
      var object = NodeObject()
      while let name = try reader.nextKey() { object.append(name.array, try Node(from: &reader)) }
      self = .object(object)
    }
  }

  /// The value as text of several lines, ending in a line end.
  package var prettyText: [UInt8] {
    var builder = ByteBuilder(capacity: 1024)
    append(to: &builder, depth: 0)
    builder.append("\n")
    return builder.array
  }

  private func append(to builder: inout ByteBuilder, depth: Int) {
    switch self {
    case .null: builder.append("null")
    case .double(let text): builder.append(text)
    case .boolean(let value): builder.append(value ? "true" : "false")
    case .integer(let value): builder.append(decimal: Int(value))
    case .string(let value): builder.append(jsonC: value)
    case .array(let elements):
      builder.append("[")
      for (place, element) in elements.enumerated() {
        builder.append(place == 0 ? "\n" : ",\n")
        builder.append(indent: depth + 1)
        element.append(to: &builder, depth: depth + 1)
      }
      builder.append("\n")
      builder.append(indent: depth)
      builder.append("]")
    case .object(let object):
      builder.append("{")
      for (place, member) in object.members.enumerated() {
        builder.append(place == 0 ? "\n" : ",\n")
        builder.append(indent: depth + 1)
        builder.append(jsonC: member.name)
        builder.append(":")
        member.value.append(to: &builder, depth: depth + 1)
      }
      builder.append("\n")
      builder.append(indent: depth)
      builder.append("}")
    }
  }
}

extension ByteBuilder {
  fileprivate mutating func append(indent depth: Int) {
    for _ in 0..<depth { append("  ") }
  }

  /// Appends `text` as a JSON string in json-c's way: it escapes `/` and leaves DEL and bytes that are not UTF-8 alone.
  fileprivate mutating func append(jsonC text: [UInt8]) {
    append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "/"): append("\\/")
      case 0..<0x7f: append(escaping: byte)
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
