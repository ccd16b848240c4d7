import CBench
import Glibc

private let rounds = 200

/// From the start of a shell that does nothing to its end, and what a recorder adds to that.
@Sendable func measureStart(_ lab: Lab) throws(BenchError) -> [Row] {
  let subjects = lab.present([.bare, .relay, .tlog, .ours])
  let times = try interleaved(subjects, rounds: rounds) { subject throws(BenchError) in try runShell(subject, lab) }
  let bare = times[.bare]?.median
  func added(_ subject: Subject) -> Double? {
    guard let time = times[subject]?.median, let bare else { return nil }
    return time - bare
  }
  return [
    Row(
      what: "start to end of a shell", unit: "ms", ours: times[.ours]?.median, peer: "bare pty", theirs: bare,
      aim: .none),
    Row(what: "added to that", unit: "ms", ours: added(.ours), peer: "", theirs: nil, aim: .atMost(1.5)),
    Row(
      what: "added to that", unit: "ms", ours: added(.ours), peer: "bare relay", theirs: added(.relay), aim: .none),
    Row(
      what: "added to that", unit: "ms", ours: added(.ours), peer: "tlog-rec", theirs: added(.tlog),
      aim: .atMostTimes(0.2)),
  ]
}

/// Milliseconds from before the start until the process has been waited for.
private func runShell(_ subject: Subject, _ lab: Lab) throws(BenchError) -> Double {
  defer { unlink(lab.log) }
  let started = bench_now()
  let status = try Session(lab.command(subject, ["/bin/sh", "-c", ":"])).end().status
  let ended = bench_now()
  if status != 0 { throw BenchError("\(subject.rawValue) ended with status \(status)") }
  return Double(ended - started) / 1e6
}
