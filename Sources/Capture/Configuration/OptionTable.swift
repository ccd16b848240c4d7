package import Options

/// Every key of the two recorders: the one list that parsing, checking, `--help`, `--configuration`, the manual pages and
/// the installed configuration files are made from. A new key is a new row.
///
/// Names, letters, defaults, minima, values, origins and the lines for `--help` are tlog's; the order is the one in which
/// tlog prints its configuration.
package enum OptionTable {
  package static func rows(for program: Program) -> [Option] {
    Option.general
      + (program == .session ? sessionShell : [])
      + recording(program) + (program == .rec ? [semaphore] : sessionOptions)
      + loggedData(program) + limit(program) + writers(program) + own(program)
  }

  private static func recording(_ program: Program) -> [Option] {
    [
      Option(
        section: "", name: "latency", kind: .integer(10, minimum: 1), origin: .file, group: "General",
        isOption: program == .rec, valueName: "SECONDS",
        summary: "Cache captured data SECONDS seconds before logging",
        details: """
          How many seconds recorded data may wait for more before it is logged. Data that fills a message is logged at \
          once.
          """),
      Option(
        section: "", name: "payload", kind: .integer(2048, minimum: 32), origin: .file, group: "General",
        isOption: program == .rec, valueName: "BYTES", summary: "Limit encoded data to BYTES bytes",
        details: """
          How many bytes of encoded data a message holds at most. When the next character does not fit, the message is \
          logged and another begun.

          Values above 1015808 count as 1015808, so that a message stays under 1 MiB.
          """),
      Option(
        section: "", name: "writer",
        kind: .choice(program == .rec ? "file" : "journal", of: WriterName.names),
        origin: .file, group: "General", letter: program == .rec ? UInt8(ascii: "w") : nil, isOption: program == .rec,
        valueName: "STRING", summary: "Use STRING log writer (journal/syslog/file/agent, default file)",
        details: """
          Where messages are logged to. Each writer has a section of its own for what only it needs.

          With "agent", which tlog does not have, what is recorded is handed to this host's steno-agent before it is \
          shown, and nothing that was shown is lost when a process is killed. Latency, payload and the logging limit are \
          then of no account: messages are made by the agent, and it is the agent that says how much may wait.
          """),
    ]
  }

  private static var semaphore: Option {
    Option(
      section: "", name: "semaphore", kind: .path(nil), origin: .option, group: "General", isOption: true,
      valueName: "FILE", summary: "Write \"READY\" to FILE when recording is setup",
      details: """
        Write the five letters READY to this file once the program to be recorded is connected. The file is made, or \
        emptied first.
        """)
  }

  // MARK: What only the login shell has

  private static var sessionShell: [Option] {
    [
      Option(
        section: "", name: "shell", kind: .path("/bin/bash"), origin: .file, group: "General",
        details: """
          The shell to start, as a full path: it is not searched for. TLOG_REC_SESSION_SHELL and the name that the \
          program is called by override it.

          When it is empty, or names the recorder itself, the shell that the user database gives the person is started, \
          and /bin/sh when that is no better.
          """),
      Option(
        section: "", name: "notice", kind: .string("\nATTENTION! Your session is being recorded!\n\n"),
        origin: .file, group: "General",
        details: "What the person is told, on standard error, before the shell starts. Nothing when it is empty."),
    ]
  }

  private static var sessionOptions: [Option] {
    [
      Option(
        section: "", name: "login", kind: .boolean(nil), origin: .name, group: "General", letter: UInt8(ascii: "l"),
        isOption: true, summary: "Make the shell a login shell",
        details: "Make the shell a login shell: its own name is handed to it with a dash before it."),
      Option(
        section: "", name: "interactive", kind: .boolean(nil), origin: .name, group: "General",
        letter: UInt8(ascii: "i"), isOption: true, summary: "Make the shell an interactive shell",
        details: "Hand -i to the shell, unless -c is given as well."),
      Option(
        section: "", name: "command", kind: .boolean(nil), origin: .option, group: "General",
        letter: UInt8(ascii: "c"), isOption: true, summary: "Execute shell commands",
        details: """
          Hand -c to the shell, and after it the arguments: the commands, then a name and arguments for them.
          """),
    ]
  }

  // MARK: What is logged

  private static func loggedData(_ program: Program) -> [Option] {
    func row(_ name: StaticString, _ value: Bool, _ summary: StaticString, _ details: StaticString) -> Option {
      Option(
        section: "log", name: name, kind: .boolean(value), origin: .file, group: "Logged data set",
        isOption: program == .rec, valueName: "BOOL", summary: summary, details: details)
    }
    return [
      row(
        "input", false, "Enable/disable logging user input",
        """
        Whether what the person types is logged.

        Secrets that are typed while the terminal shows nothing are masked as far as a recorder can tell them; what it \
        cannot tell is logged. That is why this is off unless asked for.
        """),
      row("output", true, "Enable/disable logging program output", "Whether what programs print is logged."),
      row(
        "window", true, "Enable/disable logging terminal window size changes",
        "Whether the size of the terminal, and each change of it, is logged."),
    ]
  }

  private static func limit(_ program: Program) -> [Option] {
    func row(
      _ name: StaticString, _ kind: Option.Kind, _ valueName: StaticString, _ summary: StaticString,
      _ details: StaticString
    ) -> Option {
      Option(
        section: "limit", name: name, kind: kind, origin: .file, group: "Logging limit", isOption: program == .rec,
        valueName: valueName, summary: summary, details: details)
    }
    return [
      row(
        "rate", .integer(16384, minimum: 0), "NUMBER", "Set logging rate limit to NUMBER of message bytes/sec",
        "How many bytes of messages may be logged in a second, over time."),
      row(
        "burst", .integer(32768, minimum: 0), "NUMBER", "Set logging burst limit to NUMBER of message bytes",
        "By how many bytes of messages the rate may be exceeded for a moment."),
      row(
        "action", .choice("pass", of: LimitAction.names), "STRING",
        "Perform STRING action above limits (pass/delay/drop)",
        """
        What becomes of messages above the limit: "pass" logs them nevertheless, "delay" makes the session wait until \
        they fit, "drop" leaves them out.

        A rate of zero with "delay" is an error, since nothing would ever be logged.
        """),
    ]
  }

  // MARK: Writers

  private static func writers(_ program: Program) -> [Option] {
    [
      Option(
        section: "file", name: "path", kind: .path(nil), origin: .file, group: "File writer",
        letter: program == .rec ? UInt8(ascii: "o") : nil, isOption: program == .rec, valueName: "FILE",
        summary: "Log to FILE file",
        details: """
          The file that the "file" writer appends messages to. It is made, readable and writable by its owner, when \
          there is none.
          """, isAdministrators: true),
      Option(
        section: "syslog", name: "facility", kind: .choice("authpriv", of: SyslogFacility.names), origin: .file,
        group: "Syslog writer", isOption: program == .rec, valueName: "STRING",
        summary: "Log with STRING syslog facility", details: "The syslog facility of the \"syslog\" writer's messages."),
      Option(
        section: "syslog", name: "priority", kind: .choice("info", of: SyslogPriority.names), origin: .file,
        group: "Syslog writer", isOption: program == .rec, valueName: "STRING",
        summary: "Log with STRING syslog priority", details: "The syslog priority of the \"syslog\" writer's messages."),
      Option(
        section: "journal", name: "priority", kind: .choice("info", of: SyslogPriority.names), origin: .file,
        group: "Journal writer", isOption: program == .rec, valueName: "STRING",
        summary: "Log with STRING syslog-style priority",
        details: "The syslog priority of the \"journal\" writer's entries."),
      Option(
        section: "journal", name: "augment", kind: .boolean(true), origin: .file, group: "Journal writer",
        isOption: program == .rec, valueName: "BOOL", summary: "Enable/disable adding extra journal fields",
        details: """
          Whether entries of the "journal" writer carry fields to search by: TLOG_REC, TLOG_USER, TLOG_SESSION and \
          TLOG_ID, copied from rec, user, session and id of the message.
          """),
    ]
  }

  // MARK: What tlog does not have

  private static func own(_ program: Program) -> [Option] {
    [
      Option(
        section: "", name: "on-failure", kind: .choice(program == .rec ? "refuse" : "warn", of: OnFailure.names),
        origin: .file, group: "Failure and transfer", isOption: program == .rec, valueName: "STRING",
        summary: "Do STRING when there is no place to log (refuse/warn/continue)",
        details: program == .rec ? onFailureOfRec : onFailureOfSession, isOwn: true),
      Option(
        section: "", name: "transfers", kind: .choice("full", of: Transfers.names), origin: .file,
        group: "Failure and transfer", isOption: program == .rec, valueName: "STRING",
        summary: "Keep file transfers as STRING (full/summary/off)",
        details: """
          How much is kept of a session that is nothing but a file transfer by scp, sftp or rsync: "full" keeps all of \
          it, "summary" the first bytes each way, all errors, and counts and a hash of the rest, "off" only that it \
          took place.
          """, isOwn: true, isAdministrators: true),
      Option(
        section: "", name: "secret-prompts",
        kind: .strings(SecretPrompts.usual), origin: .file, group: "Failure and transfer",
        details: """
          Words by which a program asks for a secret, in any case. What is typed after one of them, by a program that \
          reads key by key and shows nothing, is marked in the recording, so that players can hide it. At most 64, of at \
          most 128 bytes each.
          """, isOwn: true),
      Option(
        section: "agent", name: "path", kind: .path("/run/steno/rec.sock"), origin: .file, group: "Agent writer",
        isOption: program == .rec, valueName: "SOCKET", summary: "Record through the agent at SOCKET",
        details: """
          The socket of this host's agent, for the "agent" writer. An agent that does not answer within a second is not \
          waited for.
          """, isOwn: true, isAdministrators: true),
    ]
  }

  private static let onFailureOfRec: StaticString = """
    What becomes of the session when its recording cannot be written anywhere: "refuse" does not start it, or ends it; \
    "warn" says so and goes on; "continue" goes on in silence. With the last two the writer is tried again every five \
    seconds, and the recording says from when to when it has a gap.

    A failure that the person can bring about, such as a limit of theirs, always refuses.
    """

  private static let onFailureOfSession: StaticString = """
    What becomes of the session when its recording cannot be written anywhere: "refuse" does not start it, or ends it; \
    "warn" tells the person and goes on; "continue" goes on in silence. With the last two the writer is tried again \
    every five seconds, and the recording says from when to when it has a gap.

    A failure that the person can bring about, such as a limit of theirs, always refuses. Otherwise root and members of \
    the group steno-breakglass are never refused, so that somebody can repair what is wrong.
    """
}
