/// What a host says of itself every minute, and when recordings begin or end: which are open, and how far the centre has
/// them (THREATS 18). Signed and kept as the bytes that were sent.
package struct LedgerEntry: Codable, Equatable, Sendable {
  /// A recording that is open and its last message at the centre: `[rec, seq, hash]`.
  package struct OpenHead: Equatable, Sendable {
    package var rec: String
    package var seq: UInt64
    package var hash: String

    package init(rec: String, seq: UInt64, hash: String) {
      self.rec = rec
      self.seq = seq
      self.hash = hash
    }
  }

  package var host: String
  /// A random name, made anew when the host's state was lost or copied.
  package var epoch: String
  /// 1, 2, 3 … without holes in an epoch.
  package var n: UInt64
  /// base64url of SHA-256 over the entry before; empty where `n` is 1.
  package var prev: String
  package var boot: String
  /// RFC 3339, the host's clock.
  package var time: String
  /// Milliseconds of a clock that only runs forwards, from the host's start.
  package var mono: UInt64
  /// base64url of SHA-256 over `rec seq hash` and an LF of every open recording, ordered by the bytes of `rec`.
  package var live: String
  /// Whether `heads` begins anew: what is open and not named in this entry is named in the following.
  package var full: Bool
  /// Those that are new or have gone on since the entry before.
  package var heads: [OpenHead]
  /// `rec` of what began and ended since.
  package var starts: [String]
  package var ends: [String]

  /// Names in one entry; what is more comes with the next.
  package static let nameCountMax = 200

  package init(
    host: String, epoch: String, n: UInt64, prev: String, boot: String, time: String, mono: UInt64, live: String,
    full: Bool, heads: [OpenHead], starts: [String], ends: [String]
  ) {
    self.host = host
    self.epoch = epoch
    self.n = n
    self.prev = prev
    self.boot = boot
    self.time = time
    self.mono = mono
    self.live = live
    self.full = full
    self.heads = heads
    self.starts = starts
    self.ends = ends
  }
}

extension LedgerEntry.OpenHead: Codable {
  package init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    rec = try values.decode(String.self)
    seq = try values.decode(UInt64.self)
    hash = try values.decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    try values.encode(rec)
    try values.encode(seq)
    try values.encode(hash)
  }
}

/// `POST /v1/ledger`.
package struct LedgerSubmission: Codable, Sendable {
  /// The JSON of a ``LedgerEntry``.
  package var entry: String
  /// Ed25519 over the bytes of `entry`, base64.
  package var signature: String

  package init(entry: String, signature: String) {
    self.entry = entry
    self.signature = signature
  }
}

/// What the centre says to an entry.
package struct LedgerAnswer: Codable, Equatable, Sendable {
  package enum Status: String, Codable, Sendable {
    /// The entry is on disk.
    case held
    /// The centre has another entry of that number: begin a new epoch.
    case fork
  }

  package var status: Status
  /// The newest entry of the epoch at the centre.
  package var n: UInt64

  package init(status: Status, n: UInt64) {
    self.status = status
    self.n = n
  }
}

/// One page of `GET /v1/incidents`, the newest first.
package struct IncidentPage: Codable, Sendable {
  package static let countMax = 500

  package var incidents: [Incident]
  package var next: String?

  package init(incidents: [Incident], next: String?) {
    self.incidents = incidents
    self.next = next
  }
}

/// One thing that somebody should look into.
package struct Incident: Codable, Sendable {
  /// RFC 3339.
  package var at: String
  package var host: String
  package var what: String

  package init(at: String, host: String, what: String) {
    self.at = at
    self.host = host
    self.what = what
  }
}
