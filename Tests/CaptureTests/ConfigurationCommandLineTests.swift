import Capture
import Options
import Testing

/// tlog 12.1's `--help`, without its first line, which names the program.
private let stockRecHelp = """
  Record terminal I/O of a program or a user shell.

  General options:
      -h, --help                     Output a command-line usage message and exit
      -v, --version                  Output version information and exit
      --configuration                Output program configuration in JSON and exit
      --latency=SECONDS              Cache captured data SECONDS seconds before logging
      --payload=BYTES                Limit encoded data to BYTES bytes
      -w, --writer=STRING            Use STRING log writer (journal/syslog/file/agent, default file)
      --semaphore=FILE               Write "READY" to FILE when recording is setup

  Logged data set options:
      --log-input[=BOOL]             Enable/disable logging user input
      --log-output[=BOOL]            Enable/disable logging program output
      --log-window[=BOOL]            Enable/disable logging terminal window size changes

  Logging limit options:
      --limit-rate=NUMBER            Set logging rate limit to NUMBER of message bytes/sec
      --limit-burst=NUMBER           Set logging burst limit to NUMBER of message bytes
      --limit-action=STRING          Perform STRING action above limits (pass/delay/drop)

  File writer options:
      -o, --file-path=FILE           Log to FILE file

  Syslog writer options:
      --syslog-facility=STRING       Log with STRING syslog facility
      --syslog-priority=STRING       Log with STRING syslog priority

  Journal writer options:
      --journal-priority=STRING      Log with STRING syslog-style priority
      --journal-augment[=BOOL]       Enable/disable adding extra journal fields


  """

private let stockSessionHelp = """
  Usage: tlog-rec-session [OPTION...] [CMD_FILE [CMD_ARG...]]
     or: tlog-rec-session -c [OPTION...] CMD_STRING [CMD_NAME [CMD_ARG...]]
  Start a shell and log terminal I/O.

  General options:
      -h, --help                     Output a command-line usage message and exit
      -v, --version                  Output version information and exit
      --configuration                Output program configuration in JSON and exit
      -l, --login                    Make the shell a login shell
      -i, --interactive              Make the shell an interactive shell
      -c, --command                  Execute shell commands


  """

@Suite struct `Help and version` {
  @Test func `tlog-rec's help is tlog's, with a group of options that tlog lacks at its end`() {
    let own = """
      Failure and transfer options:
          --on-failure=STRING            Do STRING when there is no place to log (refuse/warn/continue)
          --transfers=STRING             Keep file transfers as STRING (full/summary/off)

      Agent writer options:
          --agent-path=SOCKET            Record through the agent at SOCKET


      """
    let help = "Usage: tlog-rec [OPTION...] [CMD_FILE [CMD_ARG...]]\n" + stockRecHelp + own
    #expect(ConfigurationScene.rec("--help").output == help)
  }

  @Test func `tlog-rec-session's help is tlog's, with a line about the shell's options at its end`() {
    let help = stockSessionHelp + "Any other option (-x, --norc, -lc) is handed to the shell as it is.\n\n"
    #expect(ConfigurationScene.session("-h").output == help)
  }

  @Test(arguments: [
    ("/opt/x/rec", Program.rec, "rec"), ("-rec", .rec, "-rec"), ("", .rec, "tlog-rec"),
    ("/bin/-s-shell-bin-zsh", .session, "s"), ("-s", .session, "s"), ("-", .session, "tlog-rec-session"),
  ])
  func `help calls the program as it was called`(name: String, program: Program, shown: String) {
    let scene = ConfigurationScene(program: program, arguments: [name, "--help"])
    #expect(scene.output?.hasPrefix("Usage: \(shown) [OPTION...]") == true)
  }

  @Test func `a program that was given no arguments at all, not even a name, records`() {
    let scene = ConfigurationScene(program: .session, arguments: [])
    #expect(scene.settings != nil)
  }

  @Test func `the second word of the version is tlog's, for scripts that take it`() {
    let lines = ConfigurationScene.rec("--version").output?.split(separator: "\n") ?? []
    #expect(lines.first?.split(separator: " ").prefix(2) == ["tlog", "12"])
    #expect(lines.first?.contains("Steno") == true)
    #expect(ConfigurationScene.session("-v").output == ConfigurationScene.rec("-v").output)
  }

  @Test(arguments: [Program.rec, .session])
  func `after an error help is shown as on request, with one empty line behind it`(program: Program) {
    let help = ConfigurationScene(program: program, arguments: ["x", "--help"]).output ?? ""
    let lines = ConfigurationScene(program: program, arguments: ["x", "--configuration=x"]).errors
    #expect(lines.map { $0 + "\n" }.joined().contains("true or no/off/false\n\(help)Failed extracting"))
  }

  @Test(arguments: ["--help", "--version"])
  func `a broken configuration does not stand in the way of help`(option: String) {
    var scene = ConfigurationScene.rec(option, environment: ["TLOG_REC_CONF_TEXT={"])
    scene.files["/etc/tlog/tlog-rec.conf"] = "["
    #expect(scene.errors == [])
    #expect(scene.output != nil)
  }
}

@Suite struct `Options of tlog-rec beyond tlog's` {
  @Test(arguments: ["5", " 5", "5 ", "\t\n\u{b}\u{c}\r5 \t\n", "+5", "005"])
  func `a number may have blanks around it and zeros before it`(value: String) {
    #expect(ConfigurationScene.rec("-o", "x", "--latency=\(value)").settings?.latencySeconds == 5)
  }

  @Test(arguments: ["", " ", "+", "-", "+-5", "5,", "0x5", "5\u{a0}", "٥", "5 5"])
  func `what is no number is an invalid value`(value: String) {
    #expect(ConfigurationScene.rec("--latency", value).errors.first == "Invalid --latency option value: \(value)")
  }

  @Test func `on-failure and transfers are options, and may be cut short`() {
    let settings = ConfigurationScene.rec("-o", "x", "--on=continue", "--tr", "summary").settings
    #expect(settings?.onFailure == .continue)
    #expect(settings?.transfers == .summary)
    #expect(ConfigurationScene.rec("--on-failure=no").errors.first == "Invalid --on-failure option value: no")
  }

  @Test func `secret-prompts is no option, and shell-options nowhere a key`() {
    #expect(ConfigurationScene.rec("--secret-prompts=x").errors.first == "Unknown option encountered")
    let scene = ConfigurationScene.session(environment: [#"TLOG_REC_SESSION_CONF_TEXT={"shell-options":["-x"]}"#])
    #expect(scene.errors.first == #"Unexpected node: "shell-options""#)
  }

  @Test(arguments: ["-o", "--file-path=/x", "--transfers=off"])
  func `a privileged program takes neither log file nor transfers from its caller`(option: String) {
    var scene = ConfigurationScene.rec(option, "/x")
    #expect(scene.errors != ["Option -o/--file-path is not allowed in a privileged program"])
    scene.isPrivileged = true
    let label = option.hasPrefix("--t") ? "--transfers" : "-o/--file-path"
    #expect(scene.errors == ["Option \(label) is not allowed in a privileged program"])
  }
}

/// The command lines that logins, su, sudo, ssh, rsync, editors and IDEs call a shell with.
@Suite struct `Options of tlog-rec-session as a shell would take them` {
  struct Case: CustomTestStringConvertible, Sendable {
    let given: [String]
    let executed: [String]

    init(_ given: [String], _ executed: [String]) {
      self.given = given
      self.executed = executed
    }

    var testDescription: String { given.joined(separator: " ") }
  }

  /// What the shell is executed with, behind its own name.
  @Test(arguments: [
    // tlog takes these as well.
    Case([], []),
    Case(["-c", "ls -l"], ["-c", "ls -l"]),
    Case(["-c", "ls", "name", "-l"], ["-c", "ls", "name", "-l"]),
    Case(["--command", "ls"], ["-c", "ls"]),
    Case(["-c", ""], ["-c", ""]),
    Case(["-i"], ["-i"]),
    Case(["-i", "-c", "ls"], ["-c", "ls"]),
    Case(["-c", "-i", "ls"], ["-c", "ls"]),
    Case(["-i", "--interactive=no"], []),
    Case(["script", "-l", "-c"], ["script", "-l", "-c"]),
    Case(["-"], ["-"]),
    Case(["--", "-x"], ["-x"]),
    // tlog refuses these.
    Case(["-lc", "ls"], ["-lc", "ls"]),
    Case(["-ilc", "ls"], ["-ilc", "ls"]),
    Case(["-cl", "ls"], ["-cl", "ls"]),
    Case(["-li"], ["-li"]),
    Case(["-ec", "ls"], ["-ec", "ls"]),
    Case(["-x"], ["-x"]),
    Case(["-s"], ["-s"]),
    Case(["-s", "a", "b"], ["-s", "a", "b"]),
    Case(["-x", "-c", "ls"], ["-x", "-c", "ls"]),
    Case(["-c", "-x", "ls"], ["-c", "-x", "ls"]),
    Case(["-x", "-i"], ["-x", "-i"]),
    Case(["-i", "-x", "-c", "ls"], ["-x", "-c", "ls"]),
    Case(["-x", "-c", "--command=no", "script"], ["-x", "script"]),
    Case(["--norc"], ["--norc"]),
    Case(["--norc", "--noprofile", "-c", "ls"], ["--norc", "--noprofile", "-c", "ls"]),
    Case(["--rcfile", "/x", "-i"], ["--rcfile", "/x", "-i"]),
    Case(["--init-file=/x", "-c", "ls"], ["--init-file=/x", "-c", "ls"]),
    Case(["-o", "posix", "-c", "ls"], ["-o", "posix", "-c", "ls"]),
    Case(["-c", "-o", "pipefail", "ls"], ["-c", "-o", "pipefail", "ls"]),
    Case(["-eo", "pipefail", "-c", "ls"], ["-eo", "pipefail", "-c", "ls"]),
    Case(["+x", "-c", "ls"], ["+x", "-c", "ls"]),
    Case(["+O", "extglob"], ["+O", "extglob"]),
    Case(["-x", "--", "script"], ["-x", "script"]),
    Case(["-vx"], ["-vx"]),
    Case(["--verbose"], ["--verbose"]),
    Case(["--co", "ls"], ["--co", "ls"]),
    Case(["--latency=3", "-c", "ls"], ["--latency=3", "-c", "ls"]),
  ])
  func `the shell is handed`(_ example: Case) {
    let scene = ConfigurationScene(program: .session, arguments: ["tlog-rec-session"] + example.given)
    #expect(words(scene.shellCommand()?.arguments ?? []) == ["/bin/bash"] + example.executed)
  }

  @Test(arguments: [["-l", "-c", "ls"], ["--login", "-c", "ls"], ["-c", "-l", "ls"]])
  func `-l given apart puts a dash before the shell's name`(given: [String]) {
    let scene = ConfigurationScene(program: .session, arguments: ["tlog-rec-session"] + given)
    #expect(words(scene.shellCommand()?.arguments ?? []) == ["-bash", "-c", "ls"])
  }

  @Test func `the name that su - and sshd use makes a login shell, and an option can take that back`() {
    let login = ConfigurationScene.session("-c", "ls", name: "-tlog-rec-session")
    #expect(words(login.shellCommand()?.arguments ?? []) == ["-bash", "-c", "ls"])
    let plain = ConfigurationScene.session("--login=no", name: "-tlog-rec-session")
    #expect(words(plain.shellCommand()?.arguments ?? []) == ["/bin/bash"])
  }

  @Test func `--configuration shows what is handed to the shell only where tlog's flags do not say it`() {
    let output = ConfigurationScene.session("--configuration", "-x", "-c", "ls").output ?? ""
    #expect(output.contains("  \"shell-options\":[\n    \"-x\",\n    \"-c\"\n  ],\n"))
    #expect(output.contains("  \"command\":true,\n  \"args\":[\n    \"ls\"\n  ]\n}\n"))
    #expect(ConfigurationScene.session("--configuration", "-c", "ls").output?.contains("shell-options") == false)
  }

  @Test(arguments: [["-c"], ["-x", "-c"], ["-l", "-c", "--"]])
  func `-c without a command is refused before anything is started`(given: [String]) {
    let scene = ConfigurationScene(program: .session, arguments: ["tlog-rec-session"] + given)
    #expect(scene.errors == ["Command string is not specified", "Failed building shell command line"])
  }

  @Test(arguments: [
    (["-c", "scp -t /x"], "scp -t /x"), (["-c", "scp -t /x", "name"], nil), (["-l", "-c", "scp -t /x"], nil),
    (["-x", "-c", "scp -t /x"], nil), (["-lc", "scp -t /x"], nil), (["scp -t /x"], nil),
  ])
  func `the sole command is known when it came as -c and nothing else did`(given: [String], command: String?) {
    let scene = ConfigurationScene(program: .session, arguments: ["tlog-rec-session"] + given)
    guard case .shell(let request)? = scene.settings?.command else { return #expect(Bool(false), "no shell") }
    #expect(request.soleCommand.map { words([$0])[0] } == command)
  }
}
