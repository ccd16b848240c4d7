/// What `--help` prints, and what follows an error on the command line: tlog's text, with the options that it lacks.
struct Usage {
  private let program: Program
  /// The name that the program was called by.
  private let name: [UInt8]

  init(_ program: Program, name: [UInt8]) {
    self.program = program
    self.name = name
  }

  /// The text as a line of a ``Failure``, which is printed with a line end of its own.
  var line: [UInt8] { text.dropLast() }

  /// Ends in an empty line, as tlog's does.
  var text: [UInt8] {
    var text = synopsis
    var group: [UInt8] = []
    for option in OptionTable.rows(for: program) where option.isOption {
      if !group.equals(option.group) {
        group = [UInt8](option.group)
        text += Text("\n\(group) options:\n").bytes
      }
      text += line(for: option)
    }
    if program == .session {
      text += Text("\nAny other option (-x, --norc, -lc) is handed to the shell as it is.\n").bytes
    }
    return text + Text("\n").bytes
  }

  private var synopsis: [UInt8] {
    switch program {
    case .rec:
      Text(
        """
        Usage: \(name) [OPTION...] [CMD_FILE [CMD_ARG...]]
        Record terminal I/O of a program or a user shell.

        """
      ).bytes
    case .session:
      Text(
        """
        Usage: \(name) [OPTION...] [CMD_FILE [CMD_ARG...]]
           or: \(name) -c [OPTION...] CMD_STRING [CMD_NAME [CMD_ARG...]]
        Start a shell and log terminal I/O.

        """
      ).bytes
    }
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
