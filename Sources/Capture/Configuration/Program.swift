package import Options

/// The two recorders that read a configuration, and what follows from which of them it is.
package enum Program: Sendable {
  /// `tlog-rec`: records one command, or a shell.
  case rec
  /// `tlog-rec-session`: stands where the login shell stands, and starts that shell.
  case session

  package var name: StaticString {
    switch self {
    case .rec: "tlog-rec"
    case .session: "tlog-rec-session"
    }
  }

  package var description: ProgramDescription {
    switch self {
    case .rec:
      ProgramDescription(
        name: name, rows: OptionTable.rows(for: self), operands: .command, variables: variables
      ) { name in
        Text(
          """
          Usage: \(name) [OPTION...] [CMD_FILE [CMD_ARG...]]
          Record terminal I/O of a program or a user shell.

          """
        ).bytes
      }
    case .session:
      ProgramDescription(
        name: name, rows: OptionTable.rows(for: self), operands: .shell, variables: variables
      ) { name in
        Text(
          """
          Usage: \(name) [OPTION...] [CMD_FILE [CMD_ARG...]]
             or: \(name) -c [OPTION...] CMD_STRING [CMD_NAME [CMD_ARG...]]
          Start a shell and log terminal I/O.

          """
        ).bytes
      }
    }
  }

  /// SSSD sets the one that names the shell. Only `tlog-rec-session` has it.
  private var variables: ProgramDescription.Variables {
    switch self {
    case .rec: .init(file: "TLOG_REC_CONF_FILE", text: "TLOG_REC_CONF_TEXT")
    case .session:
      .init(
        file: "TLOG_REC_SESSION_CONF_FILE", text: "TLOG_REC_SESSION_CONF_TEXT", shell: "TLOG_REC_SESSION_SHELL")
    }
  }
}

extension ConfigurationSources {
  package init(
    program: Program, environment: [[UInt8]], isPrivileged: Bool, readFile: @escaping ConfigurationFile.Reader
  ) {
    self.init(
      program: program.description, environment: environment, isPrivileged: isPrivileged, readFile: readFile)
  }
}
