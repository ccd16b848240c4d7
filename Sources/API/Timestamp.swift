import Events

/// A time as ours is written: RFC 3339, UTC, milliseconds, `Z`.
///
/// - Parameter milliseconds: Since the Epoch. What lies outside the years 1 to 9999, which is all that can be written,
///   comes as the nearest time.
package func timestamp(milliseconds: Int64) -> String {
  let milliseconds = min(max(milliseconds, -62_135_596_800_000), Int64(wallMillisecondsMax))
  let inDay = ((milliseconds % 86_400_000) + 86_400_000) % 86_400_000
  let days = (milliseconds - inDay) / 86_400_000
  let (year, month, day) = civil(days: days)
  let seconds = inDay / 1000
  return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T" + padded(seconds / 3600, 2) + ":"
    + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "." + padded(inDay % 1000, 3) + "Z"
}

/// Reads `2026-11-25`, `2026-11-25T07:51Z`, `…:30Z`, `…:30.123Z` or one of them with `+01:00`.
///
/// - Returns: Milliseconds since the Epoch; nil when `text` is none of these. A bare date is its first moment in UTC.
package func milliseconds(timestamp text: String) -> Int64? {
  var reader = TimeReader(text)
  guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
    let day = reader.number(2), (1...12).contains(month), (1...31).contains(day)
  else { return nil }
  let date = days(year: year, month: month, day: day) * 86_400_000
  if reader.isAtEnd { return date }
  guard reader.skip("T") || reader.skip(" "), let hour = reader.number(2), reader.skip(":"),
    let minute = reader.number(2), hour < 24, minute < 60
  else { return nil }
  var time = (hour * 60 + minute) * 60_000
  if reader.skip(":") {
    guard let second = reader.number(2), second <= 60 else { return nil }
    time += second * 1000
    if reader.skip(".") {
      guard let thousandths = reader.number(3) else { return nil }
      time += thousandths
    }
  }
  guard let zone = reader.zone(), reader.isAtEnd else { return nil }
  return date + time - zone
}

private struct TimeReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ text: String) { bytes = [UInt8](text.utf8) }

  var isAtEnd: Bool { place == bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  mutating func number(_ digitCount: Int) -> Int64? {
    guard bytes.count - place >= digitCount else { return nil }
    var value: Int64 = 0
    for byte in bytes[place..<(place + digitCount)] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    place += digitCount
    return value
  }

  /// Milliseconds east of UTC.
  mutating func zone() -> Int64? {
    if skip("Z") { return 0 }
    let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hour = number(2), skip(":"), let minute = number(2) else { return nil }
    return sign * (hour * 60 + minute) * 60_000
  }
}

private func padded(_ number: Int64, _ digitCount: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
}

/// Days since the Epoch of a date of the proleptic Gregorian calendar. The year is taken to begin in March, so that the
/// leap day is its last.
private func days(year: Int64, month: Int64, day: Int64) -> Int64 {
  let shifted = month <= 2 ? year - 1 : year
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let place = (5 * dayOfYear + 2) / 153
  let month = place < 10 ? place + 3 : place - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * place + 2) / 5 + 1)
}
