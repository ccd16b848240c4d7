import CBench
import Glibc

private let rounds = 3
private let startRounds = 40

/// How long a person waits for a player: to go back in a recording of 60 MB, and from its start until something is seen.
///
/// The recording that is gone back in is the text, made by our recorder. That whose first frame is waited for begins with
/// output, so that no recorded delay is in the time.
@Sendable func measurePlaying(_ lab: Lab) throws(BenchError) -> [Row] {
  let recording = try lab.recording()
  var figures: [[Double]] = []
  for _ in 0..<rounds {
    figures.append(try numbers([lab.options.helpers + "/bench-play", recording], count: 4))
  }
  unlink(recording)
  func figure(_ place: Int) -> Double? { figures.map { $0[place] }.median }
  return [
    Row(
      what: "step back in 60 MB", unit: "ms", ours: figure(0), peer: "replay", theirs: figure(2), aim: .none),
    Row(what: "step back in 60 MB, worst of 200", unit: "ms", ours: figure(1), peer: "", theirs: nil, aim: .atMost(50)),
    Row(what: "keyframes of 60 MB", unit: "ms", ours: figure(3), peer: "", theirs: nil, aim: .none),
    try firstFrame(lab),
  ]
}

private func firstFrame(_ lab: Lab) throws(BenchError) -> Row {
  let log = try lab.messages()
  let stock = "/usr/bin/tlog-play"
  let hasPeer = access(stock, X_OK) == 0
  if !hasPeer { writeError("left out: tlog-play: no \(stock)") }
  var ours: [Double] = []
  var theirs: [Double] = []
  for round in 0..<startRounds {
    // Each goes first in every other round.
    for isOurs in round % 2 == 0 ? [true, false] : [false, true] {
      if isOurs {
        ours.append(try timeToFrame([lab.options.programs + "/tlog-play", "-i", log]))
      } else if hasPeer {
        theirs.append(try timeToFrame([stock, "-i", log]))
      }
    }
  }
  return Row(
    what: "start of tlog-play to first frame", unit: "ms", ours: ours.median, peer: "tlog-play", theirs: theirs.median,
    aim: .none)
}

/// Milliseconds from before the start until the terminal has the first words of what was recorded.
private func timeToFrame(_ command: [String]) throws(BenchError) -> Double {
  let started = bench_now()
  let session = try Session(command)
  try session.read(showing: Lab.firstWords)
  let shown = bench_now()
  kill(session.pid, SIGKILL)
  _ = try session.end()
  return Double(shown - started) / 1e6
}
