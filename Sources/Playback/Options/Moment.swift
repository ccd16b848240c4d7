package import Options

/// A time of a recording that a person names: tlog's `start`, `end` and `[[HH:]MM:]SS[.fraction]`; and a time of the clock,
/// as ``WrittenTime`` has it.
package enum Moment: Equatable, Sendable {
  case end
  /// Since the start of the recording.
  case milliseconds(UInt64)
  /// Since the Epoch.
  case clock(Int64)

  /// Nil for what names no time. What says how long goes first, and tlog's forms do: `02:21` and `90s` are so long after
  /// the start.
  ///
  /// - Parameters:
  ///   - now: Milliseconds since the Epoch.
  ///   - zone: In which a time of the clock is meant.
  package init?(_ text: [UInt8], now: Int64, zone: LocalZone) {
    if let moment = Moment(elapsed: text) {
      self = moment
    } else if let duration = WrittenTime.duration(text) {
      self = .milliseconds(UInt64(duration))
    } else if let time = try? WrittenTime(text, now: now, zone: zone, meaning: .dayBegins) {
      self = .clock(time.milliseconds)
    } else {
      return nil
    }
  }

  /// Nil for what is none of tlog's forms. A part that is empty counts as 0; parts may be as large as fits.
  package init?(elapsed text: [UInt8]) {
    let text = text.trimmed
    switch text.map({ $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }) {
    case Array("start".utf8): self = .milliseconds(0)
    case Array("end".utf8): self = .end
    default:
      let halves = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
      let parts = halves.first?.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) ?? []
      guard parts.count <= 3 else { return nil }
      var seconds: UInt64 = 0
      for part in parts {
        guard let number = Self.number(part) else { return nil }
        let (product, over) = seconds.multipliedReportingOverflow(by: 60)
        let (sum, overSum) = product.addingReportingOverflow(number)
        // What milliseconds of 63 bits hold.
        guard !over, !overSum, sum < UInt64(Int64.max) / 1000 else { return nil }
        seconds = sum
      }
      guard let fraction = halves.count > 1 ? Self.thousandths(halves[1]) : 0 else { return nil }
      self = .milliseconds(seconds * 1000 + fraction)
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for byte in digits {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      let (product, over) = number.multipliedReportingOverflow(by: 10)
      let (sum, overSum) = product.addingReportingOverflow(UInt64(byte - 0x30))
      guard !over, !overSum else { return nil }
      number = sum
    }
    return number
  }

  /// Nine digits at most, as tlog takes them.
  private static func thousandths(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard digits.count <= 9, let number = number(digits) else { return nil }
    return digits.count <= 3
      ? (digits.count..<3).reduce(number) { value, _ in value * 10 }
      : (3..<digits.count).reduce(number) { value, _ in value / 10 }
  }
}

extension [UInt8] {
  /// Without the blanks at both ends.
  fileprivate var trimmed: [UInt8] {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 >= 0x09 && $0 <= 0x0d }
    guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
      return []
    }
    return [UInt8](self[first...last])
  }
}
