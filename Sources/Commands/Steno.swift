import API
package import ArgumentParser
import Dispatch
import Events
import Options
import Playback
import Synchronization
import SystemCalls

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
    } catch let error as OutputError {
      SystemCalls.Process.exit("steno", after: error)
    } catch let failure as CommandFailure {
      complain("steno: \(failure.sentence)")
      return failure.exit.rawValue
    } catch {
      switch exitCode(for: error) {
      case .success: return PlayMain.print(Array((fullMessage(for: error) + "\n").utf8), as: "steno")
      case .validationFailure:
        complain(fullMessage(for: error))
        return CommandExit.usage.rawValue
      default:
        complain("steno: \(sentence(of: error))")
        return CommandExit.failed.rawValue
      }
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
struct CommandFailure: DescribedError {
  let exit: CommandExit
  let sentence: String

  init(_ exit: CommandExit, _ sentence: String) {
    self.exit = exit
    self.sentence = sentence
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

func complain(_ line: String) { SystemCalls.complain(Array((line + "\n").utf8)) }
