/// What a recorder and the agent of its host say to each other over a Unix socket: the values, and their bytes.
///
/// The recorder says ``Hello``; the agent answers ``Welcome``, with the descriptor of a spool file beside it, or ``Refusal``.
/// From then on the recorder appends frames to the file, and the socket is for control: the agent moves the budget on,
/// pings, orders the end; the recorder answers pings. When the agent was restarted, the recorder connects again and says
/// ``Resumption``, and is answered with a budget. A recorder passes no descriptor, and an agent takes none.
///
/// A packet is eight bytes and a payload:
///
///      0  4  bytes of the packet, these included, 8…65536
///      4  1  kind
///      5  3  zero
///      8     payload
///
/// Numbers are little-endian. Kinds below 128 are the recorder's, the others the agent's. These eight bytes, the kinds, and
/// the first two bytes of a hello and of a resumption are the same in every version; later versions append to payloads
/// and add kinds. What is said here about people is a claim: the agent asks the kernel (THREATS 14).
package enum Handshake {
  /// The newest and the oldest version spoken here.
  package static let version: UInt8 = 1
  package static let versionMin: UInt8 = 1
  package static let packetByteCountMax = 65_536
  package static let headerByteCount = 8

  /// The newest version that is in both ranges; nil when there is none.
  package static func version(commonWith versions: ClosedRange<UInt8>) -> UInt8? {
    let common = min(version, versions.upperBound)
    return common >= max(versionMin, versions.lowerBound) ? common : nil
  }

  /// What is wrong with a packet.
  package struct Failure: Error, Equatable {
    package enum Rule: Equatable, Sendable {
      /// The length is below 8 or above 65536.
      case length(UInt32)
      /// No such kind, or not from that side.
      case kind(UInt8)
      case payload(WireError.Rule)
    }

    package let rule: Rule
    /// From the start of the packet.
    package let offset: Int
  }
}

/// A process, so that no other can be taken for it later: its number and when it started, in clock ticks since boot.
package struct ProcessIdentity: Equatable, Sendable {
  package var identifier: UInt32
  package var startTicks: UInt64

  package init(identifier: UInt32, startTicks: UInt64) {
    self.identifier = identifier
    self.startTicks = startTicks
  }
}

/// The first packet of a recorder.
package struct Hello: Sendable {
  /// The versions that the recorder speaks.
  package var versions: ClosedRange<UInt8>
  package var process: ProcessIdentity
  /// The real group of whoever is recorded; the user is in ``start``.
  package var group: UInt32
  package var header: RecordingHeader
  package var start: SessionStart

  package init(
    versions: ClosedRange<UInt8> = Handshake.versionMin...Handshake.version, process: ProcessIdentity, group: UInt32,
    header: RecordingHeader, start: SessionStart
  ) {
    self.versions = versions
    self.process = process
    self.group = group
    self.header = header
    self.start = start
  }
}

/// A file on this host, by the numbers of stat(2).
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

/// The first packet of a recorder to an agent that was restarted. Its spool file says which recording it is; that it is
/// its own, the agent asks the kernel.
package struct Resumption: Equatable, Sendable {
  package var versions: ClosedRange<UInt8>
  package var process: ProcessIdentity
  package var file: FileIdentity
  package var recording: [UInt8]
  /// Bytes from the start of the spool file to behind the last whole frame.
  package var offset: UInt64

  package init(
    versions: ClosedRange<UInt8> = Handshake.versionMin...Handshake.version, process: ProcessIdentity,
    file: FileIdentity, recording: [UInt8], offset: UInt64
  ) {
    self.versions = versions
    self.process = process
    self.file = file
    self.recording = recording
    self.offset = offset
  }
}

/// The agent takes the recording. The spool file's descriptor comes beside it.
package struct Welcome: Equatable, Sendable {
  /// The version that both speak from now on.
  package var version: UInt8
  /// What the recording is called, as the agent works it out.
  package var recording: [UInt8]
  /// What the file's frames are sealed with.
  package var salt: UInt32
  /// Where in the file the first frame goes.
  package var offset: UInt64
  /// How long the file may get, in bytes, until a budget says otherwise.
  package var budget: UInt64

  package init(version: UInt8, recording: [UInt8], salt: UInt32, offset: UInt64, budget: UInt64) {
    self.version = version
    self.recording = recording
    self.salt = salt
    self.offset = offset
    self.budget = budget
  }
}

/// The agent does not take the recording.
package struct Refusal: Equatable, Sendable {
  package enum Reason: UInt8, Sendable {
    /// One that a later version added.
    case other = 0
    /// No version is spoken by both.
    case version = 1
    /// The kernel says something else about the peer than it says itself.
    case identity = 2
    /// The person has as many recordings as one may have, or as many bytes unsent.
    case limit = 3
    /// There is no room for anybody.
    case space = 4
    /// The agent is about to stop.
    case closing = 5
    /// The packet, or the file that came with it, is not what it should be.
    case malformed = 6
  }

  package var reason: Reason
  /// For a person to read: one line, no control characters.
  package var text: [UInt8]

  package init(reason: Reason, text: [UInt8]) {
    self.reason = reason
    self.text = text
  }
}

/// The agent orders the end of the session.
package struct EndOrder: Equatable, Sendable {
  /// What the recording's end will say.
  package var why: SessionEnd.Why
  /// Shown to the person; may be empty.
  package var text: [UInt8]

  package init(why: SessionEnd.Why, text: [UInt8]) {
    self.why = why
    self.text = text
  }
}

/// A packet from a recorder.
package enum RecorderPacket: Sendable {
  case hello(Hello)
  case resume(Resumption)
  /// The answer to a ping: its token.
  case pong(token: UInt64)
}

/// A packet from the agent.
package enum AgentPacket: Equatable, Sendable {
  case welcome(Welcome)
  case refuse(Refusal)
  /// How long the spool file may get, in bytes from its start. Never less than said before.
  case budget(UInt64)
  /// Wants a pong with the same token.
  case ping(token: UInt64)
  case end(EndOrder)
}
