import Glibc

/// How fast recordings are read and listed. The log that `Benchmarks/run` makes has 200 MB, a fifth of the gigabyte that
/// the aim speaks of, so that a run stays short: both programs read it once, in order, so that the ratio is the same.
@Sendable func measureReading(_ lab: Lab) throws(BenchError) -> [Row] {
  let log = lab.options.directory + "/messages"
  let megabytes = Double(fileSize(log)) / 1e6
  let helper = lab.options.helpers + "/bench-read"
  let read = try seconds([helper, "read", log])
  let list = try seconds([helper, "list", log])
  var jq: Double?
  if access("/usr/bin/jq", X_OK) == 0 {
    let count = "reduce inputs as $message ({}; .[$message.rec] += 1) | length"
    jq = try seconds(["/usr/bin/jq", "-rn", count, log])
  } else {
    writeError("left out: jq: no /usr/bin/jq")
  }
  return [
    Row(what: "reader, event by event", unit: "MB/s", ours: megabytes / read, peer: "", theirs: nil, aim: .none),
    Row(
      what: "list of a 200 MB log", unit: "MB/s", ours: megabytes / list, peer: "jq", theirs: jq.map { megabytes / $0 },
      aim: .atLeastTimes(4)),
  ]
}

/// The median of three runs, start of the program included.
private func seconds(_ program: [String]) throws(BenchError) -> Double {
  var times: [Double] = []
  for _ in 0..<3 {
    let start = ContinuousClock.now
    let session = try Session(program)
    _ = try session.readAll()
    _ = try session.end()
    times.append((ContinuousClock.now - start) / .seconds(1))
  }
  return times.median ?? .infinity
}
