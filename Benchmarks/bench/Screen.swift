import CBench
import Glibc

private let captures = ["ascii", "text", "binary", "screen"]
private let rounds = 3

/// The emulator beside libvterm on the fixed captures, 120 by 40, 4096 bytes a time; and the memory of one emulator at 240
/// by 67 that has shown a full-screen capture, alternate screen included.
///
/// libvterm's figures come from the program that the tests ask (Tests/ScreenTests/Oracles), which `Benchmarks/run` builds
/// where libvterm-dev is installed.
@Sendable func measureScreen(_ lab: Lab) throws(BenchError) -> [Row] {
  let vterm = lab.options.directory + "/libvterm"
  let hasPeer = access(vterm, X_OK) == 0
  if !hasPeer { writeError("left out: libvterm: no libvterm-dev, or no C compiler") }
  let files = captures.map { "\(lab.options.captures)/\($0).raw" }
  var ours: [[Double]] = []
  var theirs: [[Double]] = []
  for _ in 0..<rounds {
    ours.append(try numbers([lab.options.helpers + "/bench-screen"] + files, count: files.count + 1))
    guard hasPeer else { continue }
    var round: [Double] = []
    for file in files { round += try numbers([vterm, "--time", file], count: 1) }
    theirs.append(round + (try numbers([vterm, "--memory", files[files.count - 1]], count: 1)))
  }
  var rows: [Row] = []
  for (place, capture) in captures.enumerated() {
    rows.append(
      Row(
        what: "emulator, \(capture)", unit: "MB/s", ours: ours.compactMap { $0[place] }.median, peer: "libvterm",
        theirs: theirs.map { $0[place] }.median, aim: .atLeastTimes(3)))
  }
  let what = "memory of an emulator, 240 by 67"
  let weight = ours.map { $0[captures.count] / 1000 }.median
  rows.append(Row(what: what, unit: "kB", ours: weight, peer: "", theirs: nil, aim: .atMost(300)))
  rows.append(
    Row(
      what: what, unit: "kB", ours: weight, peer: "libvterm", theirs: theirs.map { $0[captures.count] / 1000 }.median,
      aim: .none))
  return rows
}
