package import Events

/// What recordings a source holds, found in one pass that keeps a few hundred bytes for each.
///
/// Of each message only what it says about itself is read, not what it recorded. What is no message is counted and
/// passed over.
package struct Listing {
  /// More recordings than this are counted and not listed: a file full of made-up ones must not use up memory.
  package static let recordingCountMax = 100_000
  /// Bytes of a name that are kept.
  static let nameByteCountMax = 256

  /// The recordings in the order in which they begin in the source.
  package private(set) var recordings: [ListedRecording] = []
  /// Messages of recordings that there was no room to list.
  package private(set) var unlistedMessageCount: UInt64 = 0
  /// Lines that are no message.
  package private(set) var brokenLineCount: UInt64 = 0
  /// What went wrong with the source itself, the first time.
  package private(set) var failure: ReadError?

  private var places: [[UInt8]: Int] = [:]
  private var last: Int?
  /// Errors in a row that a source may give before it is taken for broken.
  private static let failureCountMax = 8

  package init() {}

  /// Reads `source` as far as there is something now. May be called again when there is more.
  package mutating func read(_ source: any LineSource) {
    var failures = 0
    while failures < Self.failureCountMax {
      do throws(ReadError) {
        guard let line = try source.next() else { return }
        take(line.bytes)
        failures = 0
      } catch {
        failure = failure ?? error
        failures += 1
      }
    }
  }

  /// Reads all of `source`, and waits for what is still to come.
  package mutating func readAll(of source: any LineSource) {
    repeat { read(source) } while failure == nil && waits(for: source)
  }

  private mutating func waits(for source: any LineSource) -> Bool {
    do throws(ReadError) {
      return try source.waitForMore()
    } catch {
      failure = error
      return false
    }
  }

  private mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
    guard let facts = MessageFacts(line) else {
      if line.contains(where: { !isBlank($0) }) { brokenLineCount += 1 }
      return
    }
    guard let place = place(of: facts) else {
      unlistedMessageCount += 1
      return
    }
    recordings[place].add(facts, byteCount: UInt64(line.count) + 1)
  }

  private mutating func place(of facts: MessageFacts) -> Int? {
    // Messages of one recording mostly come together.
    if let last, facts.isOf(recordings[last]) { return last }
    let name = facts.recording
    if let known = places[name] {
      last = known
      return known
    }
    guard recordings.count < Self.recordingCountMax else { return nil }
    places[name] = recordings.count
    last = recordings.count
    recordings.append(ListedRecording(facts))
    return last
  }
}

/// A recording as ``Listing`` tells of it. Its texts are data, and may hold anything.
package struct ListedRecording {
  /// `rec`, or empty when its messages have none.
  package let recording: [UInt8]
  package let user: [UInt8]
  package let host: [UInt8]
  package let session: UInt64
  package let terminal: [UInt8]
  /// What its start and end messages say; empty without them.
  package private(set) var trust: [UInt8] = []
  package private(set) var tty: [UInt8] = []
  package private(set) var command: [UInt8] = []
  package private(set) var why: [UInt8] = []
  package private(set) var exit: UInt64?
  package private(set) var signal: UInt64?
  /// Wall clock at the recording's start, milliseconds since the Epoch; nil when no message has a time.
  package private(set) var startMilliseconds: UInt64?
  /// The latest wall clock that a message has.
  package private(set) var endMilliseconds: UInt64?
  /// To the last event.
  package private(set) var durationMilliseconds: UInt64 = 0
  /// The terminal's size at the start; nil when it was not recorded.
  package private(set) var window: Window?
  /// Whether what was typed is in it.
  package private(set) var hasInput = false
  package private(set) var messageCount: UInt64 = 0
  /// Of the lines, LF included.
  package private(set) var byteCount: UInt64 = 0
  /// It says that it ended. Else it may go on, or its recorder was stopped, or it is of tlog, which never says.
  package private(set) var hasEnd = false
  /// Messages whose numbers are missing between the others.
  package private(set) var missingMessageCount: UInt64 = 0
  /// Messages that come again, or before one that was there.
  package private(set) var misplacedMessageCount: UInt64 = 0
  /// Gaps that the recorder says there are.
  package private(set) var gapCount: UInt64 = 0
  /// One of them is damage.
  package private(set) var isDamaged = false
  /// As written, for a quick look.
  fileprivate let rawRecording: [UInt8]
  private var sequence: UInt64?

  fileprivate init(_ facts: MessageFacts) {
    recording = facts.recording
    rawRecording = [UInt8](facts.rawRecording)
    user = facts.text(.user)
    host = facts.text(.host)
    terminal = facts.text(.terminal)
    session = facts.session
  }

  /// Whether something is missing, as far as can be seen.
  package var hasGaps: Bool { missingMessageCount > 0 || gapCount > 0 }

  /// Its state as far as a file tells: not whether more will come.
  package var state: RecordingState {
    var facts = RecordingState.Facts()
    facts.isTrusted = trust == bytes("trusted")
    facts.hasGaps = hasGaps
    facts.isDamaged = isDamaged
    facts.hasEnd = hasEnd
    facts.why = SessionEnd.Why(named: why)
    return RecordingState(facts)
  }

  fileprivate mutating func add(_ facts: MessageFacts, byteCount: UInt64) {
    messageCount += 1
    self.byteCount += byteCount
    note(facts.sequence)
    let timing = facts.timing
    durationMilliseconds = max(durationMilliseconds, timing.lastMilliseconds)
    hasInput = hasInput || timing.hasInput
    window = window ?? timing.window
    if let time = facts.wallClockMilliseconds {
      let start = time &- min(time, facts.milliseconds)
      startMilliseconds = startMilliseconds ?? start
      endMilliseconds = max(endMilliseconds ?? time, time)
    }
    switch facts.kind {
    case .data: break
    case .start:
      trust = facts.text(.trust)
      tty = facts.text(.tty)
      command = facts.text(.command)
    case .gap:
      gapCount += 1
      isDamaged = isDamaged || facts.isDamage
    case .end:
      hasEnd = true
      why = facts.text(.why)
      exit = facts.exit
      signal = facts.signal
    }
  }

  private mutating func note(_ next: UInt64) {
    guard let last = sequence else {
      sequence = next
      return
    }
    if next <= last {
      misplacedMessageCount += 1
    } else {
      missingMessageCount &+= next &- last &- 1
      sequence = next
    }
  }
}

extension MessageFacts {
  fileprivate func isOf(_ recording: ListedRecording) -> Bool {
    rawRecording.elementsEqual(recording.rawRecording)
  }
}
