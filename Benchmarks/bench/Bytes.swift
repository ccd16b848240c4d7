import CBench
import Glibc

/// What one passage of the text through a subject cost.
private struct Passage {
  var megabytesPerSecond: Double
  /// CPU of the recorder alone, milliseconds per megabyte of output.
  var userMilliseconds: Double
  var systemMilliseconds: Double
  /// Bytes of recording per byte of output.
  var logBytes: Double
}

private let rounds = 7

/// `cat` of the text on a pty: speed from the first byte that the person's terminal gets to the last; CPU of the recorder
/// without `cat`; size of the recording.
///
/// CPU is a mean over the rounds: the kernel's division into user and system is sampled at the timer's tick, and only a
/// sum of many samples is worth anything.
@Sendable func measureBytes(_ lab: Lab) throws(BenchError) -> [Row] {
  // The agent's sink is measured with an agent that ships, in Benchmarks/centre.
  let subjects = lab.subjects.filter { $0 != .agent }
  let passages = try interleaved(subjects, rounds: rounds) { subject throws(BenchError) in try pass(subject, lab) }
  func speed(_ subject: Subject) -> Double? { passages[subject]?.map(\.megabytesPerSecond).median }
  func user(_ subject: Subject) -> Double? { passages[subject]?.map(\.userMilliseconds).mean }
  func system(_ subject: Subject) -> Double? { passages[subject]?.map(\.systemMilliseconds).mean }
  func log(_ subject: Subject) -> Double? { passages[subject]?.map(\.logBytes).median }
  func row(_ what: String, _ unit: String, _ value: (Subject) -> Double?, _ peer: Subject, _ aim: Aim) -> Row {
    Row(what: what, unit: unit, ours: value(.ours), peer: peer.rawValue, theirs: value(peer), aim: aim)
  }
  return [
    row("bytes through the recorder", "MB/s", speed, .bare, .atLeastTimes(0.95)),
    row("bytes through the recorder", "MB/s", speed, .relay, .none),
    row("bytes through the recorder", "MB/s", speed, .script, .atLeastTimes(1)),
    row("bytes through the recorder", "MB/s", speed, .tlog, .atLeastTimes(1.9)),
    row("user CPU", "ms/MB", user, .tlog, .atMostTimes(0.07)),
    row("user CPU", "ms/MB", user, .script, .none),
    row("system CPU", "ms/MB", system, .tlog, .none),
    row("system CPU", "ms/MB", system, .script, .none),
    row("recording per byte of output", "B/B", log, .tlog, .none),
  ]
}

private func pass(_ subject: Subject, _ lab: Lab) throws(BenchError) -> Passage {
  let report = lab.options.directory + "/spent"
  defer {
    unlink(lab.log)
    unlink(report)
  }
  let session = try Session(lab.command(subject, lab.child("spend", report, "/bin/cat", lab.text)))
  var count = 0
  var first: UInt64 = 0
  var last: UInt64 = 0
  while let bytes = try session.read() {
    last = bench_now()
    if count == 0 { first = last }
    count += bytes.count
  }
  let usage = try session.end()
  let inner = lines(ofFile: report).first?.split(separator: " ").compactMap { Double($0) } ?? []
  guard usage.status == 0, count >= fileSize(lab.text), inner.count == 2 else {
    throw BenchError("\(subject.rawValue) ended with status \(usage.status) after \(count) bytes of output")
  }
  let megabytes = Double(count) / 1e6
  return Passage(
    megabytesPerSecond: megabytes / (Double(last - first) / 1e9),
    userMilliseconds: max(0, Double(usage.user) - inner[0]) / 1e3 / megabytes,
    systemMilliseconds: max(0, Double(usage.system) - inner[1]) / 1e3 / megabytes,
    logBytes: Double(fileSize(lab.log)) / Double(count))
}
