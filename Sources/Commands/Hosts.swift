import API
package import ArgumentParser
import Client
import SystemCalls

/// `steno hosts`: who is enrolled at a centre.
package struct Hosts: ParsableCommand {
  package static let configuration = CommandConfiguration(abstract: "List a centre's hosts.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "An array of objects.")
  package var json = false
  @Flag(help: "Times in UTC.")
  package var utc = false

  package init() {}

  package func run() throws {
    let hosts = try centre.asking { try await $0.hosts() }
    if json { return try show(try encoded(hosts)) }
    if hosts.isEmpty { throw CommandFailure(.nothingFound, "no hosts") }
    let rows = hosts.map {
      [
        visible($0.name), $0.state, shownTime($0.enrolled, isUTC: utc),
        $0.seen.map { shownTime($0, isUTC: utc) } ?? "never", String($0.live),
        $0.clockMilliseconds.map { shownSkew($0) } ?? "",
      ]
    }
    try show(Array(aligned([["HOST", "STATE", "ENROLLED", "SEEN", "LIVE", "CLOCK"]] + rows).utf8))
  }
}
