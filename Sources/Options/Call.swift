/// What a program's command line and all below it make together, before the program takes its settings from it.
package enum Call: Sendable {
  /// Print the bytes on standard output and exit with 0: `--help`, `--version`.
  case print([UInt8])
  case configured(NodeObject)

  /// Brings together all that says what to do: files, environment, name and command line, in rising priority.
  ///
  /// - Parameter arguments: With the name that the program was called by as the first one; no arguments at all are taken
  ///   for the program's own name.
  /// - Throws: What is wrong, in tlog's lines, marked when it is the caller's doing.
  package static func read(from sources: ConfigurationSources, arguments: [[UInt8]]) throws(Failure) -> Call {
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
    var merged = try sources.merged().overlaid(by: name.settings)
    do throws(Failure) {
      merged = merged.overlaid(by: try given.get())
    } catch {
      throw error.asCallersDoing.adding(usage.line)
        .adding("Failed extracting configuration from options and arguments")
        .adding("Failed retrieving configuration from command line")
    }
    if sources.isPrivileged, case .success(let options) = given { try options.checkAdministrators(program.rows) }
    return .configured(merged)
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

  /// What `--configuration` prints: the same members, those that tlog lacks in front, so that what follows is what tlog
  /// would print.
  package func printed(by rows: [Option]) -> [UInt8] {
    var own = NodeObject()
    var others = NodeObject()
    for member in members {
      let isOwn =
        member.name.equals(OptionParser.shellOptions)
        || rows.contains { $0.isOwn && ($0.isKey(member.name, in: "") || $0.isIn(member.name)) }
      if isOwn { own.append(member.name, member.value) } else { others.append(member.name, member.value) }
    }
    for member in others.members { own.append(member.name, member.value) }
    return Node.object(own).prettyText
  }

  package func text(_ name: StaticString) -> [UInt8]? {
    if case .string(let value)? = self[name] { return value }
    return nil
  }

  package func texts(_ name: StaticString) -> [[UInt8]] {
    guard case .array(let elements)? = self[name] else { return [] }
    var texts: [[UInt8]] = []
    for case .string(let text) in elements { texts.append(text) }
    return texts
  }

  package func choice<Value: Choice>(_ name: StaticString) -> Value? {
    guard let text = text(name) else { return nil }
    return Value(named: text)
  }
}
