import CSystem
import Events
import System

extension Recorder {
  /// All that a recorder program does once its caller's state is in order.
  ///
  /// - Returns: The exit status. A recorder that was ended by a signal does not return, but dies of it.
  package static func main(_ program: Program) -> Int32 {
    do throws(Failure) {
      switch try Invocation.make(from: sources(program), arguments: Process.arguments) {
      case .print(let text):
        say(text, on: 1)
        return 0
      case .record(let settings):
        return try Recorder(program, settings).run()
      }
    } catch {
      tell(error)
      return failureStatus
    }
  }

  private static func sources(_ program: Program) -> ConfigurationSources {
    let ids = Process.ids
    return ConfigurationSources(
      program: program, environment: Process.environment,
      isPrivileged: ids.effective_user != ids.real_user || ids.effective_group != ids.real_group,
      readFile: ConfigurationFile.read)
  }

  private static func tell(_ failure: Failure) {
    var text = ByteBuilder(capacity: 256)
    for line in failure.lines {
      text.append(line)
      text.append("\n")
    }
    say(text.array)
  }
}
