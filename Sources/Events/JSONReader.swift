/// Reads JSON where it lies, one value at a time, as json-c's non-strict parser does, which is what tlog reads with.
///
/// The reader owns nothing, allocates nothing and copies nothing: it walks over bytes that the caller keeps alive and
/// unchanged, and hands out ``JSONText`` slices of them. It never reads outside them, and every wrong input ends in a
/// ``JSONError``. After an error the reader is of no more use.
///
///     var reader = JSONReader(bytes)
///     guard try reader.value() == .object else { … }
///     while let key = try reader.nextKey() {
///       if key.equals("ver") { version = try reader.value() } else { try reader.skipValue() }
///     }
///
/// Like json-c it takes `/* */` and `//` comments, single quotes, one comma too many before a closing bracket, `true`,
/// `false` and `null` in any case, leading zeros, `1.` and `1e`, control characters in strings and bytes that are not
/// UTF-8; it clamps integers to 64 bits; and a NUL byte ends the text, as in a C string. Unlike json-c it refuses NaN and
/// Infinity. Text after the outermost value is the caller's: ``offset`` says where it begins.
package struct JSONReader {
  /// How many values may lie in one another, the outermost included: json-c's own default.
  package static let nestingMax = 32

  private let text: UnsafeBufferPointer<UInt8>
  /// Bytes read so far, from the start of the text.
  package private(set) var offset = 0
  /// Containers entered and not yet left.
  private var depth = 0
  /// Bit n: the container at depth n + 1 is an object.
  private var objects: UInt32 = 0
  /// A container was just entered, so that no separator stands before what comes.
  private var isFresh = false

  /// - Parameter text: Kept alive and unchanged by the caller as long as the reader and what it returned are used.
  package init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// Reads a scalar whole, or enters an object or an array, which must then be read to its end with ``nextKey()`` or
  /// ``nextElement()``.
  package mutating func value() throws(JSONError) -> JSONValue {
    try skipBlanks()
    guard depth < Self.nestingMax else { throw failure(.nesting) }
    isFresh = false
    let first = peek()
    switch first {
    case UInt8(ascii: "{"):
      enter(object: true)
      return .object
    case UInt8(ascii: "["):
      enter(object: false)
      return .array
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string(quote: first))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"), UInt8(ascii: "T"):
      try word("true", .boolean)
      return .boolean(true)
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      try word("false", .boolean)
      return .boolean(false)
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      try word("null", .null)
      return .null
    default: throw failure(.character)
    }
  }

  /// Inside an object, where a member may begin: reads the next one's name and the colon.
  ///
  /// - Returns: The name; nil when the object ended instead.
  package mutating func nextKey() throws(JSONError) -> JSONText? {
    precondition(depth > 0 && isObject, "not in an object")
    if try closes(with: UInt8(ascii: "}"), else: .objectSeparator) { return nil }
    let quote = peek()
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw failure(.name) }
    let key = try string(quote: quote)
    try skipBlanks()
    guard peek() == UInt8(ascii: ":") else { throw failure(.colon) }
    offset &+= 1
    return key
  }

  /// Inside an array, where an element may begin.
  ///
  /// - Returns: Whether there is one, which ``value()`` then reads; false when the array ended instead.
  package mutating func nextElement() throws(JSONError) -> Bool {
    precondition(depth > 0 && !isObject, "not in an array")
    return try !closes(with: UInt8(ascii: "]"), else: .arraySeparator)
  }

  /// Reads a value of any kind and forgets it.
  package mutating func skipValue() throws(JSONError) {
    let outer = depth
    _ = try value()
    try leave(to: outer)
  }

  /// Reads to the end of the container that was entered last, and forgets what it holds.
  package mutating func skipContainer() throws(JSONError) {
    precondition(depth > 0, "not in a container")
    try leave(to: depth &- 1)
  }

  private mutating func leave(to outer: Int) throws(JSONError) {
    while depth > outer {
      if isObject {
        if try nextKey() == nil { continue }
      } else {
        if try !nextElement() { continue }
      }
      _ = try value()
    }
  }

  // MARK: Containers

  private var isObject: Bool { objects >> UInt32(truncatingIfNeeded: depth &- 1) & 1 == 1 }

  private mutating func enter(object: Bool) {
    let bit = UInt32(1) << UInt32(truncatingIfNeeded: depth)
    if object { objects |= bit } else { objects &= ~bit }
    depth &+= 1
    offset &+= 1
    isFresh = true
  }

  /// Reads the comma or the closing bracket that must come after a member; nothing, or that bracket, before the first.
  private mutating func closes(with bracket: UInt8, else rule: JSONError.Rule) throws(JSONError) -> Bool {
    try skipBlanks()
    if !isFresh && peek() == UInt8(ascii: ",") {
      offset &+= 1
      try skipBlanks()
    } else if !isFresh && peek() != bracket {
      throw failure(rule)
    }
    isFresh = false
    guard peek() == bracket else { return false }
    offset &+= 1
    depth &-= 1
    return true
  }

  // MARK: Scalars

  /// Reads a string from its opening quote to its closing one, and checks its escapes.
  private mutating func string(quote: UInt8) throws(JSONError) -> JSONText {
    let start = offset &+ 1
    var isPlain = true
    offset = start
    while true {
      offset = firstSpecial(in: text, from: offset, quote: quote)
      switch peek() {
      case quote:
        let inside = UnsafeBufferPointer(rebasing: text[start..<offset])
        offset &+= 1
        return JSONText(raw: inside, isPlain: isPlain)
      case UInt8(ascii: "\\"):
        isPlain = false
        try skipEscape()
      default: throw failure(.string)
      }
    }
  }

  private mutating func skipEscape() throws(JSONError) {
    offset &+= 1
    let kind = peek()
    guard kind == UInt8(ascii: "u") || escapedByte(kind) != nil else { throw failure(.string) }
    offset &+= 1
    guard kind == UInt8(ascii: "u") else { return }
    for _ in 0..<4 {
      guard hexDigit(peek()) != nil else { throw failure(.string) }
      offset &+= 1
    }
  }

  private mutating func word(_ word: StaticString, _ rule: JSONError.Rule) throws(JSONError) {
    for place in 0..<word.utf8CodeUnitCount {
      guard peek() | 0x20 == word.utf8Start[place] else { throw failure(rule) }
      offset &+= 1
    }
  }

  /// Takes the run of bytes that json-c takes for a number, then looks whether it is one.
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = offset
    var isDouble = false
    var hasExponent = false
    var signAllowed = true
    scan: while true {
      switch peek() {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): signAllowed = false
      case UInt8(ascii: "-") where signAllowed: signAllowed = false
      case UInt8(ascii: "+") where signAllowed && isDouble: signAllowed = false
      case UInt8(ascii: ".") where !isDouble:
        isDouble = true
        signAllowed = true
      case UInt8(ascii: "e") where !hasExponent, UInt8(ascii: "E") where !hasExponent:
        isDouble = true
        hasExponent = true
        signAllowed = true
      default: break scan
      }
      offset &+= 1
    }
    guard depth == 0 || endsNumber(peek()) else { throw failure(.number) }
    let digits = UnsafeBufferPointer(rebasing: text[start..<offset])
    if !isDouble, let number = clampedInteger(digits) { return .integer(number) }
    guard isDouble && isDecimalFraction(digits) else { throw failure(.number) }
    return .double(digits)
  }

  // MARK: Bytes

  /// The byte at ``offset``; 0 at the end, and a NUL byte *is* the end.
  @inline(__always)
  private func peek() -> UInt8 { offset < text.count ? text[offset] : 0 }

  private mutating func skipBlanks() throws(JSONError) {
    while true {
      switch peek() {
      case 0x20, 0x09, 0x0A, 0x0D: offset &+= 1
      case UInt8(ascii: "/"): try skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() throws(JSONError) {
    offset &+= 1
    switch peek() {
    case UInt8(ascii: "/"):
      while peek() != 0x0A && peek() != 0 { offset &+= 1 }
    case UInt8(ascii: "*"):
      offset &+= 1
      while !(peek() == UInt8(ascii: "*") && offset &+ 1 < text.count && text[offset &+ 1] == UInt8(ascii: "/")) {
        guard peek() != 0 else { throw failure(.end) }
        offset &+= 1
      }
      offset &+= 2
    default: throw JSONError(rule: .comment, offset: offset)
    }
  }

  /// What is wrong at ``offset``: `rule`, unless the text ends there.
  private func failure(_ rule: JSONError.Rule) -> JSONError {
    JSONError(rule: peek() == 0 && rule != .nesting ? .end : rule, offset: offset)
  }
}

/// A value as ``JSONReader/value()`` finds it.
package enum JSONValue {
  /// Entered, to be read with ``JSONReader/nextKey()``.
  case object
  /// Entered, to be read with ``JSONReader/nextElement()``.
  case array
  case string(JSONText)
  /// Clamped to what 64 bits hold.
  case integer(Int64)
  /// A number with a point or an exponent, as written: a double is never worked out here.
  case double(UnsafeBufferPointer<UInt8>)
  case boolean(Bool)
  case null
}

/// What is wrong with a JSON text, in json-c's words, and where.
package struct JSONError: Error, Equatable {
  package enum Rule: UInt8, Sendable {
    case nesting, end, character, null, boolean, number, arraySeparator, name, colon, objectSeparator, string, comment
  }

  package let rule: Rule
  /// Bytes from the start of the text to the byte that broke the rule.
  package let offset: Int

  package init(rule: Rule, offset: Int) {
    self.rule = rule
    self.offset = offset
  }

  /// The words that json-c and so tlog print.
  package var text: StaticString {
    switch rule {
    case .nesting: "nesting too deep"
    case .end: "unexpected end of data"
    case .character: "unexpected character"
    case .null: "null expected"
    case .boolean: "boolean expected"
    case .number: "number expected"
    case .arraySeparator: "array value separator ',' expected"
    case .name: "quoted object property name expected"
    case .colon: "object property name separator ':' expected"
    case .objectSeparator: "object value separator ',' expected"
    case .string: "invalid string sequence"
    case .comment: "expected comment"
    }
  }
}

/// Whether json-c takes `byte` after a number inside an object or an array.
private func endsNumber(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "/"), 0x20, 0x09, 0x0A, 0x0D: true
  default: false
  }
}

/// The integer that `digits`, after an optional minus sign, stand for, clamped to 64 bits; nil without a digit.
private func clampedInteger(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
  let isNegative = digits.first == UInt8(ascii: "-")
  let start = isNegative ? 1 : 0
  guard start < digits.count else { return nil }
  var number: Int64 = 0
  for place in start..<digits.count {
    let digit = Int64(digits[place] &- UInt8(ascii: "0"))
    let (tenfold, tooBig) = number.multipliedReportingOverflow(by: 10)
    let (sum, tooBigStill) =
      isNegative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
    if tooBig || tooBigStill { return isNegative ? .min : .max }
    number = sum
  }
  return number
}

/// Whether strtod(3) takes the whole of `text` once the letters and signs left over at its end are cut off, as json-c
/// cuts them off so that `1e` and `1e+` pass.
private func isDecimalFraction(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  var end = text.count
  while end > 1, isExponentOrSign(text[end &- 1]) { end &-= 1 }
  var place = text[0] == UInt8(ascii: "-") ? 1 : 0
  var mantissaDigits = 0
  while place < end, isDigit(text[place]) || text[place] == UInt8(ascii: ".") {
    if isDigit(text[place]) { mantissaDigits &+= 1 }
    place &+= 1
  }
  guard mantissaDigits > 0 else { return false }
  // What is left was shaped by the scan: nothing, an exponent with its sign and digits, or a sign out of place.
  return place == end || text[place] | 0x20 == UInt8(ascii: "e")
}

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

private func isExponentOrSign(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
  default: false
  }
}
