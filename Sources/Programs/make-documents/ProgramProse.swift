/// What a program's manual pages say that no table holds.
struct ProgramProse {
  let purpose: String
  /// In mdoc(7).
  let synopsis: String
  /// Goes on after the program's name.
  let description: String
  let optionsNote: String
  let variables: [(term: String, explanation: String)]
  let exitStatus: String
  let examples: [(purpose: String, lines: String)]
  let sibling: String
  /// A related program in section 1.
  var relative = "script"
  var events = recorderEvents
  /// In the manual of the configuration.
  var privilegeNote = ""
  var configurationExample = (purpose: "", lines: "")
  let compatibility: String
  let security: String
}

extension ProgramProse {
  private static let recorderEvents = """
    SIGTERM and SIGHUP end the session: its terminal is hung up, what was recorded is logged, and the recorder dies of \
    the same signal. A new size of the outer terminal (SIGWINCH) is recorded and handed on. The keys that send signals \
    act on the programs inside.
    """
  private static let recorded = ("Ev TERM", "Recorded with the session, up to 128 bytes of it.")

  private static func privilegeNote(_ name: String) -> String {
    """


    When \(name) runs with rights that its caller lacks, both files must be regular files that belong to root and that \
    neither group nor others may write.
    """
  }

  static let rec = ProgramProse(
    purpose: "record what a program and a person say to each other on a terminal",
    synopsis: ".Nm\n.Op Ar option ...\n.Op Ar program Op Ar argument ...",
    description: """
      starts a program on a terminal of its own, passes everything between it and the person, and logs what passes, each \
      piece with its time, as lines of JSON. Without a program the shell named by SHELL is started, or the person's \
      login shell. The program is searched for along PATH.

      Where neither standard input, output nor error is a terminal, the program gets pipes instead; its standard error \
      then stays apart from its standard output.
      """,
    optionsNote: """
      Options end at the first argument that is none. Long ones may be cut short as long as they are told from the others. \
      Options override the configuration.
      """,
    variables: [
      recorded,
      ("Ev SHELL", "Names the shell to start when no program is given."),
      ("Ev PATH", "Where the program is searched for."),
    ],
    exitStatus: """
      That of the program, or 128 and the signal's number when a signal killed it. 127 when it could not be executed; the \
      reason is then part of the recording. 1 when the recorder itself failed or was called in a wrong way.
      """,
    examples: [
      ("Record a shell to a file:", "tlog-rec --file-path=/tmp/session.log"),
      ("Record one command, with what is typed:", "tlog-rec --log-input --file-path=/tmp/session.log python3"),
      ("See what would be in force:", "tlog-rec --latency=2 --configuration"),
    ],
    sibling: "tlog-rec-session",
    privilegeNote: privilegeNote("tlog-rec"),
    configurationExample: (
      "Log to a file, input included:",
      """
      {
          "writer": "file",
          "file": { "path": "/var/tmp/session.log" },
          "log": { "input": true }
      }
      """
    ),
    compatibility: """
      Options, configuration, log and exit status are those of tlog 12. What tlog lacks is marked in the configuration's \
      manual.
      """,
    security: """
      The program runs with the rights of its caller, and so does whatever it records: they can stop it, and change a log \
      that they can write. It is for recording oneself. What is typed is not recorded unless asked for, because passwords \
      are typed, too.
      """)

  static let session = ProgramProse(
    purpose: "start a shell and record what passes on its terminal",
    synopsis: """
      .Nm
      .Op Ar option ...
      .Op Ar script Op Ar argument ...
      .Nm
      .Fl c
      .Op Ar option ...
      .Ar command Op Ar name Op Ar argument ...
      """,
    description: """
      stands where a login shell stands. It starts the real shell on a terminal of its own, passes everything between it \
      and the person, and logs what passes, each piece with its time, as lines of JSON. Where there is no terminal, as with \
      "ssh host command", the shell gets pipes; its standard error stays apart from its standard output.

      Which shell is started is said by the configuration; over that by TLOG_REC_SESSION_SHELL, which SSSD sets for those \
      whom it has recorded; and over that by the name that the program is called by. A name that contains "-shell-" holds \
      the path of the shell behind it, each slash written as a dash and each character that is to stay as it is with a \
      backslash before it. So a symbolic link to the program called tlog-rec-session-shell-bin-zsh starts /bin/zsh, and \
      can be somebody's login shell.

      A name that begins with a dash makes the shell a login shell, whose own name then begins with a dash as well.

      A shell that is started inside a recorded terminal is not recorded once more: the program then becomes that shell.
      """,
    optionsNote: """
      Options end at the first argument that is none. Long ones may be cut short as long as they are told from the others. \
      An option that is not listed here is the shell's, and is handed to it as it is and in its place: "-lc", "-x", "-o \
      posix", "--norc". So is everything that follows the options.
      """,
    variables: [
      recorded,
      ("Ev SHELL", "Is set to the shell that is started."),
    ],
    exitStatus: """
      That of the shell, or 128 and the signal's number when a signal killed it. 127 when it could not be executed; the \
      reason is then part of the recording. 1 when the recorder itself failed or was called in a wrong way, and when the \
      session is refused because it cannot be recorded.
      """,
    examples: [
      ("Record a person from the next login on:", "usermod --shell /usr/bin/tlog-rec-session alice"),
      (
        "Give another one zsh:",
        """
        ln -s tlog-rec-session /usr/bin/tlog-rec-session-shell-bin-zsh
        usermod --shell /usr/bin/tlog-rec-session-shell-bin-zsh bob
        """
      ),
      (
        "Have SSSD choose who is recorded, in /etc/sssd/sssd.conf:",
        """
        [session_recording]
        scope = some
        groups = admins
        """
      ),
      ("Find the recordings of a person in the journal:", "journalctl TLOG_USER=alice"),
    ],
    sibling: "tlog-rec",
    privilegeNote: privilegeNote("tlog-rec-session"),
    configurationExample: (
      "Log to a file, refuse sessions that cannot be recorded, and say so in one line:",
      """
      {
          "notice": "This session is recorded.\\n",
          "writer": "file",
          "file": { "path": "/var/log/tlog/sessions.log" },
          "on-failure": "refuse"
      }
      """
    ),
    compatibility: """
      Options, configuration, log and exit status are those of tlog 12. It differs in what it does not refuse: options of \
      the shell, missing configuration files, an unknown host name, locale or audit session. Keys that tlog lacks are \
      marked in the configuration's manual.
      """,
    security: """
      Installed with rights of its own, the program takes configuration from the administrator's files only; of the \
      environment nothing but TLOG_REC_SESSION_SHELL counts. The person whom it records can then neither signal nor trace \
      nor inspect it. What the system does for that person, such as ending their session, still ends the recording with \
      it.

      It sees what crosses the terminal of the login. A shell connected elsewhere, jobs of at and cron, forwarded ports \
      and graphical programs are started on the record and then leave it. Whoever becomes root inside can end recording \
      from that moment on.

      A log written by "file", "journal" or "syslog" may lack what was shown in the last seconds before the recorder was \
      killed: up to "latency" seconds and "payload" bytes. Only where it is kept on another host is a log out of reach of \
      root on this one.

      What is typed is not recorded unless the configuration says so, because passwords are typed, too.
      """)
}
