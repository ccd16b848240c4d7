import CBench
import Glibc

private let rounds = 3

/// How fast recordings are read, and listed. A round reads the log with each program in turn.
@Sendable func measureReading(_ lab: Lab) throws(BenchError) -> [Row] {
  let log = try lab.messages()
  let megabytes = Double(fileSize(log)) / 1e6
  let jq = "/usr/bin/jq"
  let count = "reduce inputs as $message ({}; .[$message.rec] += 1) | length"
  let hasPeer = access(jq, X_OK) == 0
  if !hasPeer { writeError("left out: jq: no \(jq)") }
  var read: [Double] = []
  var ours: [Double] = []
  var theirs: [Double] = []
  for _ in 0..<rounds {
    read.append(megabytes / (try seconds([lab.options.helpers + "/bench-read", "read", log])))
    ours.append(megabytes / (try seconds([lab.options.programs + "/tlog-play", "--list", "-i", log])))
    if hasPeer { theirs.append(megabytes / (try seconds([jq, "-rn", count, log]))) }
  }
  return [
    Row(what: "reader, event by event", unit: "MB/s", ours: read.median, peer: "", theirs: nil, aim: .none),
    Row(
      what: "list of 1 GB", unit: "MB/s", ours: ours.median, peer: "jq", theirs: theirs.median, aim: .atLeastTimes(4)),
  ]
}

/// From before the start of the program to its end.
private func seconds(_ program: [String]) throws(BenchError) -> Double {
  let start = bench_now()
  let session = try Session(program, patienceSeconds: Session.longPatienceSeconds)
  let said = try session.readAll()
  let status = try session.end().status
  let ended = bench_now()
  if status != 0 { throw BenchError("\(program[0]) ended with status \(status): \(said)") }
  return Double(ended - start) / 1e9
}
