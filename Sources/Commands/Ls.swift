import API
package import ArgumentParser
import Client
import Foundation
import Playback

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
  @Option(help: "Begun at or after this time (RFC 3339, or a date).")
  package var since: String?
  @Option(help: "Begun before this time.")
  package var until: String?
  @Argument(help: "Files of messages, spool files, and directories of them.")
  package var files: [String] = []

  package init() {}

  package func validate() throws {
    if journal && !files.isEmpty { throw ValidationError("either files, or --journal") }
    if namespace != nil && !journal { throw ValidationError("only the journal has namespaces") }
    let isLocal = journal || !files.isEmpty
    if isLocal && [user, host, state, since, until].contains(where: { $0 != nil }) {
      throw ValidationError("files and the journal are listed whole: --user and the like ask a centre")
    }
  }

  package func run() throws {
    if journal || !files.isEmpty {
      return try listLocal(
        journal ? .journal(namespace: namespace.map { Array($0.utf8) }) : .files(files.map { Array($0.utf8) }))
    }
    let found = try recordings()
    if json {
      try show(found.isEmpty ? Array("[]\n".utf8) : try encoded(found))
    } else if !found.isEmpty {
      try show(Array(table(found).utf8))
    }
    if found.isEmpty { throw CommandFailure(.nothingFound, "no recordings") }
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

  private func table(_ found: [RecordingSummary]) -> String {
    let rows = found.map {
      [
        $0.id, shownTime($0.start, isUTC: utc), shownDuration($0.durationMilliseconds), visible($0.user),
        visible($0.host), $0.state.rawValue, String($0.bytes),
      ]
    }
    return aligned([["ID", "START", "DURATION", "USER", "HOST", "STATE", "BYTES"]] + rows)
  }

  private func recordings() throws -> [RecordingSummary] {
    let words = [("user", user), ("host", host), ("state", state), ("since", since), ("until", until)]
    let given = words.compactMap { name, value in value.map { "&\(name)=\(percentEncoded($0))" } }.joined()
    return try centre.asking { client in
      var all: [RecordingSummary] = []
      var after = ""
      while true {
        let page = try await client.recordings(query: "?count=\(RecordingPage.countMax)" + given + after)
        all += page.recordings
        guard let next = page.next else { return all }
        after = "&after=\(percentEncoded(next))"
      }
    }
  }
}
