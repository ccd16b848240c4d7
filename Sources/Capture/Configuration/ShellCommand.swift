import Options

/// Which program to execute for a request, under which name and with which arguments.
package struct ShellCommand: Sendable {
  /// The program's path, or its name when ``isSearched``.
  package let path: [UInt8]
  /// From `argv[0]` on.
  package let arguments: [[UInt8]]
  /// The program is looked for along `PATH`, as execvp(3) does.
  package let isSearched: Bool
  /// What `SHELL` is to be in the program's environment; nil leaves it alone.
  package let shellVariable: [UInt8]?

  /// - Parameters:
  ///   - callerShell: `SHELL` in the caller's environment; nil when it is not set.
  ///   - accountShell: The shell that the user database gives the person; nil when it knows none. Asked only when needed.
  package init(for command: Settings.Command, callerShell: [UInt8]?, accountShell: () -> [UInt8]?) {
    switch command {
    case .program(let words):
      let shell = words.isEmpty ? Self.firstUsable(callerShell, accountShell) : nil
      path = shell ?? words[0]
      arguments = shell.map { [$0] } ?? words
      isSearched = true
      shellVariable = shell
    case .shell(let request):
      path = Self.firstUsable(request.path, accountShell)
      let dash = request.isLogin ? [UInt8(ascii: "-")] : []
      let name = dash + (request.isLogin ? Self.lastComponent(path) : path)
      arguments = [name] + request.options + request.arguments
      isSearched = false
      shellVariable = path
    }
  }

  /// The shell asked for, unless it is empty, as SSSD leaves it for a person without one, or is the recorder itself, which
  /// would start itself for ever. Then the account's on the same terms, and else the one that every system has.
  private static func firstUsable(_ asked: [UInt8]?, _ accountShell: () -> [UInt8]?) -> [UInt8] {
    if let asked, isUsable(asked) { return asked }
    if let account = accountShell(), isUsable(account) { return account }
    return [UInt8]("/bin/sh")
  }

  private static func isUsable(_ shell: [UInt8]) -> Bool {
    !shell.isEmpty && !lastComponent(shell).hasPrefix(Program.session.name)
  }

  private static func lastComponent(_ path: [UInt8]) -> [UInt8] {
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return [UInt8](path[(slash + 1)...])
  }
}
