/// What a program was called for.
package enum Invocation: Sendable {
  /// Print the bytes on standard output and exit with 0: `--help`, `--version`, `--configuration`.
  case print([UInt8])
  case record(Settings)

  /// Brings together all that says how to record: files, environment, name and command line, in rising priority.
  ///
  /// - Parameter arguments: With the name that the program was called by as the first one; no arguments at all are taken
  ///   for the program's own name.
  /// - Throws: What is wrong, in tlog's lines, marked when it is the caller's doing. The program then prints them and exits
  ///   with 1.
  package static func make(from sources: ConfigurationSources, arguments: [[UInt8]]) throws(Failure) -> Invocation {
    let program = sources.program
    let name = InvocationName(arguments.first ?? [], of: program)
    let usage = Usage(program, name: name.name.isEmpty ? [UInt8](program.name) : name.name)
    let given = Result { () throws(Failure) in
      try OptionParser([[UInt8]](arguments.dropFirst()), of: program).settings
    }
    // Asked for help, tlog first reads its configuration, and refuses to help when that is bad.
    if case .success(let options) = given {
      if options.flag("help") { return .print(usage.text) }
      if options.flag("version") { return .print(Version.text) }
    }
    let rows = OptionTable.rows(for: program)
    var merged = try sources.merged(rows).overlaid(by: name.settings)
    do throws(Failure) {
      merged = merged.overlaid(by: try given.get())
    } catch {
      throw error.asCallersDoing.adding(usage.line)
        .adding("Failed extracting configuration from options and arguments")
        .adding("Failed retrieving configuration from command line")
    }
    if sources.isPrivileged, case .success(let options) = given { try options.checkAdministrators(rows) }
    try merged.checkCommand()
    if merged.flag("configuration") { return .print(Node.object(merged.ownFirst(rows)).prettyText) }
    return .record(try Settings(merged, for: program))
  }
}

extension InvocationName {
  /// What the name sets, to be laid over the configuration.
  fileprivate var settings: NodeObject {
    var settings = NodeObject()
    if isLogin { settings.append([UInt8]("login"), .boolean(true)) }
    if let shell { settings.append([UInt8]("shell"), .string(shell)) }
    return settings
  }
}

extension NodeObject {
  /// Refuses options that a privileged program must not take from whoever calls it.
  fileprivate func checkAdministrators(_ rows: [Option]) throws(Failure) {
    for row in rows where row.isAdministrators && self[row] != nil {
      throw Failure(text: "Option \(row.label) is not allowed in a privileged program").asCallersDoing
    }
  }

  fileprivate func checkCommand() throws(Failure) {
    if flag("command"), case .array(let arguments)? = self["args"], arguments.isEmpty {
      throw Failure("Command string is not specified").asCallersDoing.adding("Failed building shell command line")
    }
  }

  /// The same members, those that tlog lacks in front, so that what follows is what tlog would print.
  fileprivate func ownFirst(_ rows: [Option]) -> NodeObject {
    var own = NodeObject()
    var others = NodeObject()
    for member in members {
      let isOwn =
        member.name.equals(OptionTable.shellOptions)
        || rows.contains { $0.isOwn && ($0.isKey(member.name, in: "") || $0.isIn(member.name)) }
      if isOwn { own.append(member.name, member.value) } else { others.append(member.name, member.value) }
    }
    for member in others.members { own.append(member.name, member.value) }
    return own
  }
}
