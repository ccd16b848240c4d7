package import Events
package import Identity

/// The messages of one recording in one batch, looked through and ready to be kept.
package struct Submission: Sendable {
  /// One message: where its line is, and what of it the archive must know.
  package struct Line: Sendable {
    package var seq: UInt64
    /// `prev`, empty in the first message.
    package var previous: String
    /// The link that the next message must carry.
    package var hash: String
    package var off: UInt64
    /// Of its last event, milliseconds since the start of the recording.
    package var lastMilliseconds: UInt64
    /// It is an `end`: none may follow it.
    package var isEnd: Bool
    /// In ``Submission/bytes``, LF included.
    package var range: Range<Int>
    /// What it says is missing.
    package var loss: Loss?
    package var hasInput: Bool
    /// The first size of the terminal in it; nil where it has none.
    package var window: Window?
    /// The host's clock at its last event, milliseconds since the Epoch; nil where it does not say.
    package var wallMilliseconds: UInt64?

    package init(
      seq: UInt64, previous: String, hash: String, off: UInt64, lastMilliseconds: UInt64, isEnd: Bool = false,
      range: Range<Int>, loss: Loss? = nil, hasInput: Bool = false, window: Window? = nil,
      wallMilliseconds: UInt64? = nil
    ) {
      self.seq = seq
      self.previous = previous
      self.hash = hash
      self.off = off
      self.lastMilliseconds = lastMilliseconds
      self.isEnd = isEnd
      self.range = range
      self.loss = loss
      self.hasInput = hasInput
      self.window = window
      self.wallMilliseconds = wallMilliseconds
    }
  }

  package var id: RecordingID
  package var facts: RecordingFacts
  /// At least one, in the order in which they came.
  package var lines: [Line]
  package var bytes: [UInt8]
  /// ``bytes`` as one zstd frame: made by who submits, so that the one writer does not compress for all.
  package var frame: [UInt8]
  /// The host's clock when it was sent, milliseconds since the Epoch; nil where the host did not say.
  package var sentMilliseconds: UInt64?

  package init(
    id: RecordingID, facts: RecordingFacts, lines: [Line], bytes: [UInt8], frame: [UInt8],
    sentMilliseconds: UInt64? = nil
  ) {
    self.id = id
    self.facts = facts
    self.lines = lines
    self.bytes = bytes
    self.frame = frame
    self.sentMilliseconds = sentMilliseconds
  }
}

/// What messages say about their recording. Texts are what the host said, as UTF-8.
package struct RecordingFacts: Sendable, Equatable {
  package var host: String
  package var rec: String
  package var user: String
  package var terminal: String
  package var session: UInt32
  /// Wall clock of the host at elapsed time 0, milliseconds since the Epoch.
  package var startMilliseconds: UInt64
  /// From the `start` message; nil in a batch without one.
  package var start: Start?
  /// From the `end` message.
  package var end: End?

  package struct Start: Sendable, Equatable {
    package var trust: String
    package var tty: String
    package var command: String

    package init(trust: String, tty: String, command: String) {
      self.trust = trust
      self.tty = tty
      self.command = command
    }
  }

  package struct End: Sendable, Equatable {
    package var why: String
    package var exit: Int?
    package var signal: Int?

    package init(why: String, exit: Int?, signal: Int?) {
      self.why = why
      self.exit = exit
      self.signal = signal
    }
  }

  package init(
    host: String, rec: String, user: String, terminal: String, session: UInt32, startMilliseconds: UInt64,
    start: Start? = nil, end: End? = nil
  ) {
    self.host = host
    self.rec = rec
    self.user = user
    self.terminal = terminal
    self.session = session
    self.startMilliseconds = startMilliseconds
    self.start = start
    self.end = end
  }
}
