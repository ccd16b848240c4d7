// bench: measures our programs beside their peers, in one run, and prints a row for each aim. `Benchmarks/run` builds it,
// makes its data and starts it; docs/performance.md says what each row means.

import Glibc

do throws(BenchError) {
  let options = try Options(CommandLine.arguments)
  let lab = Lab(options)
  if options.json { writeError(lab.description) } else { print(lab.description) }
  let disturbance = Disturbance()
  var rows: [Row] = []
  for measurement in measurements where options.makes(measurement) {
    writeError("measuring \(measurement.name)")
    rows += try measurement.rows(lab)
  }
  print(options.json ? jsonLines(rows) : table(rows))
  writeError("other programs used \(figure(disturbance.share * 100)) % of the machine meanwhile; best is 0")
} catch {
  writeError("bench: \(error.text)")
  exit(1)
}
