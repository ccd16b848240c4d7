import Archive
import Events

/// How much was shown and typed when: counts over time that get coarser as a recording gets longer, and marks for what is
/// worth seeing on a time line. Some 100 kB at most, however long the recording is.
struct Activity: Codable, Equatable, Sendable {
  static let bucketCountMax = 4096
  /// Beyond that no more are kept, but for the end.
  static let markCountMax = 2000
  /// Masked input is marked once in so many milliseconds.
  private static let maskedSpacing: UInt64 = 1000

  struct Mark: Codable, Equatable, Sendable {
    enum Kind: String, Codable, Sendable { case resize, gap, masked, clock, end }

    var ms: UInt64
    var kind: Kind
    var columns: UInt16?
    var rows: UInt16?
    var why: String?
    /// By how many milliseconds the host's clock was set.
    var by: Int64?

    private enum CodingKeys: String, CodingKey {
      case ms, kind, columns, rows, why
      case by = "by_ms"
    }
  }

  /// What clocks are set by without anybody setting them.
  private static let clockToleranceMilliseconds: Int64 = 1000

  /// Milliseconds a bucket, a power of two.
  private(set) var width: UInt64 = 1
  private(set) var output: [UInt64] = []
  private(set) var input: [UInt64] = []
  private(set) var marks: [Mark] = []
  /// The host's clock less the time since the recording's start, as messages said it last.
  private var clockStart: Int64?

  mutating func note(output count: Int, at time: UInt64) { output[bucket(time)] += UInt64(count) }
  mutating func note(input count: Int, at time: UInt64) { input[bucket(time)] += UInt64(count) }

  mutating func noteMasked(at time: UInt64) {
    if let last = marks.last(where: { $0.kind == .masked }), time < last.ms + Self.maskedSpacing { return }
    note(Mark(ms: time, kind: .masked))
  }

  /// Takes what a message says of the host's clock.
  mutating func note(wallMilliseconds: UInt64, at time: UInt64) {
    let start = Int64(clamping: wallMilliseconds).subtracting(Int64(clamping: time))
    let difference = start.subtracting(clockStart ?? start)
    if clockStart == nil { clockStart = start }
    guard difference.magnitude > UInt64(Self.clockToleranceMilliseconds) else { return }
    clockStart = start
    note(Mark(ms: time, kind: .clock, by: difference))
  }

  mutating func note(_ mark: Mark) {
    if marks.count < Self.markCountMax || mark.kind == .end { marks.append(mark) }
  }

  private mutating func bucket(_ time: UInt64) -> Int {
    while time / width >= UInt64(Self.bucketCountMax) { fold() }
    let place = Int(time / width)
    if place >= output.count {
      let more = [UInt64](repeating: 0, count: place + 1 - output.count)
      output += more
      input += more
    }
    return place
  }

  private mutating func fold() {
    width *= 2
    output = Self.folded(output)
    input = Self.folded(input)
  }

  private static func folded(_ counts: [UInt64]) -> [UInt64] {
    stride(from: 0, to: counts.count, by: 2).map { counts[$0] + ($0 + 1 < counts.count ? counts[$0 + 1] : 0) }
  }

  /// The counts in `count` buckets over `duration` milliseconds.
  func resampled(_ counts: [UInt64], count: Int, bucketMilliseconds: UInt64) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: count)
    for (place, bytes) in counts.enumerated() where bytes > 0 {
      // A bucket of ours that lies over several of theirs counts where its middle is.
      let middle = UInt64(place) * width + width / 2
      result[min(Int(middle / bucketMilliseconds), count - 1)] += bytes
    }
    return result
  }
}

/// As `GET /v1/recordings/ID/activity` gives it.
struct ActivityAnswer: Encodable {
  var durationMilliseconds: UInt64
  var bucketMilliseconds: UInt64
  var output: [UInt64]
  var input: [UInt64]
  var marks: [Activity.Mark]

  private enum CodingKeys: String, CodingKey {
    case durationMilliseconds = "duration_ms"
    case bucketMilliseconds = "bucket_ms"
    case output, input, marks
  }

  init(_ activity: Activity, durationMilliseconds: UInt64, bucketCount: Int) {
    self.durationMilliseconds = durationMilliseconds
    bucketMilliseconds = max(1, (durationMilliseconds + UInt64(bucketCount)) / UInt64(bucketCount))
    output = activity.resampled(activity.output, count: bucketCount, bucketMilliseconds: bucketMilliseconds)
    input = activity.resampled(activity.input, count: bucketCount, bucketMilliseconds: bucketMilliseconds)
    marks = activity.marks
  }
}
