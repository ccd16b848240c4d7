import Glibc

/// Numbers with a fraction, as strtod(3) reads and json-c prints them.
enum Number {
  /// What json-c prints for a speed; nil for what is none. tlog takes 0 and `nan`, and then stands still for ever.
  static func printedSpeed(_ text: [UInt8]) -> [UInt8]? {
    guard let value = value(of: text), value > 0 else { return nil }
    return printed(text)
  }

  /// What json-c prints for `text`; nil when it is no finite number, or less than 0.
  static func printed(_ text: [UInt8]) -> [UInt8]? {
    guard let value = value(of: text), value >= 0, value.isFinite else { return nil }
    // Room for 17 digits, sign, point and exponent.
    var buffer = [CChar](repeating: 0, count: 40)
    _ = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%.17g", $0) }
    let digits = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let isWhole = !digits.contains(UInt8(ascii: ".")) && !digits.contains(UInt8(ascii: "e"))
    return isWhole ? digits + Array(".0".utf8) : digits
  }

  /// The whole of `text`, blanks before it allowed; nil when something else stands there.
  static func value(of text: [UInt8]) -> Double? {
    guard !text.contains(0) else { return nil }
    return (text + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters -> Double? in
        guard let start = characters.baseAddress else { return nil }
        var end: UnsafeMutablePointer<CChar>?
        let value = strtod(start, &end)
        guard let end, end > UnsafeMutablePointer(mutating: start), end.pointee == 0 else { return nil }
        return value
      }
    }
  }
}
