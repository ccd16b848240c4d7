import CSys
import Events
import Options
import SystemCalls

extension Recorder {
  /// All that a recorder program does once its caller's state is in order.
  ///
  /// - Returns: The exit status. A recorder that was ended by a signal does not return, but dies of it.
  package static func main(_ program: Program) -> Int32 {
    do throws(Failure) {
      switch try invocation(program) {
      case .print(let text):
        do throws(OutputError) { try show(text) } catch { Process.exit(program.name, after: error) }
        return 0
      case .record(let settings):
        return try Recorder(program, settings).run()
      }
    } catch {
      tell(error)
      return failureStatus
    }
  }

  /// A broken configuration refuses the login, as with tlog, but not to those who must be able to mend it: they are
  /// recorded as if there were none.
  private static func invocation(_ program: Program) throws(Failure) -> Invocation {
    do throws(Failure) {
      return try Invocation.make(from: sources(program, ConfigurationFile.read), arguments: Process.arguments)
    } catch {
      guard FailurePolicy.isNeverRefused(program, Process.ids.real_user), !error.isCallersDoing else { throw error }
      tell(error.adding("Recording with the built-in configuration"))
      return try Invocation.make(from: sources(program) { _ in nil }, arguments: Process.arguments)
    }
  }

  private static func sources(
    _ program: Program, _ readFile: @escaping ConfigurationFile.Reader
  ) -> ConfigurationSources {
    let ids = Process.ids
    return ConfigurationSources(
      program: program, environment: Process.environment,
      isPrivileged: ids.effective_user != ids.real_user || ids.effective_group != ids.real_group,
      readFile: readFile)
  }

  private static func tell(_ failure: Failure) {
    var text = ByteBuilder(capacity: 256)
    for line in failure.lines {
      text.append(line)
      text.append("\n")
    }
    say(text.array, patience: Recorder.patienceMilliseconds)
  }
}
