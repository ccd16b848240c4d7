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
    let incidents = try centre.asking { try await $0.incidents() }
    if json { return try show(try encoded(incidents)) }
    if incidents.isEmpty { throw CommandFailure(.nothingFound, "no incidents") }
    let rows = incidents.map { [shownTime($0.at, isUTC: utc), visible($0.host), visible($0.what)] }
    try show(Array(aligned([["TIME", "HOST", "WHAT"]] + rows).utf8))
  }
}
