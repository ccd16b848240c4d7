import Capture
import Options
import Testing

@Suite struct `Settings of a recorder` {
  @Test func `with nothing configured, tlog-rec-session has tlog's defaults, and warns when it cannot record`() throws {
    let settings = try #require(ConfigurationScene.session().settings)
    #expect(settings.latencySeconds == 10)
    #expect(settings.payloadByteCount == 2048)
    #expect(!settings.logsInput)
    #expect(settings.logsOutput)
    #expect(settings.logsWindow)
    #expect(settings.limit.rate == 16384)
    #expect(settings.limit.burst == 32768)
    #expect(settings.limit.action == .pass)
    #expect(settings.onFailure == .warn)
    #expect(settings.transfers == .full)
    #expect(settings.secretPrompts == SecretPrompts.usual)
    #expect(words([settings.notice]) == ["\nATTENTION! Your session is being recorded!\n\n"])
    #expect(settings.semaphorePath == nil)
    guard case .journal(priority: .info, augment: true) = settings.writer else {
      return #expect(Bool(false), "another writer")
    }
  }

  @Test func `with nothing configured, tlog-rec says nothing, and refuses what it cannot record`() throws {
    let settings = try #require(ConfigurationScene.rec("-o", "/x", "--semaphore=/y").settings)
    #expect(settings.notice.isEmpty)
    #expect(settings.onFailure == .refuse)
    #expect(settings.semaphorePath.map { words([$0])[0] } == "/y")
  }

  @Test func `tlog-rec without a file to log to is refused in tlog's words`() {
    #expect(
      ConfigurationScene.rec("true").errors == [
        "Log file path is not specified", "Failed creating JSON message writer", "Failed creating log sink",
      ])
    #expect(ConfigurationScene.rec("--writer=syslog", "true").errors == [])
  }

  @Test func `an empty file path is left for the file system to refuse, as with tlog`() {
    guard case .file(let path)? = ConfigurationScene.rec("-o", "").settings?.writer else {
      return #expect(Bool(false), "another writer")
    }
    #expect(path.isEmpty)
  }

  @Test func `syslog settings carry the codes of RFC 5424`() {
    let scene = ConfigurationScene.rec("-w", "syslog", "--syslog-facility=local3", "--syslog-priority=err")
    guard case .syslog(let facility, let priority)? = scene.settings?.writer else {
      return #expect(Bool(false), "another writer")
    }
    #expect(facility.rawValue == 19)
    #expect(priority.rawValue == 3)
  }

  @Test func `journal settings carry their own priority`() {
    let scene = ConfigurationScene.rec("-w", "journal", "--journal-priority=debug", "--journal-augment=no")
    guard case .journal(let priority, let augment)? = scene.settings?.writer else {
      return #expect(Bool(false), "another writer")
    }
    #expect(priority.rawValue == 7)
    #expect(!augment)
  }

  @Test(arguments: [
    ("32", 32), ("1015807", 1_015_807), ("1015808", 1_015_808), ("1015809", 1_015_808),
    ("99999999999999999999", 1_015_808),
  ])
  func `payload is bounded so that a message stays under 1 MiB`(given: String, used: Int) {
    #expect(ConfigurationScene.rec("-o", "x", "--payload=\(given)").settings?.payloadByteCount == used)
    let json = ConfigurationScene.rec("-o", "x", environment: ["TLOG_REC_CONF_TEXT={\"payload\":\(given)}"])
    #expect(json.settings?.payloadByteCount == used)
    #expect(Settings.payloadByteCountMax == 1_015_808)
  }

  @Test(arguments: [
    ("2147483647", 2_147_483_647), ("2147483648", 2_147_483_647), ("9223372036854775807", 2_147_483_647),
  ])
  func `other numbers are bounded so that they can be multiplied`(given: String, used: Int) {
    let settings = ConfigurationScene.rec(
      "-o", "x", "--latency=\(given)", "--limit-rate=\(given)", "--limit-burst=\(given)"
    ).settings
    #expect(settings?.latencySeconds == used)
    #expect(settings?.limit.rate == used)
    #expect(settings?.limit.burst == used)
  }

  @Test func `waiting for a rate of zero is refused, since nothing would ever be logged`() {
    let error = "A log rate limit of zero with \"delay\" action would never let anything be logged"
    #expect(ConfigurationScene.rec("-o", "x", "--limit-action=delay", "--limit-rate=0").errors == [error])
    #expect(ConfigurationScene.rec("-o", "x", "--limit-action=delay", "--limit-rate=1").errors == [])
    #expect(ConfigurationScene.rec("-o", "x", "--limit-action=drop", "--limit-rate=0").errors == [])
  }

  @Test func `a configuration that no recording can follow can still be shown`() {
    #expect(ConfigurationScene.rec("--limit-action=delay", "--limit-rate=0", "--configuration").output != nil)
    #expect(ConfigurationScene.rec("--configuration").output != nil)
  }
}

@Suite struct `What is executed` {
  @Test func `tlog-rec executes its arguments, searching for the program`() {
    let command = ConfigurationScene.rec("-o", "x", "ls", "-l").shellCommand(callerShell: "/bin/zsh")
    #expect(command.map { words([$0.path] + $0.arguments) } == ["ls", "ls", "-l"])
    #expect(command?.isSearched == true)
    #expect(command?.shellVariable == nil)
  }

  @Test(arguments: [
    ("/bin/zsh", "/bin/dash", "/bin/zsh"), ("zsh", nil, "zsh"), (nil, "/bin/dash", "/bin/dash"),
    ("", "/bin/dash", "/bin/dash"), (nil, nil, "/bin/sh"), (nil, "", "/bin/sh"),
    ("/usr/bin/tlog-rec-session", "/bin/dash", "/bin/dash"),
  ])
  func `tlog-rec without arguments executes the caller's shell, else the account's`(
    caller: String?, account: String?, shell: String
  ) {
    let command = ConfigurationScene.rec("-o", "x").shellCommand(callerShell: caller, accountShell: account)
    #expect(command.map { words([$0.path] + $0.arguments) } == [shell, shell])
    #expect(command?.shellVariable.map { words([$0])[0] } == shell)
  }

  @Test func `tlog-rec-session executes the shell by its full path, and says so in SHELL`() {
    let command = ConfigurationScene.session("x", environment: ["TLOG_REC_SESSION_SHELL=/bin/zsh"]).shellCommand()
    #expect(command.map { words([$0.path] + $0.arguments) } == ["/bin/zsh", "/bin/zsh", "x"])
    #expect(command?.isSearched == false)
    #expect(command?.shellVariable.map { words([$0])[0] } == "/bin/zsh")
  }

  @Test(arguments: [("/bin/zsh", "-zsh"), ("zsh", "-zsh"), ("/", "-")])
  func `a login shell is called by a dash and the last part of its path`(shell: String, name: String) {
    let command = ConfigurationScene.session("-l", environment: ["TLOG_REC_SESSION_SHELL=\(shell)"]).shellCommand()
    #expect(command.map { words([$0.path] + $0.arguments) } == [shell, name])
  }

  /// https://github.com/Scribery/tlog/issues/306: SSSD hands on an empty shell, and the person was logged out at once.
  @Test(arguments: [
    ("/bin/dash", "/bin/dash"), ("/usr/bin/tlog-rec-session", "/bin/sh"),
    ("/usr/bin/tlog-rec-session-shell-bin-zsh", "/bin/sh"), ("", "/bin/sh"), (nil, "/bin/sh"),
  ])
  func `an empty shell is replaced by the account's, unless that is the recorder, and then by sh`(
    account: String?, shell: String
  ) {
    let scene = ConfigurationScene.session(environment: ["TLOG_REC_SESSION_SHELL="])
    #expect(scene.shellCommand(accountShell: account).map { words([$0.path]) } == [shell])
  }

  @Test func `the recorder does not start itself for ever`() {
    let scene = ConfigurationScene.session(environment: ["TLOG_REC_SESSION_SHELL=/usr/bin/tlog-rec-session"])
    #expect(scene.shellCommand(accountShell: "/bin/dash").map { words([$0.path]) } == ["/bin/dash"])
  }

  @Test func `the user database is not asked when a shell is known`() {
    let settings = ConfigurationScene.session().settings
    var asked = false
    _ = settings.map {
      ShellCommand(for: $0.command, callerShell: nil) {
        asked = true
        return nil
      }
    }
    #expect(!asked)
  }
}
