import Archive
import ArgumentParser
import Fleet
import Foundation
import Identity
import Logging
import ServiceLifecycle
import Web

/// The centre: takes messages from hosts, keeps them, shows them to those who may see them.
@main
struct Stenod: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stenod", abstract: "Keep the recordings of many hosts.",
    subcommands: [Serve.self, JoinToken.self, Token.self, Link.self, User.self, Revoke.self],
    defaultSubcommand: Serve.self)
}

/// Where the centre keeps everything.
struct DataOption: ParsableArguments {
  @Option(name: .long, help: "Directory of everything that the centre keeps.")
  var data: String

  func directory() throws -> DataDirectory {
    do {
      return try DataDirectory(URL(fileURLWithPath: data, isDirectory: true))
    } catch {
      throw Failure("\(data): \(error)")
    }
  }
}

/// What ends a command: printed as `stenod: why`.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func milliseconds(of date: Date) -> Int64 { Int64(date.timeIntervalSince1970 * 1000) }
