import API
package import ArgumentParser
import Client
import SystemCalls

/// `steno incidents`: what a centre noted that somebody should look into.
package struct Incidents: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "List what somebody should look into, the newest first.",
    discussion: "Join tokens that were used twice, ledgers that do not fit, recordings that are not what a host sent.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "An array of objects.")
  package var json = false
  @Flag(help: "Times in UTC.")
  package var utc = false

  package init() {}

  package func run() throws {
    let count = try centre.asking { [json, utc] client in
      var lines = TableOrArray<Incident>(
        isJSON: json, headings: ["TIME", "HOST", "WHAT"],
        row: { [shownTime($0.at, isUTC: utc), visible($0.host), visible($0.what)] })
      var page = try await client.incidents()
      try show(try lines.next(page.incidents))
      while let next = page.next {
        page = try await client.incidents(after: next)
        try show(try lines.next(page.incidents))
      }
      try show(lines.end())
      return lines.count
    }
    if count == 0 { throw CommandFailure(.nothingFound, "no incidents") }
  }
}
