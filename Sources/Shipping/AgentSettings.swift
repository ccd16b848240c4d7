import API
import CSys
import Glibc

/// What an agent is told to do, with its bounds.
package struct AgentSettings: Sendable {
  /// Where spool files are kept: `spool` in it.
  package var statePath: String
  /// Where its two sockets are: `rec.sock` for recorders with rights of their own, `self.sock` for everybody's.
  package var runPath: String
  /// Where recorders that found no agent left their files; nil for nowhere.
  package var adoptionPath: String?
  /// The name under which it speaks for this host.
  package var host: [UInt8]
  /// Whom recorders with rights of their own run as; nil when there is no such user here.
  package var recorderUser: UInt32?
  /// The group of `rec.sock`; nil leaves it the agent's.
  package var recorderGroup: UInt32?
  /// The centre's address; nil to keep everything here.
  package var server: String?
  package var certificatePath: String?
  package var joinToken: String?

  /// How many bytes all spool files may have.
  package var capacityByteCount: UInt64 = 8 << 30
  /// How many bytes of a recording may wait (THREATS 13).
  package var recordingByteCountMax: UInt64 = 256 << 20
  /// How long what the centre has is kept, so that one that was restored from a backup can be filled again.
  package var keepAfterAckSeconds: UInt64 = 24 * 3600

  package init(statePath: String, runPath: String, host: [UInt8]) {
    self.statePath = statePath
    self.runPath = runPath
    self.host = host
  }

  /// The most that a recorder is given at once, so that it can go on for a while when the agent does not.
  package static let grantByteCount: UInt64 = 16 << 20
  /// The least: what one read needs, and input beside it.
  package static let grantByteCountMin: UInt64 = 512 << 10
  /// A person's part of the spool, in hundredths; root's is all of it.
  package static let personShare: UInt64 = 25
  /// What everybody but root may have together, in hundredths.
  package static let othersShare: UInt64 = 90
  /// Recordings that go on at once, of all and of one person; descriptors are bounded, too.
  package static let recordingCountMax = 8192
  package static let personRecordingCountMax = 512
  /// Those that go on and those that have ended; a person's part is as of bytes.
  package static let keptCountMax = 16_384
  /// What a recording takes on disk beside its spool file: its state.
  package static let stateByteCount: UInt64 = 4096
  /// Callers that have not said yet who they are: those of one socket cannot use up the other's.
  package static let callerCountMax = 128
  package static let callerOfPersonCountMax = 32
}

/// The command line.
extension AgentSettings {
  package struct Problem: DescribedError, Equatable {
    package let text: String
    package init(text: String) { self.text = text }
    package var sentence: String { text }
  }

  package static let usage = """
    Usage: steno-agent --state DIR --run DIR [OPTION...]
    Take recordings from this host's recorders and bring them to the centre.

          --state DIR        Keep spool files and keys in DIR
          --run DIR          Listen at DIR/rec.sock and DIR/self.sock
          --adopt DIR        Adopt the files of recorders that found no agent
          --server URL       Send recordings to the centre at URL; without it they stay here
          --ca FILE          Trust the centre that FILE vouches for
          --join TOKEN       Join the centre with TOKEN, or with what is in the file of @FILE
          --host NAME        Speak for the host NAME
          --spool-size BYTES Keep at most so many bytes
          --recording-size BYTES  Let at most so many bytes of a recording wait
          --keep-after-ack SECONDS  Keep what the centre has for so long
      -h, --help             Print this

    """

  /// - Parameter arguments: Without the program's name.
  /// - Returns: nil when the usage was asked for.
  package static func parse(_ arguments: [String], host: [UInt8]) throws(Problem) -> AgentSettings? {
    var settings = AgentSettings(statePath: "", runPath: "", host: host)
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "-h" || word == "--help" { return nil }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
        throw Problem(text: "\(word): it needs a value")
      }
      try settings.set(String(parts[0]), to: value)
    }
    for (name, path) in [("--state", settings.statePath), ("--run", settings.runPath)] where path.isEmpty {
      throw Problem(text: "\(name) is not given")
    }
    if settings.server != nil && settings.certificatePath == nil { throw Problem(text: "--ca is not given") }
    return settings
  }

  private mutating func set(_ name: String, to value: String) throws(Problem) {
    switch name {
    case "--state": statePath = Self.absolute(value)
    case "--run": runPath = Self.absolute(value)
    case "--adopt": adoptionPath = Self.absolute(value)
    case "--server": server = value
    case "--ca": certificatePath = Self.absolute(value)
    case "--join": joinToken = value.hasPrefix("@") ? "@" + Self.absolute(String(value.dropFirst())) : value
    case "--host": host = Array(value.utf8)
    case "--spool-size": capacityByteCount = try Self.number(value, for: name)
    case "--recording-size": recordingByteCountMax = try Self.number(value, for: name)
    case "--keep-after-ack": keepAfterAckSeconds = try Self.number(value, for: name)
    default: throw Problem(text: "\(name): there is no such option")
    }
  }

  private static func number(_ text: String, for name: String) throws(Problem) -> UInt64 {
    guard let number = UInt64(text), number > 0, number <= 1 << 50 else {
      throw Problem(text: "\(name) \(text): it is no number from 1 on")
    }
    return number
  }

  /// The agent goes to /, as daemons do.
  private static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}

extension AgentSettings {
  /// Whom recorders run as, as their own program tells it: by the owner of their folder.
  package func withRecorders() -> AgentSettings {
    var settings = self
    var facts = csys_file_facts()
    if csys_stat("/var/lib/steno-rec", &facts) == 0, facts.owner != 0 {
      settings.recorderUser = facts.owner
      settings.recorderGroup = facts.group
    }
    return settings
  }
}
