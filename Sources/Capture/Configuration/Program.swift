/// The two recorders that read a configuration, and the names that follow from which of them it is.
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

  /// What the package sets; read first.
  package var defaultPath: [UInt8] { Text("/usr/share/tlog/\(name).default.conf").bytes }

  /// What the administrator sets; read after ``defaultPath``.
  package var systemPath: [UInt8] { Text("/etc/tlog/\(name).conf").bytes }

  /// Names the environment variable that names a further file.
  package var fileVariable: StaticString {
    switch self {
    case .rec: "TLOG_REC_CONF_FILE"
    case .session: "TLOG_REC_SESSION_CONF_FILE"
    }
  }

  /// Names the environment variable that holds further configuration.
  package var textVariable: StaticString {
    switch self {
    case .rec: "TLOG_REC_CONF_TEXT"
    case .session: "TLOG_REC_SESSION_CONF_TEXT"
    }
  }

  /// Names the environment variable that holds the shell's path: SSSD sets it. Only `tlog-rec-session` has one.
  package var shellVariable: StaticString? {
    switch self {
    case .rec: nil
    case .session: "TLOG_REC_SESSION_SHELL"
    }
  }
}
