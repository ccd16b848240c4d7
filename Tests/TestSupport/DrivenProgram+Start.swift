import CTestSupport
import Glibc

/// What stands between the words of a command line and a running process.
extension DrivenProgram {
  /// - Returns: The driver's end, or -1, and the program's, or -1.
  static func open(_ input: Input) throws -> (Int32, Int32) {
    switch input {
    case .closed: return (-1, -1)
    case .file(let path): return (-1, try openFile(path, O_RDONLY))
    case .pipe:
      var near: Int32 = -1
      var far: Int32 = -1
      guard ctest_pipe_to(&near, &far) == 0 else { throw Surroundings.Trouble("pipe", errno) }
      return (near, far)
    }
  }

  static func open(_ output: Output) throws -> (Int32, Int32) {
    switch output {
    case .closed: return (-1, -1)
    case .file(let path): return (-1, try openFile(path, O_WRONLY | O_CREAT | O_APPEND))
    case .descriptor(let own):
      let far = fcntl(own, F_DUPFD_CLOEXEC, 3)
      guard far >= 0 else { throw Surroundings.Trouble("fcntl", errno) }
      return (-1, far)
    case .pipe:
      var near: Int32 = -1
      var far: Int32 = -1
      guard ctest_pipe_from(&near, &far) == 0 else { throw Surroundings.Trouble("pipe", errno) }
      return (near, far)
    }
  }

  private static func openFile(_ path: String, _ flags: Int32) throws -> Int32 {
    let fd = Glibc.open(path, flags | O_CLOEXEC, 0o600)
    if fd < 0 { throw Surroundings.Trouble(path, errno) }
    return fd
  }

  static func spawn(
    _ arguments: [String], _ environment: [String: String?], _ directory: String, _ standard: [Int32], terminal: Bool
  ) throws -> Int32 {
    let words = arguments.map { strdup($0) } + [nil]
    let variables = Surroundings.environment(adding: environment).map { strdup($0) } + [nil]
    defer { for word in words + variables { free(word) } }
    let pid = words.withUnsafeBufferPointer { words in
      variables.withUnsafeBufferPointer { variables in
        directory.withCString { directory in
          var process = ctest_process()
          process.path = UnsafePointer(words[0])
          process.arguments = words.baseAddress
          process.environment = variables.baseAddress
          process.directory = directory
          process.standard = (standard[0], standard[1], standard[2])
          process.terminal = terminal
          return ctest_spawn(&process)
        }
      }
    }
    if pid < 0 { throw Surroundings.Trouble("start \(arguments[0])", errno) }
    return pid
  }
}
