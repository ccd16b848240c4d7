import Archive
import ArgumentParser
import Fleet
import Foundation
import Identity
import Logging
import ServiceLifecycle
import Web

@main
enum Main {
  static func main() async {
    do {
      var command = try Stenod.parseAsRoot()
      if var long = command as? any AsyncParsableCommand { try await long.run() } else { try command.run() }
    } catch let failure as Failure {
      complain("stenod: \(failure)")
      exit(1)
    } catch {
      let isUsage = Stenod.exitCode(for: error) == .validationFailure
      guard isUsage || Stenod.exitCode(for: error) == .success else {
        complain("stenod: \(error)")
        exit(1)
      }
      if isUsage {
        complain(Stenod.fullMessage(for: error))
        exit(2)
      }
      print(Stenod.fullMessage(for: error))
    }
  }

  private static func complain(_ sentence: String) { FileHandle.standardError.write(Data((sentence + "\n").utf8)) }
}

/// The centre: takes messages from hosts, keeps them, shows them to those who may see them.
struct Stenod: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stenod", abstract: "Keep the recordings of many hosts.",
    subcommands: [Serve.self, JoinToken.self, Token.self, Link.self, Revoke.self, Backup.self],
    defaultSubcommand: Serve.self)
}

/// Where the centre keeps everything.
struct DataOption: ParsableArguments {
  @Option(name: .long, help: "Directory of everything that the centre keeps.")
  var data: String

  func directory() throws -> DataDirectory {
    do {
      return try DataDirectory(URL(fileURLWithPath: data, isDirectory: true))
    } catch let failure as Failure {
      throw Failure("\(data): \(failure)")
    } catch {
      throw Failure("\(data): \(error.localizedDescription)")
    }
  }
}

/// What ends a command: printed as `stenod: why`.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func milliseconds(of date: Date) -> Int64 { Int64(date.timeIntervalSince1970 * 1000) }
