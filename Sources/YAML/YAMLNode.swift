import CLibYAML

/// One YAML document: what a configuration file says, each part with its place, so that errors can name it.
///
/// libyaml reads; this bounds it. A configuration file needs no anchors, so aliases are refused, and with them documents
/// that expand without end.
package struct YAMLNode: Sendable {
  /// No configuration file of ours comes near it.
  package static let byteCountMax = 1 << 20
  static let depthMax = 32

  package enum Content: Sendable {
    case scalar(String)
    case sequence([YAMLNode])
    case mapping([(key: String, keyPlace: Place, value: YAMLNode)])
  }

  /// Where something begins in the file; both count from 1.
  package struct Place: Sendable, Equatable, CustomStringConvertible {
    package let line: Int
    package let column: Int
    package var description: String { "line \(line), column \(column)" }
  }

  package struct Problem: Error, Equatable, CustomStringConvertible {
    package let place: Place
    package let why: String

    package init(_ place: Place, _ why: String) {
      self.place = place
      self.why = why
    }

    package var description: String { "\(place): \(why)" }
  }

  package let content: Content
  package let place: Place

  /// Reads a document.
  ///
  /// - Parameter bytes: UTF-8 or UTF-16, at most ``byteCountMax``.
  /// - Returns: Its root; nil when there is nothing in it.
  /// - Throws: What is wrong with it, and where: bad syntax, a second document, an alias, a key that is there twice.
  package static func read(_ bytes: [UInt8]) throws(Problem) -> YAMLNode? {
    guard bytes.count <= byteCountMax else {
      throw Problem(Place(line: 1, column: 1), "longer than \(byteCountMax) bytes")
    }
    var events = Events(bytes)
    defer { events.close() }
    return try events.document()
  }

  package var scalar: String? { if case .scalar(let text) = content { text } else { nil } }
  package var sequence: [YAMLNode]? { if case .sequence(let nodes) = content { nodes } else { nil } }

  package func problem(_ why: String) -> Problem { Problem(place, why) }
}

/// libyaml's events of one document, and the nodes that they make.
private struct Events: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>
  private var event = yaml_event_t()

  init(_ bytes: [UInt8]) {
    parser = .allocate(capacity: 1)
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    // It fails only without memory, and then Swift would have trapped before.
    precondition(yaml_parser_initialize(parser) == 1, "no memory for a YAML parser")
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  mutating func close() {
    yaml_event_delete(&event)
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  mutating func document() throws(YAMLNode.Problem) -> YAMLNode? {
    try advance()  // past the start of the stream
    try advance()
    guard event.type == YAML_DOCUMENT_START_EVENT else { return nil }
    try advance()
    let root = try node(depth: 0)
    try advance()  // past the end of the document
    guard event.type == YAML_STREAM_END_EVENT else { throw YAMLNode.Problem(place, "a second document") }
    return root
  }

  private var place: YAMLNode.Place { Self.place(event.start_mark) }

  private static func place(_ mark: yaml_mark_t) -> YAMLNode.Place {
    YAMLNode.Place(line: mark.line + 1, column: mark.column + 1)
  }

  private mutating func advance() throws(YAMLNode.Problem) {
    yaml_event_delete(&event)
    guard yaml_parser_parse(parser, &event) == 1 else {
      let why = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
      throw YAMLNode.Problem(Self.place(parser.pointee.problem_mark), why)
    }
  }

  /// The node that begins with the event at hand; the event behind it is at hand afterwards.
  private mutating func node(depth: Int) throws(YAMLNode.Problem) -> YAMLNode {
    let place = place
    guard depth < YAMLNode.depthMax else { throw YAMLNode.Problem(place, "nested deeper than \(YAMLNode.depthMax)") }
    switch event.type {
    case YAML_SCALAR_EVENT:
      let text = String(
        decoding: UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length), as: UTF8.self)
      try advance()
      return YAMLNode(content: .scalar(text), place: place)
    case YAML_SEQUENCE_START_EVENT:
      try advance()
      var nodes: [YAMLNode] = []
      while event.type != YAML_SEQUENCE_END_EVENT { nodes.append(try node(depth: depth + 1)) }
      try advance()
      return YAMLNode(content: .sequence(nodes), place: place)
    case YAML_MAPPING_START_EVENT: return try mapping(place, depth)
    default: throw YAMLNode.Problem(place, "aliases are not supported")
    }
  }

  private mutating func mapping(_ place: YAMLNode.Place, _ depth: Int) throws(YAMLNode.Problem) -> YAMLNode {
    try advance()
    var entries: [(key: String, keyPlace: YAMLNode.Place, value: YAMLNode)] = []
    var keys: Set<String> = []
    while event.type != YAML_MAPPING_END_EVENT {
      let key = try node(depth: depth + 1)
      guard let name = key.scalar else { throw key.problem("a key must be text") }
      guard keys.insert(name).inserted else { throw key.problem("key \"\(name)\" is there twice") }
      entries.append((name, key.place, try node(depth: depth + 1)))
    }
    try advance()
    return YAMLNode(content: .mapping(entries), place: place)
  }
}
