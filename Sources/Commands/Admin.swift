import API
package import ArgumentParser
import Client
import Glibc
import SystemCalls

/// `steno admin`: who may come in at a centre.
package struct Admin: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Look after a centre.", subcommands: [UserCommands.self])

  package init() {}

  package struct UserCommands: ParsableCommand {
    package static let configuration = CommandConfiguration(
      commandName: "user", abstract: "Accounts for people with a browser.",
      subcommands: [AddUser.self, RemoveUser.self, ListUsers.self])

    package init() {}
  }
}

package struct AddUser: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make an account, or change it; the password is asked for, or read from a pipe.")

  @OptionGroup package var centre: CentreOptions
  @Argument(help: "Letters, digits, and . - _ @.")
  package var name: String
  @Option(name: .long, help: "admin, auditor or viewer.")
  package var role: String
  @Option(
    name: .long, help: "Of a viewer: hosts that may be seen, a pattern (* ? [a-z]). May be given again; none: all.")
  package var hosts: [String] = []
  @Option(name: .long, help: "Of a viewer: users that may be seen, a pattern. May be given again; none: all.")
  package var users: [String] = []

  package init() {}

  package func run() throws {
    let request = AccountRequest(password: try readPassword(), role: role, hosts: hosts, users: users)
    let name = percentEncoded(name)
    try centre.asking { try await $0.setAccount(name, request) }
  }

  /// One line; on a terminal without echo.
  private func readPassword() throws -> String {
    guard isatty(0) == 1 else { return readLine() ?? "" }
    guard let text = getpass("password: ") else { throw CommandFailure(.failed, "no password") }
    return String(cString: text)
  }
}

package struct RemoveUser: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take an account away, and sign it out.")

  @OptionGroup package var centre: CentreOptions
  @Argument(help: "Its name.")
  package var name: String

  package init() {}

  package func run() throws {
    let name = percentEncoded(name)
    try centre.asking { try await $0.removeAccount(name) }
  }
}

package struct ListUsers: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List accounts and tokens, their roles and limits.")

  @OptionGroup package var centre: CentreOptions
  @Flag(help: "An object with the arrays users and tokens.")
  package var json = false
  @Flag(help: "Times in UTC.")
  package var utc = false

  package init() {}

  package func run() throws {
    let accounts = try centre.asking { try await $0.accounts() }
    if json { return try show(try encoded(accounts)) }
    let rows = accounts.users.map { row($0.name, $0) } + accounts.tokens.map { row("token:" + $0.name, $0) }
    if rows.isEmpty { throw CommandFailure(.nothingFound, "no accounts and no tokens") }
    try show(Array(aligned([["NAME", "ROLE", "HOSTS", "USERS", "MADE"]] + rows).utf8))
  }

  private func row(_ name: String, _ account: Account) -> [String] {
    func patterns(_ patterns: [String]) -> String { patterns.isEmpty ? "*" : visible(patterns.joined(separator: ",")) }
    return [
      visible(name), account.role, patterns(account.hosts), patterns(account.users),
      shownTime(account.made, isUTC: utc),
    ]
  }
}
