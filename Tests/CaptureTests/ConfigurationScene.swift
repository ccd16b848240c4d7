import Capture
import Options
import SystemCalls

/// One call of a recorder as far as its configuration goes, with files that exist in the test only.
struct ConfigurationScene {
  var program = Program.rec
  /// `argv`, the program's name included.
  var arguments = ["tlog-rec"]
  var environment: [String] = []
  var isPrivileged = false
  var files: [String: String] = [:]
  /// Files that others than root can write.
  var untrusted: Set<String> = []
  /// Files whose reading fails, with errno(3).
  var broken: [String: Int32] = [:]

  static func rec(_ arguments: String..., environment: [String] = []) -> ConfigurationScene {
    ConfigurationScene(arguments: ["tlog-rec"] + arguments, environment: environment)
  }

  static func session(
    _ arguments: String..., name: String = "tlog-rec-session", environment: [String] = []
  ) -> ConfigurationScene {
    ConfigurationScene(program: .session, arguments: [name] + arguments, environment: environment)
  }

  var sources: ConfigurationSources {
    ConfigurationSources(
      program: program, environment: environment.map { [UInt8]($0.utf8) }, isPrivileged: isPrivileged
    ) { path throws(SystemError) in
      let name = String(decoding: path, as: UTF8.self)
      if let code = broken[name] { throw SystemError("open", path: path, code: code) }
      guard let text = files[name] else { return nil }
      return ConfigurationFile(bytes: [UInt8](text.utf8), isAdministrators: !untrusted.contains(name))
    }
  }

  func invocation() throws(Failure) -> Invocation {
    try Invocation.make(from: sources, arguments: arguments.map { [UInt8]($0.utf8) })
  }

  /// What is to be recorded, and how; nil when something else was asked for, or refused.
  var settings: Settings? {
    guard case .record(let settings)? = try? invocation() else { return nil }
    return settings
  }

  /// What goes to standard output; nil when nothing is printed.
  var output: String? {
    guard case .print(let bytes)? = try? invocation() else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The lines on standard error; none when nothing is wrong.
  var errors: [String] {
    do throws(Failure) {
      _ = try invocation()
      return []
    } catch {
      return error.lines.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// What is executed in the end.
  func shellCommand(callerShell: String? = nil, accountShell: String? = nil) -> ShellCommand? {
    guard let settings else { return nil }
    return ShellCommand(for: settings.command, callerShell: callerShell.map { [UInt8]($0.utf8) }) {
      accountShell.map { [UInt8]($0.utf8) }
    }
  }
}

/// Bytes as a person reads them, so that a failed expectation shows words.
func words(_ list: [[UInt8]]) -> [String] { list.map { String(decoding: $0, as: UTF8.self) } }
