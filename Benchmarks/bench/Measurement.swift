/// One thing that is measured, on all subjects in turn, and the rows that come of it.
struct Measurement: Sendable {
  /// For `--only`.
  let name: String
  /// Made only when it is named.
  var isLong = false
  let rows: @Sendable (Lab) throws(BenchError) -> [Row]
}

/// All of them, in the order of the table.
let measurements: [Measurement] = [
  Measurement(name: "bytes", rows: measureBytes),
  Measurement(name: "echo", rows: measureEcho),
  Measurement(name: "start", rows: measureStart),
  Measurement(name: "memory", rows: measureMemory),
  Measurement(name: "encoder", rows: measureEncoder),
  Measurement(name: "reading", rows: measureReading),
  Measurement(name: "screen", rows: measureScreen),
  Measurement(name: "playing", rows: measurePlaying),
  Measurement(name: "centre", rows: measureCentre),
  Measurement(name: "pages", rows: measurePages),
  Measurement(name: "long", isLong: true, rows: measureLong),
]

/// Why a measurement cannot be made. The text says what was tried and what came of it.
struct BenchError: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

/// What was measured, by subject. A subject that cannot run here is missing.
typealias Samples<Value> = [Subject: [Value]]

/// Runs `measure` on each subject in turn, `rounds` times over, so that a machine that slows down slows all of them.
///
/// Every round starts with another subject, so that none always follows the same one.
func interleaved<Value>(
  _ subjects: [Subject], rounds: Int, _ measure: (Subject) throws(BenchError) -> Value
) throws(BenchError) -> Samples<Value> {
  var samples: Samples<Value> = [:]
  for round in 0..<rounds {
    for place in subjects.indices {
      let subject = subjects[(place + round) % subjects.count]
      samples[subject, default: []].append(try measure(subject))
    }
  }
  return samples
}

extension Array where Element == Double {
  /// The value that `share` (0…1) of the values do not exceed; nil for none.
  func percentile(_ share: Double) -> Double? {
    if isEmpty { return nil }
    return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
  }

  var median: Double? { percentile(0.5) }

  var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
