import API
import Access
import Archive
import ArgumentParser
import Foundation

/// Prints a link that signs in once.
struct Link: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link", abstract: "Print a link that signs in a browser once, within an hour.")

  @OptionGroup var data: DataOption
  @Option(name: .long, help: "admin or auditor.")
  var role = "admin"

  func run() throws {
    guard let role = AccessRole(rawValue: role), role != .viewer else {
      throw ValidationError("role is admin or auditor; a viewer has an account")
    }
    let directory = try data.directory()
    // Written by `stenod serve`; without it nobody has served yet, and the link begins with a name to be replaced.
    let place = try directory.text("address") ?? "CENTRE:8443"
    let token = try directory.openArchive().makeLink(role: role, now: milliseconds(of: Date()))
    try show("https://\(place)/#link=\(token)")
  }
}
