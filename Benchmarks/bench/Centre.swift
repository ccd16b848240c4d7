import Glibc

/// Agent and centre beside systemd-journal-remote: `Benchmarks/centre` measures, and prints rows that are read here.
@Sendable func measureCentre(_ lab: Lab) throws(BenchError) -> [Row] {
  let folder = lab.options.directory + "/centre"
  if mkdir(folder, 0o700) != 0 { throw BenchError("cannot make \(folder): errno \(errno)") }
  let command = [lab.options.centre, lab.options.programs, lab.text, folder].map(quoted).joined(separator: " ")
  guard let output = popen("exec " + command, "r") else { throw BenchError("cannot start \(lab.options.centre)") }
  var rows: [Row] = []
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  while getline(&line, &capacity, output) > 0, let text = line {
    rows.append(try row(String(cString: text)))
  }
  free(line)
  let status = pclose(output)
  if status != 0 { throw BenchError("\(lab.options.centre) failed: status \(status)") }
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
