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
    let place = (try? String(contentsOf: directory.file("address"), encoding: .utf8)) ?? "CENTRE:8443"
    let token = try directory.openArchive().makeLink(role: role, now: milliseconds(of: Date()))
    print("https://\(place)/#link=\(token)")
  }
}

/// Accounts of this centre's own.
struct User: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Accounts for people with a browser.",
    subcommands: [Add.self, Remove.self, List.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an account, or change it; the password is read from standard input.")

    @OptionGroup var data: DataOption
    @OptionGroup var rights: RightsOption
    @Option(name: .long, help: "Letters, digits, and . - _ @.")
    var name: String

    func run() throws {
      guard Archive.isUserName(name) else {
        throw ValidationError("a name has letters, digits, and . - _ @, and is not link or local")
      }
      let (role, scope) = try rights.checked()
      let password = try readPassword()
      guard Archive.passwordByteCounts.contains(password.utf8.count) else {
        throw Failure("a password has \(Archive.passwordByteCounts.lowerBound) bytes or more")
      }
      try data.directory().openArchive().setUser(
        name, password: password, role: role, scope: scope, now: milliseconds(of: Date()))
    }

    /// One line; on a terminal without echo.
    private func readPassword() throws -> String {
      guard isatty(0) == 1 else { return readLine() ?? "" }
      guard let text = getpass("password: ") else { throw Failure("no password") }
      return String(cString: text)
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take an account away, and sign it out.")

    @OptionGroup var data: DataOption
    @Option(name: .long, help: "Its name.")
    var name: String

    func run() throws {
      guard try data.directory().openArchive().removeUser(name) else { throw Failure("no such account") }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List accounts and tokens, their roles and limits.")

    @OptionGroup var data: DataOption

    func run() throws {
      let archive = try data.directory().openArchive()
      for user in try archive.users() { print(line(user.name, "\(user.role)", user.scope)) }
      for token in try archive.accessTokens() {
        print(line("token:" + token.name, token.role, token.scope) + "\tmade \(timestamp(milliseconds: token.made))")
      }
    }

    private func line(_ name: String, _ role: String, _ scope: Scope) -> String {
      let hosts = scope.hosts.isEmpty ? "*" : scope.hosts.joined(separator: ",")
      let users = scope.users.isEmpty ? "*" : scope.users.joined(separator: ",")
      return "\(name)\t\(role)\thosts \(hosts)\tusers \(users)"
    }
  }
}
