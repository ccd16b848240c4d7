import API
import Archive
import ArgumentParser
import Fleet
import Foundation
import Identity
import Logging
import ServiceLifecycle
import SystemCalls
import Web

@main
enum Main {
  static func main() async {
    do {
      var command = try Stenod.parseAsRoot()
      if var long = command as? any AsyncParsableCommand { try await long.run() } else { try command.run() }
    } catch let error as OutputError {
      SystemCalls.Process.exit("stenod", after: error)
    } catch {
      switch Stenod.exitCode(for: error) {
      case .success: print(Stenod.fullMessage(for: error))
      case .validationFailure:
        complain(Stenod.fullMessage(for: error))
        exit(2)
      default:
        complain("stenod: \(sentence(of: error))")
        exit(1)
      }
    }
  }

  /// What was asked for instead of work, such as `--help`.
  private static func print(_ text: String) {
    do throws(OutputError) { try show(text) } catch { SystemCalls.Process.exit("stenod", after: error) }
  }
}

/// Prints a line on standard output.
func show(_ line: String) throws(OutputError) { try SystemCalls.show(Array((line + "\n").utf8)) }

func complain(_ line: String) { SystemCalls.complain(Array((line + "\n").utf8)) }

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
      throw Failure("\(data): \(failure.sentence)")
    }
  }
}

/// What ends a command: printed as `stenod: why`.
struct Failure: DescribedError {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}

func milliseconds(of date: Date) -> Int64 { Int64(date.timeIntervalSince1970 * 1000) }
