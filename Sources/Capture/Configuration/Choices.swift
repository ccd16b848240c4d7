import Options

/// The `writer` key.
package enum WriterName: Choice {
  case journal, syslog, file, agent

  package var name: StaticString {
    switch self {
    case .journal: "journal"
    case .syslog: "syslog"
    case .file: "file"
    case .agent: "agent"
    }
  }
}

/// What to do with messages beyond the rate limit.
package enum LimitAction: Choice {
  /// Log them nevertheless.
  case pass
  /// Wait until they fit.
  case delay
  /// Leave them out.
  case drop

  package var name: StaticString {
    switch self {
    case .pass: "pass"
    case .delay: "delay"
    case .drop: "drop"
    }
  }
}

/// What becomes of the session when there is no place to write its recording to.
package enum OnFailure: Choice {
  /// It is not started, or is ended.
  case refuse
  /// The person is told, and it goes on.
  case warn
  /// It goes on.
  case `continue`

  package var name: StaticString {
    switch self {
    case .refuse: "refuse"
    case .warn: "warn"
    case .continue: "continue"
    }
  }
}

/// How much of a file transfer that runs through the recorder is kept.
package enum Transfers: Choice {
  /// All of it, like any other session.
  case full
  /// The first bytes, counts and a hash.
  case summary
  /// That it took place.
  case off

  package var name: StaticString {
    switch self {
    case .full: "full"
    case .summary: "summary"
    case .off: "off"
    }
  }
}

/// Where a message comes from in the sense of syslog(3); raw values are the codes of RFC 5424 §6.2.1.
package enum SyslogFacility: UInt8, Choice {
  case auth = 4
  case authpriv = 10
  case cron = 9
  case daemon = 3
  case ftp = 11
  case kern = 0
  case local0 = 16
  case local1 = 17
  case local2 = 18
  case local3 = 19
  case local4 = 20
  case local5 = 21
  case local6 = 22
  case local7 = 23
  case lpr = 6
  case mail = 2
  case news = 7
  case syslog = 5
  case user = 1
  case uucp = 8

  package var name: StaticString {
    switch self {
    case .auth: "auth"
    case .authpriv: "authpriv"
    case .cron: "cron"
    case .daemon: "daemon"
    case .ftp: "ftp"
    case .kern: "kern"
    case .local0: "local0"
    case .local1: "local1"
    case .local2: "local2"
    case .local3: "local3"
    case .local4: "local4"
    case .local5: "local5"
    case .local6: "local6"
    case .local7: "local7"
    case .lpr: "lpr"
    case .mail: "mail"
    case .news: "news"
    case .syslog: "syslog"
    case .user: "user"
    case .uucp: "uucp"
    }
  }
}

/// How much a message matters in the sense of syslog(3); raw values are the codes of RFC 5424 §6.2.1.
package enum SyslogPriority: UInt8, Choice {
  case emerg, alert, crit, err, warning, notice, info, debug

  package var name: StaticString {
    switch self {
    case .emerg: "emerg"
    case .alert: "alert"
    case .crit: "crit"
    case .err: "err"
    case .warning: "warning"
    case .notice: "notice"
    case .info: "info"
    case .debug: "debug"
    }
  }
}
