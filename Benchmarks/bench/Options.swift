/// What `Benchmarks/run` passes to the program, and what a person may add.
struct Options {
  /// A scratch directory that holds `text`, the output that goes through the recorders, and `encode-capture`.
  var directory = ""
  /// Where the programs under test are: `bin/` of the checkout.
  var programs = ""
  /// Where `bench-child` and the other programs of the benchmarks are.
  var helpers = ""
  /// Where the measurements that are scripts are: `Benchmarks`.
  var scripts = ""
  /// Where an agent that keeps everything here takes recordings of ours.
  var agent = ""
  /// The fixed captures for the encoder.
  var captures = ""
  /// Print one JSON object a row instead of the table.
  var json = false
  /// Names of the measurements to make; empty for all.
  var only: [String] = []

  func makes(_ measurement: Measurement) -> Bool {
    only.isEmpty ? !measurement.isLong : only.contains(measurement.name)
  }

  init(_ arguments: [String]) throws(BenchError) {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      if option == "--json" {
        json = true
        continue
      }
      guard let value = rest.popFirst() else { throw BenchError("option \(option) needs a value") }
      switch option {
      case "--directory": directory = value
      case "--programs": programs = value
      case "--helpers": helpers = value
      case "--captures": captures = value
      case "--scripts": scripts = value
      case "--agent": agent = value
      case "--only": only.append(value)
      default: throw BenchError("unknown option \(option)\nhint: --json, --only NAME")
      }
    }
    let known = measurements.map(\.name)
    for name in only where !known.contains(name) {
      throw BenchError("no measurement \(name)\nhint: one of \(known.joined(separator: ", "))")
    }
  }
}
