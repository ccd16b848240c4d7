package import Events
import Options
package import SystemCalls

/// The log of a recorder without an agent: events become messages, and messages go to a sink.
///
/// What the sink cannot take waits in a queue, and while it waits, no more is read than the queue may hold. A sink that
/// fails is tried again every five seconds; what did not fit the queue meanwhile is lost, and the recording says so in a
/// `gap` message, from when to when. Whether the session goes on without a place to write to is the policy's to say.
package struct MessageLog: EventLog, ~Copyable {
  /// How many bytes of messages wait for a sink that fails before more is lost.
  package static let queueByteCountMax = 256 * 1024
  /// How much of them may be input that goes on while output waits: pasting a file must not fill memory.
  private static let inputByteCountMax = 64 * 1024
  /// How long a sink may be busy before that counts as a failure: journald restarts in less.
  private static let patienceNanoseconds: UInt64 = 5_000_000_000
  private static let retryNanoseconds: UInt64 = 5_000_000_000

  private enum State {
    case working
    /// The sink takes nothing for now; since when.
    case busy(since: UInt64)
    /// The rate limit lets the next message pass at that time.
    case limited(until: UInt64)
    /// The sink failed; when it is tried again.
    case failed(retryAt: UInt64)
  }

  private let settings: Settings
  private let policy: FailurePolicy
  private var encoder: MessageEncoder
  private var sink: Sink
  private var limit: RateLimit
  /// The oldest message of the queue has been counted by the limit and not been taken yet.
  private var nextPassedLimit = false
  private var filter: EventFilter
  private var clock = WallClock()
  private var queue: MessageQueue
  private var state = State.working
  private var flushAt: UInt64?
  /// Bytes of events in the message being filled.
  private var filledByteCount: UInt64 = 0
  private var filledFrom: UInt64 = 0
  private var loss: Loss?
  /// The policy has been asked, and the person told; until the sink works again.
  private var hasFailed = false
  package private(set) var mustEnd: SessionEnd.Why?

  /// - Parameter sink: Opened already, unless `policy` has let it pass that it could not be.
  package init(
    _ settings: Settings, header: RecordingHeader, sink: consuming Sink, isOpen: Bool, policy: FailurePolicy,
    transfer: TransferTally?
  ) {
    self.settings = settings
    self.policy = policy
    filter = EventFilter(settings, transfer: transfer)
    encoder = MessageEncoder(header: header, payload: settings.payloadByteCount)
    queue = MessageQueue(identifierOffset: encoder.identifierOffset)
    self.sink = sink
    limit = RateLimit(settings.limit)
    if !isOpen {
      state = .failed(retryAt: Self.retryNanoseconds)
      hasFailed = true
    }
  }

  // MARK: - Events

  package mutating func begin(_ start: SessionStart, shellGroup: Int32?, at nanoseconds: UInt64) {
    filter.begin(shellGroup: shellGroup)
    encoder.write(kind: "start", at: milliseconds(nanoseconds), into: &queue.lines) { $0.append(fieldsOf: start) }
    drain(nanoseconds)
  }

  package mutating func record(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, keyboard: KeyboardState?, at nanoseconds: UInt64
  ) {
    let pieceCount = filter.take(bytes, stream, keyboard, at: nanoseconds)
    guard pieceCount > 0, hasRoom(for: filter.keptByteCount, nanoseconds) else { return }
    if let time = clock.newTime() {
      finishMessage(nanoseconds)
      encoder.setClock(to: time, at: milliseconds(nanoseconds))
    }
    for index in 0..<pieceCount {
      let piece = filter.nextPiece(index)
      append(piece.bytes, stream, piece.mark, nanoseconds)
    }
    settle(nanoseconds)
  }

  /// There is always room: it is bounded by what a terminal or a pipe holds.
  package mutating func recordRest(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, at nanoseconds: UInt64
  ) -> Bool {
    record(bytes, stream, keyboard: nil, at: nanoseconds)
    return mustEnd != .failed
  }

  package mutating func record(_ window: Window, at nanoseconds: UInt64) {
    guard filter.logsWindow, hasRoom(for: 0, nanoseconds) else { return }
    noteFilling(0, nanoseconds)
    while !encoder.append(window, at: milliseconds(nanoseconds)) { finishMessage(nanoseconds) }
    settle(nanoseconds)
  }

  /// Ends the recording; ``finish(startNanoseconds:)`` brings it to the sink.
  package mutating func end(_ end: SessionEnd, at nanoseconds: UInt64) {
    while !encoder.cut() { finishMessage(nanoseconds) }
    // A gap stands before the end, and what the limit may drop stays apart from it.
    if loss != nil || settings.limit.action == .drop || !encoder.move(to: milliseconds(nanoseconds)) {
      finishMessage(nanoseconds)
      writeLoss(nanoseconds)
    }
    encoder.writeEnd(at: milliseconds(nanoseconds), into: &queue.lines) {
      $0.append(fieldsOf: end)
      if let transfer = filter.transfer {
        $0.append(",\"transfer\":")
        transfer.append(to: &$0)
      }
    }
    drain(nanoseconds)
  }

  private mutating func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, _ mark: InputMark, _ nanoseconds: UInt64
  ) {
    var rest = bytes
    while true {
      let taken = encoder.append(rest, stream, mark: mark, at: milliseconds(nanoseconds))
      noteFilling(taken, nanoseconds)
      if taken == rest.count { return }
      finishMessage(nanoseconds)
      rest = UnsafeBufferPointer(rebasing: rest[taken...])
    }
  }

  private func milliseconds(_ nanoseconds: UInt64) -> UInt64 { nanoseconds / 1_000_000 }

  // MARK: - Messages

  private mutating func noteFilling(_ byteCount: Int, _ nanoseconds: UInt64) {
    if filledByteCount == 0 { filledFrom = milliseconds(nanoseconds) }
    filledByteCount += UInt64(byteCount)
    if flushAt == nil { flushAt = nanoseconds + UInt64(settings.latencySeconds) * 1_000_000_000 }
  }

  /// Puts the message being filled into the queue, if there is anything in it and the limit lets it pass.
  private mutating func finishMessage(_ nanoseconds: UInt64) {
    if encoder.isEmpty { return }
    let before = queue.lines.count
    encoder.finish(into: &queue.lines)
    let byteCount = filledByteCount
    filledByteCount = 0
    if settings.limit.action == .drop,
      case .drop = limit.decide(byteCount: queue.lines.count - before, now: nanoseconds)
    {
      queue.lines.truncate(to: before)
      lose(byteCount, from: filledFrom, to: milliseconds(nanoseconds), why: "limit")
    } else {
      writeLoss(nanoseconds)
    }
  }

  /// Waits until the sink has everything, as long as it may be busy or the limit says; a failed one is tried once more.
  package mutating func finish(startNanoseconds: UInt64) {
    var now = Clock.elapsedNanoseconds &- startNanoseconds
    if case .failed = state { retry(now) }
    while !queue.isEmpty, let deadline = deadlineNanoseconds {
      if case .failed = state { return }
      Clock.wait(until: deadline &+ startNanoseconds, orWritable: awaitedDescriptor)
      now = Clock.elapsedNanoseconds &- startNanoseconds
      drain(now)
    }
  }

  private mutating func settle(_ nanoseconds: UInt64) {
    if let flushAt, flushAt <= nanoseconds {
      finishMessage(nanoseconds)
      self.flushAt = nil
    }
    drain(nanoseconds)
  }

  // MARK: - Loss

  /// Whether there is room for more, which there always is while the sink works. Counts what there is none for.
  private mutating func hasRoom(for byteCount: Int, _ nanoseconds: UInt64) -> Bool {
    guard case .failed = state, queue.byteCount >= Self.queueByteCountMax else { return true }
    lose(byteCount, why: "sink", at: nanoseconds)
    return false
  }

  package mutating func lose(_ byteCount: Int, why: StaticString, at nanoseconds: UInt64) {
    let now = milliseconds(nanoseconds)
    lose(UInt64(byteCount), from: now, to: now, why: why)
  }

  private mutating func lose(_ byteCount: UInt64, from: UInt64, to: UInt64, why: StaticString) {
    if loss == nil {
      loss = Loss(fromMilliseconds: from, toMilliseconds: to, byteCount: byteCount, why: bytes(why))
    } else {
      loss?.toMilliseconds = to
      loss?.byteCount += byteCount
    }
  }

  /// Says what was lost, once there is a place to say it.
  private mutating func writeLoss(_ nanoseconds: UInt64) {
    guard let loss, encoder.isEmpty else { return }
    encoder.write(kind: "gap", at: milliseconds(nanoseconds), into: &queue.lines) { $0.append(fieldsOf: loss) }
    self.loss = nil
  }

  // MARK: - The sink

  package mutating func attend(at nanoseconds: UInt64) {
    if case .failed(let retryAt) = state {
      if nanoseconds >= retryAt { retry(nanoseconds) }
    }
    settle(nanoseconds)
  }

  package mutating func rest(at nanoseconds: UInt64) {
    finishMessage(nanoseconds)
    drain(nanoseconds)
  }

  private mutating func retry(_ nanoseconds: UInt64) {
    do throws(Failure) {
      try sink.reopen()
      state = .working
      drain(nanoseconds)
      guard case .working = state else { return }
      finishMessage(nanoseconds)
      writeLoss(nanoseconds)
      drain(nanoseconds)
      guard case .working = state else { return }
      hasFailed = false
      policy.tellRecovery()
    } catch {
      state = .failed(retryAt: nanoseconds + Self.retryNanoseconds)
    }
  }

  /// Gives the sink what it takes.
  private mutating func drain(_ nanoseconds: UInt64) {
    if case .failed = state { return }
    while !queue.isEmpty {
      let lines = sink.takesSeveralLines && settings.limit.action != .delay ? queue.all : queue.next
      guard passesLimit(lines.count, nanoseconds), give(lines, nanoseconds) else { return }
      queue.removeFirst(lines.count)
      nextPassedLimit = false
    }
    state = .working
  }

  /// A message is counted once, however often the sink is busy.
  private mutating func passesLimit(_ byteCount: Int, _ nanoseconds: UInt64) -> Bool {
    if settings.limit.action != .delay || nextPassedLimit { return true }
    if case .wait(let until) = limit.decide(byteCount: byteCount, now: nanoseconds) {
      state = .limited(until: until)
      return false
    }
    nextPassedLimit = true
    return true
  }

  /// - Returns: Whether the lines are off the queue's hands.
  private mutating func give(_ lines: UnsafeBufferPointer<UInt8>, _ nanoseconds: UInt64) -> Bool {
    do throws(SinkError) {
      try sink.write(lines, id: queue.nextIdentifier)
      return true
    } catch {
      switch error {
      case .busy:
        waitForSink(nanoseconds)
        return false
      case .tooLong:
        lose(lines.count, why: "too long", at: nanoseconds)
        return true
      case .failed(let failure):
        fail(failure, nanoseconds)
        return false
      }
    }
  }

  private mutating func waitForSink(_ nanoseconds: UInt64) {
    guard case .busy(let since) = state else {
      state = .busy(since: nanoseconds)
      return
    }
    if nanoseconds >= since + Self.patienceNanoseconds {
      fail(Failure("The log takes no messages"), nanoseconds)
    }
  }

  private mutating func fail(_ failure: Failure, _ nanoseconds: UInt64) {
    state = .failed(retryAt: nanoseconds + Self.retryNanoseconds)
    if hasFailed { return }
    hasFailed = true
    if !policy.permits(failure) { mustEnd = .failed }
  }

  // MARK: - What the relay asks

  package func takes(_ stream: Stream) -> Bool {
    switch state {
    case .working, .failed: return true
    case .busy, .limited: return stream == .input && queue.byteCount < Self.inputByteCountMax
    }
  }

  package var takesRest: Bool { takes(.output) }

  /// A limit lets more pass in time, and a sink that is busy for long has failed.
  package static var mayWaitForEver: Bool { false }

  package var wantsKeyboard: Bool { filter.logsInput }

  package var controlDescriptor: Int32? { nil }

  package mutating func hear(at nanoseconds: UInt64) {}

  package var deadlineNanoseconds: UInt64? {
    let sinkDeadline: UInt64?
    switch state {
    case .working: sinkDeadline = nil
    case .busy(let since): sinkDeadline = since + Self.patienceNanoseconds
    case .limited(let until): sinkDeadline = until
    case .failed(let retryAt): sinkDeadline = retryAt
    }
    guard let sinkDeadline else { return flushAt }
    return min(sinkDeadline, flushAt ?? .max)
  }

  package var awaitedDescriptor: Int32? {
    guard case .busy = state else { return nil }
    return sink.descriptor
  }
}
