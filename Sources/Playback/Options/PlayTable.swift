package import Options

/// Every key of `tlog-play`: tlog's names, letters, defaults, texts and order, and ours in groups of their own behind.
package enum PlayTable {
  package static let program = program(operands: .none)

  package static func program(operands: ProgramDescription.Operands) -> ProgramDescription {
    ProgramDescription(name: "tlog-play", rows: rows, operands: operands, variables: .init()) { name in
      Text("Usage: \(name) [OPTION...]\nPlay back a terminal I/O recording done by tlog-rec.\n").bytes
    }
  }

  static var rows: [Option] { Option.general + playing + file + elasticsearch + journal + output + display }

  // MARK: tlog's

  private static var playing: [Option] {
    [
      Option(
        section: "", name: "speed", kind: .number(Number.printedSpeed), origin: .option, group: "General",
        letter: UInt8(ascii: "s"), isOption: true, valueName: "NUMBER",
        summary: "Set playback speed multiplier to NUMBER",
        details: "How much faster than it was recorded a recording is played. More than 0; 1 when not given."),
      flag(
        "follow", "f", "Wait for and play back new messages",
        """
        Wait for more at the end of the recording, and play it as it comes. A file that is replaced or cut short is read \
        from its new beginning.
        """),
      Option(
        section: "", name: "goto", kind: .text, origin: .option, group: "General", letter: UInt8(ascii: "g"),
        isOption: true, valueName: "STRING", summary: "Fast-forward to STRING time (start/end/HH:MM:SS.sss)",
        details: """
          Begin at that time of the recording: start, end, hours, minutes and seconds, or 90s or 2h; or at a time of the \
          clock, such as 2026-12-01 02:21.
          """),
      flag("paused", "p", "Start playback paused", "Begin with playback paused."),
      Option(
        section: "", name: "reader", kind: .choice("file", of: ReaderName.names), origin: .file, group: "General",
        letter: UInt8(ascii: "r"), isOption: true, valueName: "STRING",
        summary: "Use STRING log reader (file/journal/es, default file)",
        details: """
          Where messages are read from. Each reader has a section of its own. "es", Elasticsearch, is not read by this \
          version.
          """),
      Option(
        section: "", name: "persist", kind: .boolean(false), origin: .file, group: "General", isOption: true,
        summary: "Ignore quit key and signals from keyboard",
        details: "Whether the key q, and the keys that send signals, do nothing."),
      Option(
        section: "", name: "lax", kind: .boolean(false), origin: .file, group: "General", isOption: true,
        summary: "Ignore missing (dropped) log messages",
        details: """
          Whether to go on behind messages that are missing or wrong. Otherwise the first of them ends playback.
          """),
    ]
  }

  private static var file: [Option] {
    [
      Option(
        section: "file", name: "path", kind: .path(nil), origin: .file, group: "File reader",
        letter: UInt8(ascii: "i"), isOption: true, valueName: "FILE", summary: "Read log from FILE file",
        details: "The file that the \"file\" reader reads: plain, or compressed by gzip or zstd."),
      Option(
        section: "file", name: "match", kind: .text, origin: .file, group: "File reader", letter: UInt8(ascii: "m"),
        isOption: true, valueName: "STRING", summary: "Playback explicit recording id specified in STRING",
        details: "The recording to play, by its id, where the file holds several."),
    ]
  }

  private static var elasticsearch: [Option] {
    [
      Option(
        section: "es", name: "baseurl", kind: .text, origin: .file, group: "Elasticsearch reader", isOption: true,
        valueName: "STRING", summary: "Elasticsearch URL without query or fragment parts",
        details: "Accepted, and not used by this version."),
      Option(
        section: "es", name: "query", kind: .text, origin: .file, group: "Elasticsearch reader", isOption: true,
        valueName: "STRING", summary: "Elasticsearch query", details: "Accepted, and not used by this version."),
      Option(
        section: "es", name: "verbose", kind: .boolean(false), origin: .file, group: "Elasticsearch reader",
        isOption: true, summary: "Enable verbose output on Elasticsearch HTTP client",
        details: "Accepted, and not used by this version."),
    ]
  }

  private static var journal: [Option] {
    func row(
      _ name: StaticString, _ kind: Option.Kind, _ letter: UInt8, _ valueName: StaticString, _ summary: StaticString,
      _ details: StaticString
    ) -> Option {
      Option(
        section: "journal", name: name, kind: kind, origin: .option, group: "Systemd journal reader", letter: letter,
        isOption: true, valueName: valueName, summary: summary, details: details)
    }
    return [
      row(
        "since", .integer(0, minimum: 0), UInt8(ascii: "S"), "SECONDS",
        "Start searching journal at SECONDS since epoch", "Entries before that time are not looked at."),
      row(
        "until", .integer(.max, minimum: 0), UInt8(ascii: "U"), "SECONDS",
        "Stop searching journal at SECONDS since epoch", "Entries after that time are not looked at."),
      row(
        "match", .list, UInt8(ascii: "M"), "STRING", "Add STRING to journal match symbol list",
        """
        Only entries with this field and value, such as TLOG_REC=ID. Several are combined as journalctl(1) combines them, \
        with OR and AND between them.
        """),
      row(
        "namespace", .text, UInt8(ascii: "N"), "STRING", "Search for the records in STRING namespace only",
        "The journal namespace to search."),
    ]
  }

  // MARK: Ours

  private static var output: [Option] {
    [
      own(
        "list", "Output", "Print the recordings that there are and exit",
        "Print a table of the recordings that the source holds, and exit."),
      own(
        "raw", "Output", "Print recorded output at once and exit",
        """
        Print what programs wrote, all at once. To a terminal, only what cannot do anything there but show text.
        """),
      own(
        "unsafe", "Output", "Let --raw send everything to a terminal",
        "With --raw, send a terminal everything that was recorded, whatever it makes the terminal do."),
      own(
        "text", "Output", "Print what was on the screen as text and exit",
        "Print, as text, the lines that scrolled off the screen, and the screen as it was at the end."),
      own(
        "show-dropped", "Output", "Count what --raw kept from the terminal",
        "After --raw, print on standard error how many control sequences of each kind were kept from the terminal."),
    ]
  }

  private static var display: [Option] {
    [
      own("input", "Display", "Show what was typed", "Show what was typed, where it was recorded."),
      Option(
        section: "", name: "idle-limit", kind: .number(Number.printed), origin: .option, group: "Display",
        isOption: true, valueName: "SECONDS", summary: "Wait SECONDS at most where nothing happens",
        details: "How long playback waits at most where nothing was recorded.", isOwn: true),
      own("utc", "Display", "Show times in UTC", "Show dates and times in UTC, not in the local time zone."),
    ]
  }

  private static func flag(
    _ name: StaticString, _ letter: Unicode.Scalar, _ summary: StaticString, _ details: StaticString
  ) -> Option {
    Option(
      section: "", name: name, kind: .boolean(nil), origin: .option, group: "General", letter: UInt8(ascii: letter),
      isOption: true, summary: summary, details: details)
  }

  private static func own(
    _ name: StaticString, _ group: StaticString, _ summary: StaticString, _ details: StaticString
  ) -> Option {
    Option(
      section: "", name: name, kind: .boolean(nil), origin: .option, group: group, isOption: true, summary: summary,
      details: details, isOwn: true)
  }
}

/// The `reader` key.
package enum ReaderName: Choice {
  case file, journal, es

  package var name: StaticString {
    switch self {
    case .file: "file"
    case .journal: "journal"
    case .es: "es"
    }
  }
}
