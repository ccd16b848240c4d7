package import ArgumentParser
import Events
import Foundation
import Options
import Synchronization

/// The `steno` program: looks at recordings, those of a centre and those in files here.
package struct Steno: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "steno", abstract: "Look at recordings, at a centre or in files.",
    version: "steno \(String(decoding: bytes(Version.number), as: UTF8.self))",
    subcommands: [Ls.self, Show.self, Play.self, Export.self, Hosts.self, Incidents.self, Admin.self])

  package init() {}

  /// Runs the command that `arguments` say.
  ///
  /// Call it on the main thread and before there are others: a player waits on the thread that calls it, and takes its
  /// signals there.
  /// - Returns: How the program ends (``CommandExit``).
  package static func run(_ arguments: [String]) -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      return 0
    } catch let code as ExitCode {
      return code.rawValue
    } catch let failure as CommandFailure {
      complain("steno: \(failure)")
      return failure.exit.rawValue
    } catch {
      guard exitCode(for: error) == .success else {
        complain(fullMessage(for: error))
        return CommandExit.usage.rawValue
      }
      // Not by print(_:), whose buffer nobody writes out at the program's end.
      try? show(Array((fullMessage(for: error) + "\n").utf8))
      return 0
    }
  }
}

/// What `steno` ends with (beside 0 and 128 + a signal's number).
package enum CommandExit: Int32, Sendable {
  case failed = 1
  case usage = 2
  case nothingFound = 3
  /// What was asked for is there, and something of it is missing or not as it was recorded.
  case incomplete = 4
  case notAllowed = 5
  case unreachable = 6
}

/// Why a command was not done: a sentence for people, and how the program ends.
struct CommandFailure: Error, CustomStringConvertible {
  let exit: CommandExit
  let description: String

  init(_ exit: CommandExit, _ description: String) {
    self.exit = exit
    self.description = description
  }
}

/// Runs a command's work, which asks a centre, and waits for it.
func waiting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
  let outcome = Outcome<Value>()
  Task.detached {
    do { outcome.set(.success(try await work())) } catch { outcome.set(.failure(error)) }
  }
  return try outcome.wait().get()
}

/// What a task leaves for a thread that waits.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  func set(_ value: Result<Value, any Error>) {
    result.withLock { $0 = value }
    done.signal()
  }

  func wait() -> Result<Value, any Error> {
    done.wait()
    return result.withLock { $0 } ?? .failure(CommandFailure(.failed, "the work was not done"))
  }
}

func complain(_ sentence: String) { FileHandle.standardError.write(Data((sentence + "\n").utf8)) }

func show(_ bytes: [UInt8]) throws { try FileHandle.standardOutput.write(contentsOf: Data(bytes)) }
