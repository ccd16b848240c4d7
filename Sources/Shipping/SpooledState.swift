package import Events
import FoundationEssentials

/// What an agent knows of a recording beside its spool file, kept in a file of its own: who it is of, in the kernel's
/// words, and how far the centre has it.
///
/// Losing the last seconds of it does no harm: the centre says where to go on (THREATS 15).
package struct SpooledState: Codable, Equatable, Sendable {
  /// `rec`.
  package var recording: String
  package var process: Int32
  package var startTicks: UInt64
  package var boot: String
  package var user: UInt32
  package var loginUser: UInt32
  package var session: UInt32
  /// Made by a recorder with rights of its own.
  package var isTrusted: Bool
  package var salt: UInt32
  /// The highest that the recorder was told.
  package var budget: UInt64
  /// What messages begin with, once the start is known.
  package var header: Header?
  /// The last message that the centre has.
  package var head = Head.none
  /// A frame begins here, and what lies before may be gone.
  package var base = UInt64(SpoolHeader.byteCount)
  /// The window at ``base``: columns and rows.
  package var baseWindow: [UInt16]?
  /// Where the file is not punched out.
  package var freedByteCount: UInt64 = 0
  /// The centre has all of it, since then: milliseconds since the Epoch.
  package var completeAtMilliseconds: UInt64?
  /// How often the agent was started while it read this file without coming to its end: a file that ends agents is set
  /// aside (THREATS 11).
  package var attemptCount = 0

  package struct Header: Codable, Equatable, Sendable {
    package var host: [UInt8]
    package var user: [UInt8]
    package var terminal: [UInt8]
    /// At ``SpooledState/base``: the host's clock less the time since the start.
    package var startMilliseconds: UInt64
  }

  package init(
    recording: String, process: Int32, startTicks: UInt64, boot: String, user: UInt32, loginUser: UInt32,
    session: UInt32, isTrusted: Bool, salt: UInt32, budget: UInt64
  ) {
    self.recording = recording
    self.process = process
    self.startTicks = startTicks
    self.boot = boot
    self.user = user
    self.loginUser = loginUser
    self.session = session
    self.isTrusted = isTrusted
    self.salt = salt
    self.budget = budget
  }

  /// What all messages of the recording begin with; nil before its start was read.
  package var recordingHeader: RecordingHeader? {
    header.map {
      RecordingHeader(
        host: $0.host, recording: Array(recording.utf8), user: $0.user, terminal: $0.terminal, session: session,
        startMilliseconds: $0.startMilliseconds)
    }
  }

  /// Bytes that count as this recording's: what it was granted while it is live, and else the `size` of its file.
  func heldByteCount(isLive: Bool, size: UInt64) -> UInt64 {
    let end = isLive ? max(budget, size) : size
    return end - min(freedByteCount, end) + (isLive ? 0 : AgentSettings.stateByteCount)
  }

  // MARK: - As a file

  package init?(json: [UInt8]) {
    // One that was cut off by a power cut is as good as none.
    guard let state = try? JSONDecoder().decode(SpooledState.self, from: Data(json)) else { return nil }
    self = state
  }

  package var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Numbers and strings: there is nothing in it that JSON cannot say.
    guard let data = try? encoder.encode(self) else { preconditionFailure("a state that is no JSON") }
    return [UInt8](data)
  }
}
