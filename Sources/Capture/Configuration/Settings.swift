import Events
import Options

/// What a recorder is to do: the merged configuration as plain values, checked and within bounds.
package struct Settings: Sendable {
  /// The most that `payload` may ask for: a message is at most 1 MiB long, and has other fields.
  package static let payloadByteCountMax = MessageEncoder.payloadByteCountMax
  /// The most that any other number may ask for. It keeps seconds and bytes multiplied by 10⁹ within 64 bits.
  package static let numberMax = Int(Int32.max)

  /// Seconds that what was recorded may wait for more before it is logged; at least 1.
  package var latencySeconds: Int
  /// Bytes of timing and data that one message holds; 32 to ``payloadByteCountMax``.
  package var payloadByteCount: Int
  package var logsInput: Bool
  package var logsOutput: Bool
  package var logsWindow: Bool
  package var limit: Limit
  package var writer: Writer
  package var onFailure: OnFailure
  package var transfers: Transfers
  /// What a program prints before it wants a secret typed; compared without regard to the case of ASCII letters.
  package var secretPrompts: [[UInt8]]
  /// What the person is told before the session; empty for nothing.
  package var notice: [UInt8]
  /// The file to write `READY` to once recording has begun; `tlog-rec` only.
  package var semaphorePath: [UInt8]?
  package var command: Command

  /// How many bytes of messages may be logged.
  package struct Limit: Sendable {
    /// Bytes a second, 0 to ``Settings/numberMax``; above 0 when ``action`` is to wait.
    package var rate: Int
    /// Bytes by which a moment may exceed the rate, 0 to ``Settings/numberMax``.
    package var burst: Int
    package var action: LimitAction

    package init(rate: Int, burst: Int, action: LimitAction) {
      self.rate = rate
      self.burst = burst
      self.action = action
    }
  }

  /// Where messages go, with what only that place needs to know.
  package enum Writer: Sendable {
    case file(path: [UInt8])
    case syslog(facility: SyslogFacility, priority: SyslogPriority)
    case journal(priority: SyslogPriority, augment: Bool)
    /// The socket of the host's agent.
    case agent(path: [UInt8])
  }

  /// What is to be recorded, as asked for. ``ShellCommand`` says what to execute for it.
  package enum Command: Sendable {
    /// `tlog-rec`: a program with its arguments, searched for along `PATH`; none for the caller's own shell.
    case program([[UInt8]])
    /// `tlog-rec-session`.
    case shell(ShellRequest)
  }
}

/// How `tlog-rec-session` was asked to start the shell.
package struct ShellRequest: Sendable {
  /// As configured; may be empty, since SSSD sets an empty one for a person without a shell.
  package var path: [UInt8]
  package var isLogin: Bool
  /// The options for the shell, in their order, `-c` and `-i` among them.
  package var options: [[UInt8]]
  /// What came after the options: a script or, after `-c`, a command, and arguments.
  package var arguments: [[UInt8]]
  /// The whole command when it came as `-c COMMAND` and nothing else; what ``Transfers`` are told by.
  package var soleCommand: [UInt8]?
}
