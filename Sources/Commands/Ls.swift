package import API
package import ArgumentParser
import Client
import Glibc
import Playback
import SystemCalls

/// `steno ls`: the recordings of a centre, the latest first; or those in files or the journal.
package struct Ls: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "List recordings.",
    discussion: """
      Without files or --journal those of the centre that --server, STENO_SERVER or ~/.config/steno/config.yaml names, \
      the latest first.
      """)

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "An array of objects.")
  package var json = false
  @Flag(help: "Times in UTC.")
  package var utc = false
  @Flag(help: "Those in this machine's journal.")
  package var journal = false
  @Option(help: "Of the journal: that of this namespace.")
  package var namespace: String?
  @Option(help: "Only this person's.")
  package var user: String?
  @Option(help: "Only this host's.")
  package var host: String?
  @Option(help: "live, complete, incomplete, killed, interrupted, abandoned, damaged or tampered; or gaps: with any.")
  package var state: String?
  @Option(help: "Begun at or after this time: 2026-12-01, 2026-12-01 02:21, 02:21, yesterday, 2h, or RFC 3339.")
  package var since: String?
  @Option(help: "Begun before this time; of a date or a day, before its end.")
  package var until: String?
  @Option(help: "What to sort by; start when not given.")
  package var sort: RecordingSort?
  @Flag(help: "The other way round: the first come last.")
  package var reverse = false
  @Option(help: "At most so many; 0 for all. On a terminal 100 when not given, otherwise all.")
  package var limit: Int?
  @Argument(help: "Files of messages, spool files, and directories of them.")
  package var files: [String] = []

  package init() {}

  package func validate() throws {
    if journal && !files.isEmpty { throw ValidationError("either files, or --journal") }
    if namespace != nil && !journal { throw ValidationError("only the journal has namespaces") }
    if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
    let isLocal = journal || !files.isEmpty
    let isNarrowed = [user, host, state, since, until].contains { $0 != nil }
    if isLocal && (isNarrowed || sort != nil || reverse || limit != nil) {
      throw ValidationError("files and the journal are listed whole: --user, --sort, --limit and the like ask a centre")
    }
  }

  package func run() throws {
    if journal || !files.isEmpty {
      return try listLocal(
        journal ? .journal(namespace: namespace.map { Array($0.utf8) }) : .files(files.map { Array($0.utf8) }))
    }
    try listCentre()
  }

  private func listLocal(_ place: LocalRecordings.Place) throws {
    guard json else {
      let status = LocalRecordings.list(place, isUTC: utc)
      if status != 0 { throw ExitCode(status) }
      return
    }
    let (found, isWhole) = LocalSummary.all(in: place)
    try show(try encoded(found))
    if !isWhole { throw ExitCode(CommandExit.failed.rawValue) }
    if found.isEmpty { throw ExitCode(CommandExit.nothingFound.rawValue) }
  }

  // MARK: A centre's

  /// On a terminal: somebody reads it.
  private static let terminalLimit = 100

  /// Writes each page as it comes.
  private func listCentre() throws {
    let isForReading = limit == nil && isatty(1) == 1
    let wanted = isForReading ? Self.terminalLimit : limit.flatMap { $0 > 0 ? $0 : nil } ?? .max
    let query = try query()
    let first = TableOrArray<RecordingSummary>(
      isJSON: json, headings: ["ID", "START", "DURATION", "USER", "HOST", "STATE", "BYTES"],
      row: { [utc] recording in
        [
          recording.id, shownTime(recording.start, isUTC: utc), shownDuration(recording.durationMilliseconds),
          visible(recording.user), visible(recording.host), recording.state.rawValue, String(recording.bytes),
        ]
      })
    let (count, isMore) = try centre.asking { client in
      var lines = first
      var after = ""
      while true {
        let count = min(RecordingPage.countMax, wanted - lines.count)
        let page = try await client.recordings(query: "?count=\(count)" + query + after)
        try show(try lines.next(page.recordings))
        guard let next = page.next, lines.count < wanted else {
          try show(lines.end())
          return (lines.count, page.next != nil)
        }
        after = "&after=\(percentEncoded(next))"
      }
    }
    if count == 0 { throw CommandFailure(.nothingFound, "no recordings") }
    if isMore && isForReading { complain("steno: there are more: --limit shows so many, and --limit 0 all") }
  }

  private func query() throws -> String {
    var given = [("user", user), ("host", host), ("state", state)]
    given.append(("since", try since.map { try givenTime($0, "--since", isUTC: utc) }))
    given.append(("until", try until.map { try givenTime($0, "--until", isEnd: true, isUTC: utc) }))
    given.append(("sort", sort?.rawValue))
    if reverse { given.append(("order", (sort ?? .start).isAscending ? "desc" : "asc")) }
    return given.compactMap { name, value in value.map { "&\(name)=\(percentEncoded($0))" } }.joined()
  }
}

extension RecordingSort: ExpressibleByArgument {}
