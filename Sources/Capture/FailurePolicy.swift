import Events
package import Options
import SystemCalls

/// What is done when there is no place to write to: `on-failure`, and who is spared from it.
package struct FailurePolicy {
  package let program: Program
  package let onFailure: OnFailure
  private let isNeverRefused: Bool

  /// Who is never refused a login, beside root.
  private static var sparedGroup: StaticString { "steno-breakglass" }

  /// - Parameter user: The person, by number.
  package init(_ onFailure: OnFailure, program: Program, user: UInt32) {
    self.program = program
    isNeverRefused = Self.isNeverRefused(program, user)
    self.onFailure = onFailure == .refuse && isNeverRefused ? .warn : onFailure
  }

  /// Whether the person is root or in the group `steno-breakglass`: somebody must be able to log in and repair things.
  /// It is not for `tlog-rec`, which nobody needs to log in.
  package static func isNeverRefused(_ program: Program, _ user: UInt32) -> Bool {
    program == .session && (user == 0 || Person.isInGroup(sparedGroup))
  }

  /// Whether the session may go on in spite of `failure`; tells the person what they should know.
  ///
  /// What the person can bring about themselves is never waved through, or it would be their switch.
  package func permits(_ failure: Failure) -> Bool {
    let decision = failure.isCallersDoing && !isNeverRefused ? .refuse : onFailure
    switch decision {
    case .refuse: tell(failure, "the session ends, since it cannot be recorded")
    case .warn: tell(failure, "this session is not recorded now; it is tried again every 5 seconds")
    case .continue: break
    }
    return decision != .refuse
  }

  package func tellRecovery() {
    if onFailure == .warn { tell(nil, "this session is recorded again") }
  }

  /// The terminal may be raw: each line ends in CR LF, which does no harm elsewhere.
  private func tell(_ failure: Failure?, _ what: StaticString) {
    var text = ByteBuilder(capacity: 256)
    for line in failure?.lines ?? [] {
      text.append(line)
      text.append("\r\n")
    }
    text.append(program.name)
    text.append(": ")
    text.append(what)
    text.append("\r\n")
    say(text.array)
  }
}
