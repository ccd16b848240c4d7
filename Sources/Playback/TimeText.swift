package import Events
import Glibc
package import Options

extension LocalZone {
  /// That of this process: TZ, or the machine's.
  package static var here: LocalZone {
    LocalZone { seconds in
      var seconds = time_t(seconds)
      var parts = tm()
      return localtime_r(&seconds, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
    }
  }
}

extension ByteBuilder {
  /// Appends how long, or where in a recording: `m:ss` or `h:mm:ss`, with tenths where it is precise. What has not passed
  /// whole is not counted. The pages write the same: Tests/Vectors/durations.json is for both.
  package mutating func append(duration milliseconds: UInt64, isPrecise: Bool = false) {
    let seconds = milliseconds / 1000
    if seconds >= 3600 {
      append(decimal: seconds / 3600)
      append(":")
      append(twoDigits: seconds / 60 % 60)
    } else {
      append(decimal: seconds / 60)
    }
    append(":")
    append(twoDigits: seconds % 60)
    guard isPrecise else { return }
    append(".")
    append(decimal: milliseconds / 100 % 10)
  }

  /// Appends a wall clock with its offset from UTC: `2026-11-25 08:15:00+01:00`.
  package mutating func append(wallClock milliseconds: UInt64, isUTC: Bool) {
    var seconds = time_t(clamping: milliseconds / 1000)
    var parts = tm()
    guard (isUTC ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)) != nil else { return append("?") }
    append(decimal: Int(parts.tm_year) + 1900)
    for (mark, number) in [
      ("-", parts.tm_mon + 1), ("-", parts.tm_mday), (" ", parts.tm_hour), (":", parts.tm_min),
      (":", parts.tm_sec),
    ] as [(StaticString, Int32)] {
      append(mark)
      append(twoDigits: UInt64(number))
    }
    let offset = isUTC ? 0 : parts.tm_gmtoff / 60
    append(isUTC ? "Z" : offset < 0 ? "-" : "+")
    guard !isUTC else { return }
    append(twoDigits: UInt64(offset.magnitude / 60))
    append(":")
    append(twoDigits: UInt64(offset.magnitude % 60))
  }

  private mutating func append(twoDigits number: UInt64) {
    if number < 10 { append("0") }
    append(decimal: number)
  }
}
