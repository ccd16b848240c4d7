package import API

/// The way from an agent to the centre, as the agent sees it: messages go out, and what is held comes back.
///
/// Whoever implements it owns connections, certificates and time limits. It keeps nothing of a batch that it could not
/// deliver: the agent cuts and sends again.
package protocol Uplink: Sendable {
  /// Brings a batch to the centre. Returns when what the answer calls held is on the centre's disk.
  ///
  /// Called again only once it has returned for every recording in the batch; batches of other recordings may be on
  /// their way meanwhile. Sending messages that are held already is harmless.
  ///
  /// - Returns: One verdict for each recording of the batch. A recording that is not mentioned counts as refused, to be
  ///   tried again.
  func send(_ batch: Batch) async throws(UplinkError) -> Answer

  /// Signs an entry of the host's ledger and brings it to the centre.
  ///
  /// - Parameter entry: The bytes that are signed, as text.
  func record(_ entry: String) async throws(UplinkError) -> LedgerAnswer

  /// Asks whether the centre still holds `heads`.
  ///
  /// - Parameter heads: Recordings of this host, and how far the centre has said that it holds them; may be empty.
  func heads(_ heads: [(recording: [UInt8], head: Head)]) async throws(UplinkError) -> CentreHeads
}

/// What a centre still holds of what it was asked about.
package struct CentreHeads: Sendable {
  /// Names the centre's start: another one after each.
  package let start: [UInt8]
  /// The recordings of which it holds less than was said, or something else, with how far it does.
  package let behind: [(recording: [UInt8], head: Head)]

  package init(start: [UInt8], behind: [(recording: [UInt8], head: Head)]) {
    self.start = start
    self.behind = behind
  }
}

/// Whole message lines, NDJSON, of one or more recordings.
package struct Batch: Sendable {
  /// What one request may hold at most, decompressed (DESIGN §10).
  package static let byteCountMax = 8 << 20

  /// Successive messages of one recording.
  package struct Part: Sendable {
    /// `rec` of the messages.
    package let recording: [UInt8]
    package let firstSequence: UInt64
    package let lastSequence: UInt64
    /// The lines, each with its LF.
    package let lines: [UInt8]

    package init(recording: [UInt8], firstSequence: UInt64, lastSequence: UInt64, lines: [UInt8]) {
      self.recording = recording
      self.firstSequence = firstSequence
      self.lastSequence = lastSequence
      self.lines = lines
    }
  }

  package let parts: [Part]

  package init(parts: [Part]) { self.parts = parts }

  package var byteCount: Int { parts.reduce(0) { $0 + $1.lines.count } }
}

/// Where a recording ends at the centre: its last message there.
package struct Head: Equatable, Sendable, Codable {
  /// The message's number; 0 when the centre has none of the recording's.
  package var sequence: UInt64
  /// base64url of SHA-256 over the message's line without its LF: what the next message's `prev` must be. Empty when
  /// ``sequence`` is 0.
  package var hash: [UInt8]
  /// The message's `off`: bytes from the start of the spool file; 0 when ``sequence`` is 0.
  package var offset: UInt64

  package static let none = Head(sequence: 0, hash: [], offset: 0)

  package init(sequence: UInt64, hash: [UInt8], offset: UInt64) {
    self.sequence = sequence
    self.hash = hash
    self.offset = offset
  }
}

/// What the centre says to a batch.
package struct Answer: Sendable {
  package enum Verdict: Equatable, Sendable {
    /// All messages up to and with that number are on disk at the centre.
    case held(upTo: UInt64)
    /// The first message does not follow the last one that the centre has (409): cut again from there.
    case conflict(Head)
    /// Not taken. `retryAfterMilliseconds` is nil when trying again would not help.
    case refused(reason: [UInt8], retryAfterMilliseconds: UInt64?)
  }

  package var verdicts: [(recording: [UInt8], verdict: Verdict)]

  package init(verdicts: [(recording: [UInt8], verdict: Verdict)]) { self.verdicts = verdicts }
}

/// Why a batch got no answer. Whether any of it is held is not known.
package enum UplinkError: Error, Equatable, Sendable {
  /// The centre cannot be reached, or the connection broke.
  case unreachable(reason: [UInt8])
  /// The centre wants less for a while: 429, 503, 507.
  case busy(reason: [UInt8], retryAfterMilliseconds: UInt64)
  /// The centre does not take messages from this host: an expired or revoked certificate.
  case forbidden(reason: [UInt8])
}
