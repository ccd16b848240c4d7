import CBench
import Glibc

private let rounds = 3

/// Memory that one live session keeps to itself, while its shell waits for a line after a megabyte of output.
@Sendable func measureMemory(_ lab: Lab) throws(BenchError) -> [Row] {
  let sizes = try interleaved(lab.present([.script, .tlog, .ours]), rounds: rounds) { subject throws(BenchError) in
    try idle(subject, lab)
  }
  func value(_ subject: Subject) -> Double? { sizes[subject]?.median }
  func row(_ peer: Subject, _ aim: Aim) -> Row {
    Row(
      what: "private memory of a session", unit: "KiB", ours: value(.ours), peer: peer.rawValue, theirs: value(peer),
      aim: aim)
  }
  return [
    Row(
      what: "private memory of a session", unit: "KiB", ours: value(.ours), peer: "", theirs: nil, aim: .atMost(1024)),
    row(.tlog, .atMostTimes(0.2)),
    row(.script, .none),
  ]
}

/// Kibibytes of one of two sessions that live side by side: what a host pays for one session more. The program's own text
/// is shared between the two, as it is on a host with several people on it.
private func idle(_ subject: Subject, _ lab: Lab) throws(BenchError) -> Double {
  let otherLog = lab.log + "2"
  defer {
    unlink(lab.log)
    unlink(otherLog)
  }
  let other = try waitingShell(lab.command(subject, shell(lab), log: otherLog))
  let session = try waitingShell(lab.command(subject, shell(lab)))
  usleep(50_000)  // the recorder has shown the mark, and goes back to waiting
  let size = privateKibibytes(of: session.pid)
  for session in [other, session] {
    try session.type(UInt8(ascii: "\n"))
    _ = try session.end()
  }
  guard size > 0 else { throw BenchError("cannot read the memory of \(subject.rawValue)") }
  return size
}

private func shell(_ lab: Lab) -> [String] {
  ["/bin/sh", "-c", "head -c 1000000 \"$0\"; echo READY; read line", lab.text]
}

private func waitingShell(_ command: [String]) throws(BenchError) -> Session {
  let session = try Session(command)
  try session.read(until: "READY")
  return session
}

/// Sum of the pages that no other process shares (proc_pid_smaps_rollup in proc(5)).
private func privateKibibytes(of pid: pid_t) -> Double {
  lines(ofFile: "/proc/\(pid)/smaps_rollup").filter { $0.hasPrefix("Private_") }
    .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Double($0) } }
    .reduce(0, +)
}
