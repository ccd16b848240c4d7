package import Events
package import Readers
package import Screen

/// One reading of a recording, with the screen that goes with it. Somebody else decides when it goes on.
package final class Playhead {
  package enum Content {
    case output(UnsafeBufferPointer<UInt8>)
    case input(UnsafeBufferPointer<UInt8>, InputMark)
    case window(Window)
    case gap(Loss)
    case end
    case broken(ReadError)
  }

  private let reader: RecordingReader
  private var pending: RecordingReader.Item?
  private let keyframes: Keyframes?
  /// Somebody looks at the screen.
  private let draws: Bool
  /// What is on the screen behind all events up to here.
  package private(set) var emulator = Emulator(window: .usual)
  /// Time of the last event, since the start of the recording.
  package private(set) var milliseconds: UInt64 = 0
  /// Events so far.
  package private(set) var ordinal: UInt64 = 0
  package private(set) var outputByteCount: UInt64 = 0
  /// The host's clock less the time since the recording's start, as the last message said; milliseconds since the Epoch.
  package private(set) var wallStart: UInt64?
  /// `TERM`, as the first message has it.
  package private(set) var terminal: [UInt8] = []
  /// By how many milliseconds the clock was set between the last two messages; nil: it was not.
  private var clockStep: Int64?
  /// What the messages that were read say of the recording; its gaps may lie elsewhere.
  private(set) var facts = RecordingState.Facts()
  /// What clocks are set by without anybody setting them.
  private static let clockToleranceMilliseconds: UInt64 = 1000
  /// Where the last message begins.
  private var messageMilliseconds: UInt64 = 0
  /// Grows when another screen took the emulator's place.
  package private(set) var generation = 0

  /// - Parameter keyframes: Where to put keyframes; nil: none are made.
  init(_ reader: RecordingReader, keyframes: Keyframes? = nil, draws: Bool = true) {
    self.reader = reader
    self.draws = draws
    self.keyframes = keyframes
  }

  static func start(of reader: RecordingReader) -> Keyframe {
    Keyframe(
      milliseconds: 0, ordinal: 0, outputByteCount: 0, position: reader.messagePosition, dump: [])
  }

  /// The next event, not yet applied; nil when there is none now.
  package func peek() throws(ReadError) -> Content? {
    while true {
      if let pending { return content(of: pending) }
      guard let item = try reader.next() else { return nil }
      switch item {
      case .message(let message):
        note(message)
        keep()
      default: pending = item
      }
    }
  }

  /// What to do when ``peek()`` gave nil: whether to ask again, after a moment, since there is more for certain.
  func waitsForWhatIsBehind() throws(ReadError) -> Bool {
    guard reader.isBehind else { return false }
    try reader.waitForWhatIsBehind()
    return true
  }

  /// The time of the event that ``peek()`` gave.
  package var pendingMilliseconds: UInt64 {
    switch pending {
    case .event(let event): event.milliseconds
    // A gap and the end are messages of their own.
    case .gap, .end: max(milliseconds, messageMilliseconds)
    default: milliseconds
    }
  }

  /// Goes behind the event that ``peek()`` gave.
  package func advance() {
    guard let item = pending else { return }
    milliseconds = max(milliseconds, pendingMilliseconds)
    pending = nil
    guard case .event(let event) = item else { return }
    milliseconds = max(milliseconds, event.milliseconds)
    ordinal += 1
    switch event.content {
    case .data(.input, _, _): break
    case .data(_, _, let bytes):
      outputByteCount += UInt64(bytes.count)
      if draws { emulator.feed(bytes, at: event.milliseconds) }
    case .window(let window): if draws { emulator.resize(to: window) }
    }
  }

  /// Reports the lines of the screen from now on.
  func report(to observer: any LineObserver) { emulator.report(to: observer) }

  /// Reports the lines that have not been, at the end.
  func reportAll() { emulator.reportAll() }

  func restore(_ keyframe: Keyframe) throws(ReadError) {
    pending = nil
    (wallStart, clockStep) = (nil, nil)
    try reader.seek(to: keyframe.position)
    emulator = Emulator(window: keyframe.window)
    keyframe.dump.withUnsafeBufferPointer { emulator.feed($0, at: keyframe.milliseconds) }
    milliseconds = keyframe.milliseconds
    ordinal = keyframe.ordinal
    outputByteCount = keyframe.outputByteCount
    generation += 1
  }

  private func content(of item: RecordingReader.Item) -> Content {
    switch item {
    case .event(let event):
      switch event.content {
      case .data(.input, let mark, let bytes): .input(bytes, mark)
      case .data(_, _, let bytes): .output(bytes)
      case .window(let window): .window(window)
      }
    case .gap(let loss): .gap(loss)
    case .broken(let error): .broken(error)
    case .end, .message: .end
    }
  }

  private func note(_ message: Message) {
    if terminal.isEmpty {
      var text = ByteBuilder(capacity: 32)
      message.terminal.append(to: &text)
      terminal = text.array
    }
    messageMilliseconds = message.milliseconds
    facts.note(message)
    guard let time = message.wallClockMilliseconds else { return }
    let start = time - min(time, message.milliseconds)
    let step = Int64(clamping: start) - Int64(clamping: wallStart ?? start)
    if wallStart != nil && step.magnitude <= Self.clockToleranceMilliseconds { return }
    if wallStart != nil { clockStep = step }
    wallStart = start
  }

  /// By how many milliseconds the host's clock was set since this was last asked; nil: it was not.
  func takeClockStep() -> Int64? {
    defer { clockStep = nil }
    return clockStep
  }

  // MARK: Keyframes

  /// At the beginning of a message: keeps a keyframe when one is wanted, and can be had.
  private func keep() {
    guard let keyframes, keyframes.wants(at: outputByteCount), emulator.isBetweenSequences else { return }
    var dump = ByteBuilder(capacity: 4096)
    emulator.dump(into: &dump)
    keyframes.append(
      Keyframe(
        milliseconds: milliseconds, ordinal: ordinal, outputByteCount: outputByteCount,
        position: reader.messagePosition, dump: dump.array))
  }
}

extension RecordingState.Facts {
  mutating func note(_ message: Message) {
    switch message.kind {
    case .start(let start): isTrusted = start.trust == bytes("trusted")
    case .gap(let loss):
      hasGaps = true
      isDamaged = isDamaged || loss.isDamage
    case .end(let end):
      hasEnd = true
      why = end.why
    case .data, .other: break
    }
  }

  /// What is known from either of two readings of one recording.
  func joined(with other: Self) -> Self {
    var facts = self
    facts.isTrusted = isTrusted || other.isTrusted
    facts.hasGaps = hasGaps || other.hasGaps
    facts.isDamaged = isDamaged || other.isDamaged
    facts.hasEnd = hasEnd || other.hasEnd
    facts.why = why ?? other.why
    return facts
  }
}
