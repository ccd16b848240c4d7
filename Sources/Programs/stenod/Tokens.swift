import API
import Access
import Archive
import ArgumentParser
import Fleet
import Foundation
import Identity

/// Prints a token with which a host may enrol, and nothing else.
struct JoinToken: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join-token", abstract: "Print a token with which a host may join once, within an hour.")

  @OptionGroup var data: DataOption
  @Option(name: .long, help: "Name of the host, as its messages say it.")
  var host: String
  @Flag(name: .long, help: "The host may be enrolled already; its old key ends.")
  var replace = false

  func run() throws {
    guard HostCertificate.isHostName(host) else { throw ValidationError("not a host name") }
    let archive = try data.directory().openArchive()
    try show(try archive.makeJoinToken(host: host, replaces: replace, now: milliseconds(of: Date())))
  }
}

/// Prints an access token, and nothing else.
struct Token: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Print a token for the steno command and scripts.")

  @OptionGroup var data: DataOption
  @OptionGroup var rights: RightsOption
  @Option(name: .long, help: "What the audit list calls whoever uses it.")
  var name = "token"

  func run() throws {
    guard Archive.isUserName(name) else {
      throw ValidationError("a name has letters, digits, and . - _ @, and is not link or local")
    }
    let archive = try data.directory().openArchive()
    let (role, scope) = try rights.checked()
    try show(try archive.makeAccessToken(role: role, name: name, scope: scope, now: milliseconds(of: Date())))
  }
}

/// Role and limits of a token or an account.
struct RightsOption: ParsableArguments {
  @Option(name: .long, help: "admin, auditor or viewer.")
  var role: String
  @Option(
    name: .long, help: "Of a viewer: hosts that may be seen, a pattern (* ? [a-z]). May be given again; none: all.")
  var hosts: [String] = []
  @Option(name: .long, help: "Of a viewer: users that may be seen, a pattern. May be given again; none: all.")
  var users: [String] = []

  func checked() throws -> (AccessRole, Scope) {
    guard let role = AccessRole(rawValue: role) else { throw ValidationError("role is admin, auditor or viewer") }
    guard role == .viewer || hosts.isEmpty && users.isEmpty else {
      throw ValidationError("only a viewer is limited to hosts and users")
    }
    return (role, Scope(hosts: hosts, users: users))
  }
}

/// From the next batch on, nothing is taken from the host; from the next request on, a token is not known.
struct Revoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take nothing more from a host, or take tokens away.")

  @OptionGroup var data: DataOption
  @Option(name: .long, help: "Name of the host.")
  var host: String?
  @Option(name: .long, help: "Name of the tokens.")
  var token: String?

  func validate() throws {
    guard (host == nil) != (token == nil) else { throw ValidationError("say --host or --token") }
  }

  func run() async throws {
    let directory = try data.directory()
    let archive = try directory.openArchive()
    if let token {
      guard try archive.removeAccessTokens(named: token) > 0 else { throw Failure("no token of that name") }
    }
    guard let host else { return }
    try await Fleet(archive: archive, authority: try directory.authority(now: Date())).revoke(host)
  }
}
