import CSys
import Events
import Options
import SystemCalls

/// The program that a session is about, ready to be started.
struct Shell {
  /// Set when the whole session is a file transfer that is recorded in summary, or not at all.
  let transfer: TransferTally?
  /// Whether it is a shell that takes its commands from the person: given neither a command nor a script.
  let isInteractive: Bool
  private let command: ShellCommand
  private let environment: [[UInt8]]

  /// - Parameter user: The person, looked up only when nothing else says what to start.
  init(_ settings: Settings, user: UInt32) {
    let command = ShellCommand(for: settings.command, callerShell: Process.variable("SHELL")) {
      Person(user: user)?.shell
    }
    isInteractive =
      switch settings.command {
      case .program(let words): words.isEmpty
      case .shell(let request): request.arguments.isEmpty
      }
    var environment = Process.environment
    if let shell = command.shellVariable {
      environment.removeAll { $0.hasPrefix("SHELL=") }
      environment.append(bytes("SHELL=") + shell)
    }
    if let transfer = Self.transfer(settings, shell: command.path) {
      self.transfer = TransferTally(
        transfer.form, settings.transfers, logsInput: settings.logsInput, logsOutput: settings.logsOutput)
      self.command = ShellCommand(executing: transfer.arguments)
      self.environment = TransferForm.environment(from: environment)
    } else {
      transfer = nil
      self.command = command
      self.environment = environment
    }
  }

  /// A transfer is told by its command and the shell that would run it, and only where there is no terminal.
  private static func transfer(_ settings: Settings, shell: [UInt8]) -> TransferCommand? {
    guard settings.transfers != .full, case .shell(let request) = settings.command, let command = request.soleCommand
    else { return nil }
    for standard: Int32 in 0..<3 where csys_is_terminal(standard) { return nil }
    return TransferForm.parse(command, shell: shell)
  }

  /// The words of the command line, joined by spaces.
  var words: [UInt8] {
    var words = ByteBuilder(capacity: 64)
    for argument in command.arguments {
      if !words.isEmpty { words.append(" ") }
      words.append(argument)
    }
    return words.array
  }

  /// The program, to run with the person's own ids.
  func start(_ ids: csys_ids) -> ProgramStart {
    ProgramStart(
      path: command.path, isSearched: command.isSearched, arguments: command.arguments, environment: environment,
      user: ids.real_user, group: ids.real_group)
  }
}

extension ShellCommand {
  /// A program by its absolute path, with nothing between.
  fileprivate init(executing arguments: [[UInt8]]) {
    path = arguments[0]
    self.arguments = arguments
    isSearched = false
    shellVariable = nil
  }
}
