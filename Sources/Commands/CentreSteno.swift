package import ArgumentParser

/// The part of `steno` that asks a centre.
package struct CentreSteno: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "steno", abstract: "Look at recordings at a centre.",
    subcommands: [CentreLs.self, CentreShow.self, CentreExport.self, CentreHosts.self])

  package init() {}

  /// Runs the command that `arguments` say, and returns how the program ends: 2 where they cannot be understood.
  package static func status(_ arguments: [String]) async -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return 0
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      guard exitCode(for: error) == .success else {
        complain(fullMessage(for: error))
        return CommandExit.usage.rawValue
      }
      print(fullMessage(for: error))
      return 0
    }
  }
}
