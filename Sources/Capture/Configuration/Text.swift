import Events

/// Bytes put together from literals and other bytes as `"Failed loading \"\(path)\""`.
///
/// String would do the same, but brings Unicode tables into a program of a login, and paths and values need not be UTF-8.
package struct Text: ExpressibleByStringInterpolation {
  package let bytes: [UInt8]

  package init(stringLiteral literal: StaticString) { bytes = [UInt8](literal) }

  package init(stringInterpolation parts: Parts) { bytes = parts.bytes }

  package struct Parts: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    package init(literalCapacity: Int, interpolationCount: Int) { bytes.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: StaticString) { bytes += [UInt8](literal) }

    package mutating func appendInterpolation(_ more: StaticString) { bytes += [UInt8](more) }

    package mutating func appendInterpolation(_ more: [UInt8]) { bytes += more }

    package mutating func appendInterpolation(_ number: Int64) {
      var digits = ByteBuilder(capacity: 20)
      digits.append(decimal: Int(number))
      bytes += digits.bytes
    }
  }
}

extension [UInt8] {
  package init(_ text: StaticString) {
    self.init(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && hasPrefix(text)
  }

  package func hasPrefix(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for place in 0..<text.utf8CodeUnitCount where self[place] != text.utf8Start[place] { return false }
    return true
  }
}

extension Failure {
  init(text: Text) { self.init(text.bytes) }

  func adding(text: Text) -> Failure { adding(text.bytes) }
}
