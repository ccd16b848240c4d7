import CBench
import Glibc

private let rounds = 5
private let keys = 4000

/// From a key sent to its echo read, one key at a time, against a child that writes back what it reads.
///
/// Each run gives its own p50 and p99; the rows show the medians of those.
@Sendable func measureEcho(_ lab: Lab) throws(BenchError) -> [Row] {
  let runs = try interleaved(lab.subjects, rounds: rounds) { subject throws(BenchError) in try typeKeys(subject, lab) }
  func row(_ share: Double, _ peer: Subject, _ aim: Aim, of ours: Subject = .ours) -> Row {
    func value(_ subject: Subject) -> Double? { runs[subject]?.compactMap { $0.percentile(share) }.median }
    let sink = ours == .agent ? ", agent sink" : ""
    return Row(
      what: "echo of one key\(sink), p\(Int(share * 100))", unit: "µs", ours: value(ours), peer: peer.rawValue,
      theirs: value(peer), aim: aim)
  }
  return [
    row(0.5, .bare, .atMostAbove(10)),
    row(0.5, .relay, .none),
    row(0.5, .script, .none),
    row(0.5, .tlog, .none),
    row(0.99, .bare, .none),
    row(0.99, .relay, .none),
    row(0.99, .script, .none),
    row(0.99, .tlog, .atMostTimes(1.2)),
    row(0.5, .bare, .atMostAbove(15), of: .agent),
    row(0.5, .relay, .none, of: .agent),
    row(0.99, .tlog, .atMostTimes(1.6), of: .agent),
  ]
}

/// The times of all keys of one run, in microseconds.
private func typeKeys(_ subject: Subject, _ lab: Lab) throws(BenchError) -> [Double] {
  defer { unlink(lab.log) }
  let session = try Session(lab.command(subject, lab.child("echo")))
  try session.read(until: "READY")
  var times: [Double] = []
  times.reserveCapacity(keys)
  for key in 0..<keys {
    let byte = UInt8(ascii: "a") + UInt8(key % 26)
    let sent = bench_now()
    try session.type(byte)
    let echo = try session.read()
    times.append(Double(bench_now() - sent) / 1e3)
    guard let echo, echo.count == 1, echo[0] == byte else {
      throw BenchError("\(subject.rawValue) did not echo key \(key)")
    }
  }
  try session.type(UInt8(ascii: "Q"))
  let status = try session.end().status
  if status != 0 { throw BenchError("\(subject.rawValue) ended with status \(status)") }
  return times
}
