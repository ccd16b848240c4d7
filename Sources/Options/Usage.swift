/// What `--help` prints, and what follows an error on the command line: tlog's text, with the options that it lacks.
struct Usage {
  private let program: ProgramDescription
  /// The name that the program was called by.
  private let name: [UInt8]

  init(_ program: ProgramDescription, name: [UInt8]) {
    self.program = program
    self.name = name
  }

  /// The text as a line of a ``Failure``, which is printed with a line end of its own.
  var line: [UInt8] { text.dropLast() }

  /// Ends in an empty line, as tlog's does.
  var text: [UInt8] {
    var text = program.synopsis(name)
    var group: [UInt8] = []
    for option in program.rows where option.isOption {
      if !group.equals(option.group) {
        group = [UInt8](option.group)
        text += Text("\n\(group) options:\n").bytes
      }
      text += line(for: option)
    }
    if program.isShell {
      text += Text("\nAny other option (-x, --norc, -lc) is handed to the shell as it is.\n").bytes
    }
    return text + Text("\n").bytes
  }

  private func line(for option: Option) -> [UInt8] {
    var line = Text("    ").bytes
    if let letter = option.letter { line += Text("-\([letter]), ").bytes }
    line += Text("--\(option.longName)\(option.valueForm)").bytes
    while line.count < Self.summaryColumn - 1 { line.append(UInt8(ascii: " ")) }
    return line + Text(" \(option.summary)\n").bytes
  }

  /// Where the summaries begin, counted from 0.
  private static let summaryColumn = 35
}

extension Option {
  /// How the value is written behind the long option: `=SECONDS`, `[=BOOL]` or nothing.
  package var valueForm: [UInt8] {
    if valueName.utf8CodeUnitCount == 0 { return [] }
    if case .boolean = kind { return Text("[=\(valueName)]").bytes }
    return Text("=\(valueName)").bytes
  }
}
