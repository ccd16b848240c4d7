import Options

/// Settings from a merged configuration, in which every value has the type that ``OptionTable`` gives it.
extension Settings {
  /// - Parameter merged: Everything that was set over what is built in, so that no key with a default is missing.
  init(_ merged: NodeObject, for program: Program) throws(Failure) {
    latencySeconds = merged.number("latency")
    payloadByteCount = min(merged.number("payload"), Self.payloadByteCountMax)
    let log = merged.object("log")
    logsInput = log.flag("input")
    logsOutput = log.flag("output")
    logsWindow = log.flag("window")
    limit = try Limit(merged.object("limit"))
    writer = try Writer(merged)
    onFailure = merged.choice("on-failure") ?? .refuse
    transfers = merged.choice("transfers") ?? .full
    secretPrompts = merged.texts("secret-prompts")
    notice = merged.text("notice") ?? []
    semaphorePath = merged.text("semaphore")
    switch program {
    case .rec: command = .program(merged.texts("args"))
    case .session: command = .shell(ShellRequest(merged))
    }
  }
}

extension Settings.Limit {
  fileprivate init(_ section: NodeObject) throws(Failure) {
    rate = section.number("rate")
    burst = section.number("burst")
    action = section.choice("action") ?? .pass
    // tlog starts, and then fails to log anything.
    if case .delay = action, rate == 0 {
      throw Failure("A log rate limit of zero with \"delay\" action would never let anything be logged")
    }
  }
}

extension Settings.Writer {
  fileprivate init(_ merged: NodeObject) throws(Failure) {
    switch merged.choice("writer") ?? WriterName.file {
    case .file:
      guard let path = merged.object("file").text("path") else {
        throw Failure("Log file path is not specified").adding("Failed creating JSON message writer")
          .adding("Failed creating log sink")
      }
      self = .file(path: path)
    case .agent: self = .agent(path: merged.object("agent").text("path") ?? [])
    case .syslog:
      let section = merged.object("syslog")
      self = .syslog(
        facility: section.choice("facility") ?? .authpriv, priority: section.choice("priority") ?? .info)
    case .journal:
      let section = merged.object("journal")
      self = .journal(priority: section.choice("priority") ?? .info, augment: section.flag("augment"))
    }
  }
}

extension ShellRequest {
  fileprivate init(_ merged: NodeObject) {
    path = merged.text("shell") ?? []
    isLogin = merged.flag("login")
    arguments = merged.texts("args")
    options = merged.texts(OptionParser.shellOptions)
    soleCommand = nil
    guard options.isEmpty else { return }
    if merged.flag("command") {
      options = [[UInt8]("-c")]
      if arguments.count == 1, !isLogin { soleCommand = arguments[0] }
    } else if merged.flag("interactive") {
      options = [[UInt8]("-i")]
    }
  }
}

/// Values by name. What is absent counts as zero, no or empty: only keys without a default ever are.
extension NodeObject {
  /// At most ``Settings/numberMax``.
  fileprivate func number(_ name: StaticString) -> Int {
    if case .integer(let value)? = self[name] { return min(Int(value), Settings.numberMax) }
    return 0
  }
}
