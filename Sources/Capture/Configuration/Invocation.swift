package import Options

/// What a recorder was called for.
package enum Invocation: Sendable {
  /// Print the bytes on standard output and exit with 0: `--help`, `--version`, `--configuration`.
  case print([UInt8])
  case record(Settings)

  /// - Parameters:
  ///   - sources: For one of ``Program``'s.
  ///   - arguments: With the name that the program was called by as the first one.
  /// - Throws: What is wrong, in tlog's lines, marked when it is the caller's doing. The program then prints them and exits
  ///   with 1.
  package static func make(from sources: ConfigurationSources, arguments: [[UInt8]]) throws(Failure) -> Invocation {
    switch try Call.read(from: sources, arguments: arguments) {
    case .print(let text): return .print(text)
    case .configured(let merged):
      try merged.checkCommand()
      if merged.flag("configuration") { return .print(merged.printed(by: sources.program.rows)) }
      return .record(try Settings(merged, for: sources.program.operands == .shell ? .session : .rec))
    }
  }
}

extension NodeObject {
  fileprivate func checkCommand() throws(Failure) {
    if flag("command"), case .array(let arguments)? = self["args"], arguments.isEmpty {
      throw Failure("Command string is not specified").asCallersDoing.adding("Failed building shell command line")
    }
  }
}
