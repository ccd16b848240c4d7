/// What format 2.4 adds to a recording beside its data: how it began, what is missing from it, how it ended.
///
/// Each is the body of a message of its own kind, and of a spool frame. Texts are bounded by whoever fills them in
/// (``RecordingHeader/fieldByteCountMax``).

/// The body of a `start` message.
package struct SessionStart: Equatable, Sendable {
  /// Who is recorded, by number: the real user id when the recorder was started.
  package var user: UInt32
  /// Who logged in, /proc/self/loginuid; 4294967295 when the kernel keeps none.
  package var loginUser: UInt32
  /// The recording in whose terminal this one was started; empty when none.
  package var parent: [UInt8]
  /// The inner terminal, `/dev/pts/N`; empty when the session runs on pipes.
  package var terminal: [UInt8]
  /// What is run: the words of the command line, joined by spaces.
  package var command: [UInt8]
  /// Who vouches for the above: `self-reported`, or what the agent makes of it.
  package var trust: [UInt8]
  /// What keeps the person from their own outer terminal (docs/threat-model.md): `none`, `exclusive` or `taken`.
  package var terminalGuard: [UInt8]

  package init(
    user: UInt32, loginUser: UInt32, parent: [UInt8], terminal: [UInt8], command: [UInt8], trust: [UInt8],
    terminalGuard: [UInt8]
  ) {
    self.user = user
    self.loginUser = loginUser
    self.parent = parent
    self.terminal = terminal
    self.command = command
    self.trust = trust
    self.terminalGuard = terminalGuard
  }
}

/// The `lost` of a `gap` message: what a recording does not hold.
package struct Loss: Equatable, Sendable {
  /// Milliseconds since the start of the recording, first and last event that was lost.
  package var fromMilliseconds: UInt64
  package var toMilliseconds: UInt64
  /// Bytes of input and output that were lost.
  package var byteCount: UInt64
  /// One or two words: `limit`, or what the sink said.
  package var why: [UInt8]

  package init(fromMilliseconds: UInt64, toMilliseconds: UInt64, byteCount: UInt64, why: [UInt8]) {
    self.fromMilliseconds = fromMilliseconds
    self.toMilliseconds = toMilliseconds
    self.byteCount = byteCount
    self.why = why
  }
}

/// The body of an `end` message. A recording without one is *abandoned*.
package struct SessionEnd: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    case exit(code: UInt8)
    case signal(number: UInt8)
    /// The session ended before the program did.
    case unknown
  }

  /// Why there is no more.
  package enum Why: UInt8, Sendable {
    /// The program ended.
    case exit = 1
    /// The person's terminal was hung up.
    case hangup = 2
    /// Somebody with the right to do so ended the session.
    case ended = 3
    /// The recorder was killed; said by the agent.
    case killed = 4
    /// The recorder answers no more; said by the agent.
    case stalled = 5
    /// The host went down; said by the agent after it came up again.
    case hostDown = 6
    /// There was no place to write to, and the session was not to go on without.
    case failed = 7
    /// The spool file is not as a recorder writes it; said by the agent.
    case tampered = 8

    package var name: StaticString {
      switch self {
      case .exit: "exit"
      case .hangup: "hangup"
      case .ended: "ended"
      case .killed: "killed"
      case .stalled: "stalled"
      case .hostDown: "host-down"
      case .failed: "failed"
      case .tampered: "tampered"
      }
    }
  }

  package var outcome: Outcome
  package var why: Why
  /// Bytes that crossed the recorder, recorded or not.
  package var inputByteCount: UInt64
  package var outputByteCount: UInt64

  package init(outcome: Outcome, why: Why, inputByteCount: UInt64, outputByteCount: UInt64) {
    self.outcome = outcome
    self.why = why
    self.inputByteCount = inputByteCount
    self.outputByteCount = outputByteCount
  }
}

// MARK: - As fields of a message: each appends what its kind adds, every field after a comma.

extension ByteBuilder {
  package mutating func append(fieldsOf start: SessionStart) {
    append(",\"uid\":")
    append(decimal: UInt64(start.user))
    append(",\"loginuid\":")
    append(decimal: UInt64(start.loginUser))
    append(",\"parent\":")
    append(jsonString: start.parent)
    append(",\"tty\":")
    append(jsonString: start.terminal)
    append(",\"cmd\":")
    append(jsonString: start.command)
    append(",\"trust\":")
    append(jsonString: start.trust)
    append(",\"guard\":")
    append(jsonString: start.terminalGuard)
  }

  package mutating func append(fieldsOf loss: Loss) {
    append(",\"lost\":{\"from\":")
    append(decimal: loss.fromMilliseconds)
    append(",\"to\":")
    append(decimal: loss.toMilliseconds)
    append(",\"bytes\":")
    append(decimal: loss.byteCount)
    append(",\"why\":")
    append(jsonString: loss.why)
    append("}")
  }

  package mutating func append(fieldsOf end: SessionEnd) {
    switch end.outcome {
    case .exit(let code):
      append(",\"exit\":")
      append(decimal: UInt64(code))
    case .signal(let number):
      append(",\"signal\":")
      append(decimal: UInt64(number))
    case .unknown: break
    }
    append(",\"why\":\"")
    append(end.why.name)
    append("\",\"in_bytes\":")
    append(decimal: end.inputByteCount)
    append(",\"out_bytes\":")
    append(decimal: end.outputByteCount)
  }
}
