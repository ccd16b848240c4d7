/// What the fields of a message mean: each is asked for with the type and the range that it must have.
///
/// The errors are tlog's, and come in tlog's order when the fields are asked for in that order.
extension MessageFields {
  func text(_ field: MessageField) throws(MessageError) -> JSONText {
    guard let text = try optionalText(field) else { throw error(.missing, field) }
    return text
  }

  func optionalText(_ field: MessageField) throws(MessageError) -> JSONText? {
    switch value(field) {
    case .absent: return nil
    case .string(let text): return text
    default: throw error(.type, field)
    }
  }

  func number(_ field: MessageField, _ allowed: ClosedRange<Int64>) throws(MessageError) -> UInt64 {
    guard let number = try optionalNumber(field, allowed) else { throw error(.missing, field) }
    return number
  }

  /// - Parameter allowed: Nothing below zero.
  func optionalNumber(_ field: MessageField, _ allowed: ClosedRange<Int64>) throws(MessageError) -> UInt64? {
    switch value(field) {
    case .absent: return nil
    case .integer(let number):
      guard allowed.contains(number) else { throw error(.value, field) }
      return UInt64(clamping: number)
    default: throw error(.type, field)
    }
  }

  /// Looks whether `field` is there and an array.
  func array(_ field: MessageField) throws(MessageError) {
    switch value(field) {
    case .absent: throw error(.missing, field)
    case .array: return
    default: throw error(.type, field)
    }
  }

  /// The version, which is a string or an integer, of a major number that we know.
  func version() throws(MessageError) -> Message.Version {
    var version: Message.Version?
    switch value(.version) {
    case .absent: throw error(.missing, .version)
    case .string(let text): version = Message.Version(text)
    case .integer(let number):
      if let major = UInt32(exactly: number) { version = Message.Version(major: major, minor: 0) }
    default: throw error(.type, .version)
    }
    guard let version, version.major <= 2 else { throw error(.value, .version) }
    return version
  }

  /// The wall clock in milliseconds; in the line it is a double of seconds. nil where there is none, or one that no clock
  /// shows.
  func time() throws(MessageError) -> UInt64? {
    switch value(.time) {
    case .absent: return nil
    case .double(let seconds):
      guard let milliseconds = wholeMilliseconds(ofSeconds: seconds) else { throw error(.value, .time) }
      return milliseconds <= wallMillisecondsMax ? milliseconds : nil
    default: throw error(.type, .time)
    }
  }

  /// Stretches of a text, `[[start,count],…]`; empty when there is no such field.
  func stretches(_ field: MessageField, into stretches: inout Stretches) throws(MessageError) {
    stretches.clear()
    if case .absent = value(field) { return }
    try array(field)
    var reader = JSONReader(text(from: field))
    do throws(JSONError) {
      if try stretches.read(&reader) { return }
    } catch {
      throw MessageError(error)
    }
    throw error(.value, field)
  }

  // MARK: Objects

  /// The object that `field` is, as written; nil when there is no such field.
  func object(_ field: MessageField) throws(MessageError) -> UnsafeBufferPointer<UInt8>? {
    switch value(field) {
    case .absent: return nil
    case .object: break
    default: throw error(.type, field)
    }
    let rest = text(from: field)
    var reader = JSONReader(rest)
    do throws(JSONError) {
      try reader.skipValue()
    } catch {
      throw MessageError(error)
    }
    return UnsafeBufferPointer(rebasing: rest[..<reader.offset])
  }

  /// The text that is the member `name` of the object that `field` is.
  func memberText(_ name: StaticString, of field: MessageField) throws(MessageError) -> JSONText {
    guard case .string(let text) = try member(name, of: field) else { throw error(.value, field) }
    return text
  }

  /// The number, not below zero, that is the member `name` of the object that `field` is.
  func memberNumber(_ name: StaticString, of field: MessageField) throws(MessageError) -> UInt64 {
    guard case .integer(let number) = try member(name, of: field), number >= 0 else { throw error(.value, field) }
    return UInt64(clamping: number)
  }

  private func member(_ name: StaticString, of field: MessageField) throws(MessageError) -> JSONValue? {
    guard let object = try object(field) else { throw error(.missing, field) }
    var found: JSONValue?
    var isRepeated = false
    do throws(JSONError) {
      var reader = JSONReader(object)
      _ = try reader.value()
      while let key = try reader.nextKey() {
        guard key.equals(name) else {
          try reader.skipValue()
          continue
        }
        isRepeated = found != nil
        let value = try reader.value()
        found = value
        switch value {
        case .array, .object: try reader.skipContainer()
        default: break
        }
        if isRepeated { break }
      }
    } catch {
      throw MessageError(error)
    }
    if isRepeated { throw error(.repeated, field) }
    return found
  }
}

extension Message.Version {
  /// `2`, or `2.4`; nil for anything else.
  fileprivate init?(_ text: JSONText) {
    let bytes = text.raw
    var place = 0
    guard text.isPlain, let major = decimalNumber(in: bytes, at: &place) else { return nil }
    if place == bytes.count {
      self.init(major: UInt32(clamping: major), minor: 0)
      return
    }
    guard bytes[place] == UInt8(ascii: ".") else { return nil }
    place &+= 1
    guard let minor = decimalNumber(in: bytes, at: &place), place == bytes.count else { return nil }
    self.init(major: UInt32(clamping: major), minor: UInt32(clamping: minor))
  }
}

/// Reads decimal digits at `place`, and moves it behind them; what does not fit becomes the largest number.
///
/// - Returns: nil when there is no digit.
func decimalNumber(in bytes: UnsafeBufferPointer<UInt8>, at place: inout Int) -> UInt64? {
  let start = place
  var number: UInt64 = 0
  while place < bytes.count {
    let digit = bytes[place] &- UInt8(ascii: "0")
    if digit > 9 { break }
    let (tenfold, tooBig) = number.multipliedReportingOverflow(by: 10)
    let (sum, tooBigStill) = tenfold.addingReportingOverflow(UInt64(digit))
    number = tooBig || tooBigStill || number == .max ? .max : sum
    place &+= 1
  }
  return place > start ? number : nil
}

/// The seconds that `text` writes with a point or an exponent, as whole milliseconds; nil below zero, and where 64 bits
/// do not hold them.
package func wholeMilliseconds(ofSeconds text: UnsafeBufferPointer<UInt8>) -> UInt64? {
  var digits: UInt64 = 0
  var exponent = 3
  var place = text.first == UInt8(ascii: "-") ? 1 : 0
  var isFraction = false
  while place < text.count {
    let digit = text[place] &- UInt8(ascii: "0")
    if digit <= 9 {
      let isTaken = digits < 100_000_000_000_000_000
      if isTaken { digits = digits &* 10 &+ UInt64(digit) }
      if isTaken && isFraction { exponent &-= 1 }
      if !isTaken && !isFraction { exponent &+= 1 }
    } else if text[place] == UInt8(ascii: ".") {
      isFraction = true
    } else {
      break
    }
    place &+= 1
  }
  if digits == 0 { return 0 }
  if text.first == UInt8(ascii: "-") { return nil }
  return scaled(digits, byTenTo: exponent &+ decimalExponent(in: text, at: place))
}

/// The number after the `e` at `place`; 0 when there is none. What is far outside 64 bits comes out somewhat smaller.
private func decimalExponent(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
  var place = place &+ 1
  guard place < text.count else { return 0 }
  let isNegative = text[place] == UInt8(ascii: "-")
  if isNegative || text[place] == UInt8(ascii: "+") { place &+= 1 }
  let exponent = Int(min(decimalNumber(in: text, at: &place) ?? 0, 1 << 30))
  return isNegative ? -exponent : exponent
}

private func scaled(_ number: UInt64, byTenTo exponent: Int) -> UInt64? {
  var number = number
  var exponent = exponent
  while exponent < 0 && number > 0 {
    number /= 10
    exponent &+= 1
  }
  while exponent > 0 {
    let (tenfold, tooBig) = number.multipliedReportingOverflow(by: 10)
    if tooBig { return nil }
    number = tenfold
    exponent &-= 1
  }
  return number
}
