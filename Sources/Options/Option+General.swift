extension Option {
  /// What every program has.
  package static var general: [Option] {
    [
      Option(
        section: "", name: "help", kind: .boolean(nil), origin: .option, group: "General", letter: UInt8(ascii: "h"),
        isOption: true, summary: "Output a command-line usage message and exit",
        details: "Print how the program is called, and exit."),
      Option(
        section: "", name: "version", kind: .boolean(nil), origin: .option, group: "General",
        letter: UInt8(ascii: "v"), isOption: true, summary: "Output version information and exit",
        details: """
          Print version and licence, and exit. The second word is the version of tlog whose options and \
          configuration are understood.
          """),
      Option(
        section: "", name: "configuration", kind: .boolean(nil), origin: .option, group: "General", isOption: true,
        summary: "Output program configuration in JSON and exit",
        details: """
          Print the configuration that all sources together make, as JSON, and exit. Keys that tlog does not know come \
          first, so that the rest is what tlog would print.
          """),
    ]
  }
}
