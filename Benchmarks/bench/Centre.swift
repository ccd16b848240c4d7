import Glibc

/// Agent and centre beside systemd-journal-remote.
@Sendable func measureCentre(_ lab: Lab) throws(BenchError) -> [Row] { try measured("centre", lab) }

/// What the centre answers to those who look, and its pages beside asciinema-player.
@Sendable func measurePages(_ lab: Lab) throws(BenchError) -> [Row] { try measured("pages", lab) }

/// The centre under the load of many hosts.
@Sendable func measureLong(_ lab: Lab) throws(BenchError) -> [Row] { try measured("long", lab) }

/// What the script `name` in `Benchmarks` prints.
private func measured(_ name: String, _ lab: Lab) throws(BenchError) -> [Row] {
  let folder = lab.options.directory + "/" + name
  if mkdir(folder, 0o700) != 0 { throw BenchError("cannot make \(folder): errno \(errno)") }
  let program = lab.options.scripts + "/" + name
  let words = [program, lab.options.programs, lab.options.helpers, lab.text, folder]
  guard let output = popen("exec " + words.map(quoted).joined(separator: " "), "r") else {
    throw BenchError("cannot start \(program)")
  }
  var rows: [Row] = []
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  while getline(&line, &capacity, output) > 0, let text = line {
    rows.append(try row(String(cString: text)))
  }
  free(line)
  let status = pclose(output)
  if status != 0 { throw BenchError("\(program) failed: status \(status)") }
  return rows
}

/// What, unit, ours, peer, theirs, kind of aim, its number; a figure may be missing.
private func row(_ line: String) throws(BenchError) -> Row {
  let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { $0.filter { $0 != "\n" } }
  guard fields.count == 7 else { throw BenchError("a row has \(fields.count) fields, not 7") }
  let limit = Double(fields[6]) ?? 0
  let aim: Aim =
    switch fields[5] {
    case "atMost": .atMost(limit)
    case "atLeastTimes": .atLeastTimes(limit)
    case "atMostTimes": .atMostTimes(limit)
    default: .none
    }
  return Row(
    what: fields[0], unit: fields[1], ours: Double(fields[2]), peer: fields[3], theirs: Double(fields[4]), aim: aim)
}
