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

extension StaticString {
  /// Lives as long as the program.
  package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

extension [UInt8] {
  package init(_ text: StaticString) { self.init(text.bytes) }

  package func equals(_ text: StaticString) -> Bool { elementsEqual(text.bytes) }

  package func hasPrefix(_ text: StaticString) -> Bool { starts(with: text.bytes) }
}

extension Failure {
  package init(text: Text) { self.init(text.bytes) }

  package func adding(text: Text) -> Failure { adding(text.bytes) }

  /// The same, known to be something that whoever called the program brought about.
  package var asCallersDoing: Failure {
    var failure = self
    failure.isCallersDoing = true
    return failure
  }
}
