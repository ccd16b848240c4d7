/// A point in time as a person writes it: `2026-12-01 02:21`, `yesterday`, `02:21`, `2h`, `30m ago`, or RFC 3339.
///
/// What it means is in ``accepted``, and for each form in the table of the tests, by which the pages' own reading of it goes
/// too.
package struct WrittenTime: Equatable, Sendable {
  /// Milliseconds since the Epoch.
  package let milliseconds: Int64

  /// Which moment of a day a date means on its own.
  package enum Moment: Sendable {
    case dayBegins
    /// The first moment of the next day: for a bound that is itself outside.
    case dayIsOver
  }

  /// What else could have been written, for whoever is told that they wrote no time.
  package static var accepted: StaticString {
    "write 2026-12-01, 2026-12-01 02:21, 02:21, yesterday, 2h or 30m ago; Z or +01:00 behind a time says its zone"
  }

  /// - Parameters:
  ///   - now: Milliseconds since the Epoch.
  ///   - zone: Whose clocks are meant where `text` names no zone.
  package init(_ text: [UInt8], now: Int64, zone: LocalZone, meaning moment: Moment) throws(Problem) {
    var reader = WrittenTimeReader(text)
    let clock = WrittenClock(now: now, zone: zone, moment: moment)
    milliseconds = try reader.time(by: clock)
    guard reader.isAtEnd else { throw .notATime }
  }

  /// Milliseconds that `text` says alone: `2h`, `1h30m`, `90 seconds`. nil when it says something else.
  package static func duration(_ text: [UInt8]) -> Int64? {
    var reader = WrittenTimeReader(text)
    guard let seconds = try? reader.duration(), reader.isAtEnd else { return nil }
    return seconds * 1000
  }

  /// What is wrong with a text.
  package enum Problem: Error, Equatable, Sendable {
    case notATime
    case month(Int64)
    /// The month is shorter.
    case day(Int64)
    case hour(Int64)
    case minute(Int64)
    case second(Int64)

    /// `there is no hour 25`.
    package var text: [UInt8] {
      switch self {
      case .notATime: [UInt8]("it is no time")
      case .month(let number): Text("there is no month \(number)").bytes
      case .day(let number): Text("there is no day \(number) in that month").bytes
      case .hour(let number): Text("there is no hour \(number)").bytes
      case .minute(let number): Text("there is no minute \(number)").bytes
      case .second(let number): Text("there is no second \(number)").bytes
      }
    }
  }
}

/// How the clocks of a place differ from UTC.
package struct LocalZone: Sendable {
  /// Seconds east of UTC at a moment, which is in seconds since the Epoch.
  private let offset: @Sendable (Int64) -> Int64

  package init(_ offset: @escaping @Sendable (Int64) -> Int64) { self.offset = offset }

  package static var utc: LocalZone { LocalZone { _ in 0 } }

  fileprivate init(seconds: Int64) { self.init { _ in seconds } }

  /// What clocks there show, as seconds since they showed the Epoch's.
  fileprivate func shown(at moment: Int64) -> Int64 { moment + offset(moment) }

  /// When clocks there show that. Of two such moments it is the first; where clocks jump over it, they are taken not to
  /// have jumped. ECMAScript does the same.
  fileprivate func moment(showing shown: Int64) -> Int64 {
    let day: Int64 = 86_400
    let before = offset(shown - day)
    let after = offset(shown + day)
    for each in [before, after] where offset(shown - each) == each { return shown - each }
    return shown - before
  }
}

/// What a text is read against.
private struct WrittenClock {
  let now: Int64
  let zone: LocalZone
  let moment: WrittenTime.Moment
}

/// Reads a text from its beginning; upper and lower case are the same.
private struct WrittenTimeReader {
  private static let numberDigitsMax = 9
  private static let day: Int64 = 86_400

  private let bytes: [UInt8]
  private var place = 0

  init(_ text: [UInt8]) {
    let lower = text.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
    let start = lower.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? lower.count
    let end = lower.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? start
    bytes = [UInt8](lower[start..<max(start, end)])
  }

  var isAtEnd: Bool { place == bytes.count }

  mutating func time(by clock: WrittenClock) throws(WrittenTime.Problem) -> Int64 {
    if skip(word: "now") { return clock.now }
    let today = floored(clock.zone.shown(at: floored(clock.now, 1000)), Self.day)
    if skip(word: "today") { return try day(today, clock) }
    if skip(word: "yesterday") { return try day(today - 1, clock) }
    let start = place
    if skip("-") { return try before(clock) }
    guard let (number, digitCount) = number() else { throw .notATime }
    if digitCount == 4, skip("-") { return try date(year: number, clock) }
    if skip(":") {
      place = start
      return try clockTime(clock)
    }
    place = start
    return try before(clock)
  }

  // MARK: Dates

  private mutating func date(year: Int64, _ clock: WrittenClock) throws(WrittenTime.Problem) -> Int64 {
    guard let (month, monthDigits) = number(), monthDigits <= 2, skip("-"), let (day, dayDigits) = number(),
      dayDigits <= 2
    else { throw .notATime }
    guard month >= 1, month <= 12 else { throw .month(month) }
    let first = days(year: year, month: month)
    let next = month == 12 ? days(year: year + 1, month: 1) : days(year: year, month: month + 1)
    guard day >= 1, day <= next - first else { throw .day(day) }
    return try self.day(first + day - 1, clock)
  }

  /// A day since the Epoch, and what may stand behind it: a time, a zone, both or nothing.
  private mutating func day(_ day: Int64, _ clock: WrittenClock) throws(WrittenTime.Problem) -> Int64 {
    let end = place
    let isSeparated = skip("t") || skipBlanks()
    if isSeparated, let next = peek, isDigit(next) {
      let (seconds, thousandths) = try timeOfDay()
      let zone = try zone() ?? clock.zone
      return zone.moment(showing: day * Self.day + seconds) * 1000 + thousandths
    }
    place = end
    let zone = try zone() ?? clock.zone
    return zone.moment(showing: (clock.moment == .dayBegins ? day : day + 1) * Self.day) * 1000
  }

  // MARK: Times

  /// The last time that clocks showed it.
  private mutating func clockTime(_ clock: WrittenClock) throws(WrittenTime.Problem) -> Int64 {
    let (seconds, thousandths) = try timeOfDay()
    let zone = try zone() ?? clock.zone
    let today = floored(zone.shown(at: floored(clock.now, 1000)), Self.day)
    let time = zone.moment(showing: today * Self.day + seconds) * 1000 + thousandths
    return time <= clock.now ? time : zone.moment(showing: (today - 1) * Self.day + seconds) * 1000 + thousandths
  }

  /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
  private mutating func timeOfDay() throws(WrittenTime.Problem) -> (seconds: Int64, thousandths: Int64) {
    guard let (hour, hourDigits) = number(), hourDigits <= 2, skip(":"), let (minute, minuteDigits) = number(),
      minuteDigits == 2
    else { throw .notATime }
    guard hour < 24 else { throw .hour(hour) }
    guard minute < 60 else { throw .minute(minute) }
    guard skip(":") else { return ((hour * 60 + minute) * 60, 0) }
    guard let (second, secondDigits) = number(), secondDigits == 2 else { throw .notATime }
    // 60 is a leap second: the first one of the next minute.
    guard second <= 60 else { throw .second(second) }
    return ((hour * 60 + minute) * 60 + second, try fraction())
  }

  private mutating func fraction() throws(WrittenTime.Problem) -> Int64 {
    guard skip(".") else { return 0 }
    var thousandths: Int64 = 0
    var digitCount = 0
    while let byte = peek, isDigit(byte) {
      if digitCount < 3 { thousandths = thousandths * 10 + Int64(byte - 0x30) }
      digitCount += 1
      place += 1
    }
    guard digitCount > 0 else { throw .notATime }
    for _ in min(digitCount, 3)..<3 { thousandths *= 10 }
    return thousandths
  }

  /// `Z`, `UTC`, `+01:00`, `+0100` or `+01`; nil when none stands there.
  private mutating func zone() throws(WrittenTime.Problem) -> LocalZone? {
    let start = place
    _ = skipBlanks()
    if skip(word: "z") || skip(word: "utc") { return .utc }
    let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : 0
    if sign == 0 {
      place = start
      return nil
    }
    guard let (number, digitCount) = number(), digitCount == 2 || digitCount == 4 else { throw .notATime }
    var (hour, minute) = digitCount == 4 ? (number / 100, number % 100) : (number, 0)
    if digitCount == 2, skip(":") {
      guard let (written, digitCount) = self.number(), digitCount == 2 else { throw .notATime }
      minute = written
    }
    guard hour < 24 else { throw .hour(hour) }
    guard minute < 60 else { throw .minute(minute) }
    hour = sign * (hour * 3600 + minute * 60)
    return LocalZone(seconds: hour)
  }

  // MARK: How long ago

  /// `2h`, `1h30m`, `10 minutes ago`: so long before now.
  private mutating func before(_ clock: WrittenClock) throws(WrittenTime.Problem) -> Int64 {
    let seconds = try duration()
    _ = skip(word: "ago")
    return clock.now - seconds * 1000
  }

  mutating func duration() throws(WrittenTime.Problem) -> Int64 {
    var seconds: Int64 = 0
    repeat {
      guard let (number, _) = number() else { throw .notATime }
      _ = skipBlanks()
      guard let unit = unit() else { throw .notATime }
      seconds += number * unit
      _ = skipBlanks()
    } while peek.map { isDigit($0) } == true
    return seconds
  }

  /// Seconds.
  private mutating func unit() -> Int64? {
    if skip(word: "s") || skip(word: "sec") || skip(word: "second") || skip(word: "seconds") { return 1 }
    if skip(word: "m") || skip(word: "min") || skip(word: "minute") || skip(word: "minutes") { return 60 }
    if skip(word: "h") || skip(word: "hour") || skip(word: "hours") { return 3600 }
    if skip(word: "d") || skip(word: "day") || skip(word: "days") { return Self.day }
    if skip(word: "w") || skip(word: "week") || skip(word: "weeks") { return 7 * Self.day }
    return nil
  }

  // MARK: Pieces

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// A whole word: no letter comes behind it.
  private mutating func skip(word: StaticString) -> Bool {
    let end = place + word.utf8CodeUnitCount
    guard bytes[place...].starts(with: word.bytes) else { return false }
    if end < bytes.count, bytes[end] >= 0x61, bytes[end] <= 0x7a { return false }
    place = end
    return true
  }

  private mutating func skipBlanks() -> Bool {
    let start = place
    while peek == 0x20 || peek == 0x09 { place += 1 }
    return place > start
  }

  private mutating func number() -> (value: Int64, digitCount: Int)? {
    var value: Int64 = 0
    let start = place
    while let byte = peek, isDigit(byte) {
      guard place - start < Self.numberDigitsMax else { return nil }
      value = value * 10 + Int64(byte - 0x30)
      place += 1
    }
    return place > start ? (value, place - start) : nil
  }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

private func floored(_ number: Int64, _ divisor: Int64) -> Int64 {
  number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor)
}

/// Days from the Epoch to the first of a month of the proleptic Gregorian calendar. The year is taken to begin in March, so
/// that the leap day is its last.
private func days(year: Int64, month: Int64) -> Int64 {
  let shifted = month <= 2 ? year - 1 : year
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
  let era = floored(shifted, 400)
  let yearOfEra = shifted - era * 400
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
