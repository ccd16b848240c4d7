import CSys
package import Events
package import SystemCalls

/// What a relay is between. The routes own their descriptors.
package struct RelayEnds {
  /// The terminal that the caller gave, if they did.
  package var outer: OuterTerminal?
  package var routes: [Route]
  /// The recorder's end of the inner terminal, if there is one.
  package var master: Endpoint?
  package var child: Child

  package init(outer: OuterTerminal?, routes: [Route], master: Endpoint?, child: Child) {
    self.outer = outer
    self.routes = routes
    self.master = master
    self.child = child
  }
}

/// Carries bytes between a person and their shell, and records each before it goes on.
///
/// One thread, poll(2), reused buffers, no allocation for an event. A key costs two polls, two reads, two writes, and
/// what the log makes of it: key read, recorded, written to the inner terminal; its echo read, recorded, written to the
/// outer one. Whatever the log or the other side cannot take stops the reading of what it would come from, and of nothing
/// else. The routes:
///
///     keyboard of the outer terminal ──▶ inner terminal ──▶ screen of the outer terminal
///     standard input that is no terminal ──▶ pipe to the shell
///     pipe from the shell ──▶ standard output, standard error that are no terminal
package struct Relay<Log: EventLog & ~Copyable>: ~Copyable {
  /// How the session ended.
  package struct Outcome {
    /// Nil when the session ended before the shell did.
    package var exit: Child.Exit?
    package var why: SessionEnd.Why
    /// The signal that ended the recorder; 0 for none.
    package var signal: Int32
    package var inputByteCount: UInt64
    package var outputByteCount: UInt64
  }

  private enum Phase {
    case running
    /// The shell has ended; what it left on its way is carried on.
    case draining(since: UInt64)
    /// The session was ended from outside; the shell has been told, and has until a deadline.
    case hungUp(until: UInt64)
    case finished
  }

  /// How long a shell may take to end once its terminal is gone; the kernel kills it when the recorder ends.
  private static var hangUpNanoseconds: UInt64 { 5_000_000_000 }
  /// A background job may hold the terminal open for ever: the last output of a shell that has ended was on its way
  /// already, and has come when there was nothing for that long.
  private static var quietNanoseconds: UInt64 { 20_000_000 }
  /// Even a job that never stops writing holds up the end no longer than this, while the terminal takes what comes.
  private static var drainNanoseconds: UInt64 { 1_000_000_000 }
  /// No more than this can have been on its way when the shell ended: what the largest pipe holds that a user may make
  /// (pipe(7)). A pseudo-terminal holds less.
  private static var drainByteCountMax: Int { 1 << 20 }
  /// At most 20 resizes a second are recorded, and always the last (THREATS 22).
  private static var resizeNanoseconds: UInt64 { 50_000_000 }
  /// No call waits until a terminal that no process has open is opened.
  private static var lookNanoseconds: UInt64 { 100_000_000 }
  /// A read of that many bytes is probably followed by another: it is tried without asking poll(2) first.
  private static var bulkByteCount: Int { 2048 }
  /// Yet the other routes and the signals have their turn after so many.
  private static var bulkReadCount: Int { 16 }

  private let ends: RelayEnds
  private let signals: Signals
  private var job: JobControl
  private let startNanoseconds: UInt64
  private var phase = Phase.running
  private var exit: Child.Exit?
  private var why = SessionEnd.Why.exit
  private var signal: Int32 = 0
  private var lastReadNanoseconds: UInt64 = 0
  /// Bytes read since the shell ended.
  private var drainedByteCount = 0
  private var window: Window?
  private var nextResizeNanoseconds: UInt64 = 0
  /// When a terminal that no process had open is looked at again; nil while there is none.
  private var nextLookNanoseconds: UInt64?
  private var unrecordedWindow: Window?
  private var polled: [pollfd] = []
  /// For each route, where it stands in `polled`; 0 when it is not asked about.
  private var places: [Int] = []
  /// The same for the log's control descriptor.
  private var controlPlace = 0

  /// - Parameter startNanoseconds: ``Clock/elapsedNanoseconds`` at the start of the recording.
  package init(_ ends: RelayEnds, signals: consuming Signals, startNanoseconds: UInt64) {
    self.ends = ends
    job = JobControl(ends)
    self.signals = signals
    self.startNanoseconds = startNanoseconds
    polled.reserveCapacity(3 + ends.routes.count)
    places = [Int](repeating: 0, count: ends.routes.count)
  }

  /// Relays until the session is over.
  ///
  /// - Throws: What no session can go on after: poll(2) or waitpid(2) failing, a descriptor answering what none should.
  package mutating func run(into log: inout Log) throws(SystemError) -> Outcome {
    while true {
      try wait(for: log)
      let now = elapsed
      if polled[0].revents != 0 { try handleSignals(&log, now) }
      job.look(at: now)
      if controlPlace > 0 && polled[controlPlace].revents != 0 { log.hear(at: now) }
      log.attend(at: now)
      recordWindow(&log, now)
      var isQuiet = true
      for place in ends.routes.indices where isReady(place) {
        isQuiet = false
        try advance(ends.routes[place], &log)
      }
      if job.isStopping && isQuiet { stop(&log, now) }
      if let why = log.mustEnd { hangUp(why, now) }
      try judge(now)
      if case .finished = phase { return outcome }
    }
  }

  private func isReady(_ place: Int) -> Bool {
    places[place] > 0 && (polled[places[place]].revents != 0 || ends.routes[place].hasAhead)
  }

  private var elapsed: UInt64 { Clock.elapsedNanoseconds &- startNanoseconds }

  private var outcome: Outcome {
    var outcome = Outcome(exit: exit, why: why, signal: signal, inputByteCount: 0, outputByteCount: 0)
    for route in ends.routes {
      if route.stream == .input {
        outcome.inputByteCount += route.deliveredByteCount
      } else {
        outcome.outputByteCount += route.deliveredByteCount
      }
    }
    return outcome
  }

  // MARK: - Waiting

  private mutating func wait(for log: borrowing Log) throws(SystemError) {
    polled.removeAll(keepingCapacity: true)
    polled.append(pollfd(fd: signals.descriptor.raw, events: Int16(POLLIN), revents: 0))
    if let awaited = log.awaitedDescriptor { polled.append(pollfd(fd: awaited, events: Int16(POLLOUT), revents: 0)) }
    controlPlace = 0
    if let control = log.controlDescriptor {
      controlPlace = polled.count
      polled.append(pollfd(fd: control, events: Int16(POLLIN), revents: 0))
    }
    if nextLookNanoseconds.map({ $0 <= elapsed }) == true { lookAgain() }
    var hasAhead = false
    for place in ends.routes.indices {
      let route = ends.routes[place]
      places[place] = 0
      if route.isDelivering {
        places[place] = polled.count
        polled.append(pollfd(fd: route.target.raw, events: Int16(POLLOUT), revents: 0))
      } else if !route.isClosed && !route.isUnattended && !route.isHeld && log.takes(route.stream) {
        places[place] = polled.count
        polled.append(pollfd(fd: route.source.raw, events: Int16(POLLIN), revents: 0))
        if route.hasAhead { hasAhead = true }
      }
    }
    let limit = hasAhead || job.isStopping ? 0 : timeoutMilliseconds(log.deadlineNanoseconds)
    let result = polled.withUnsafeMutableBufferPointer { csys_poll($0.baseAddress, $0.count, limit) }
    if result < 0 { throw SystemError("poll") }
  }

  /// Rounded up, so that what is due is due when poll(2) returns.
  private func timeoutMilliseconds(_ logDeadline: UInt64?) -> Int32 {
    let now = elapsed
    var deadline = logDeadline
    func consider(_ other: UInt64) { deadline = min(deadline ?? .max, other) }
    if unrecordedWindow != nil { consider(nextResizeNanoseconds) }
    if let nextLookNanoseconds { consider(nextLookNanoseconds) }
    if let look = job.nextLookNanoseconds { consider(look) }
    switch phase {
    case .running, .finished: break
    case .draining(let since):
      // Once it is past, only pipes are waited for.
      if drainDeadline(since) > now { consider(drainDeadline(since)) }
    case .hungUp(let until): consider(until)
    }
    guard let deadline else { return -1 }
    if deadline <= now { return 0 }
    return Int32(clamping: (deadline - now + 999_999) / 1_000_000)
  }

  private func drainDeadline(_ since: UInt64) -> UInt64 {
    min(max(since, lastReadNanoseconds) + Self.quietNanoseconds, since + Self.drainNanoseconds)
  }

  // MARK: - Bytes

  /// Delivers what is pending, then carries on what there is: called for a route that poll(2) says is ready.
  private mutating func advance(_ route: Route, _ log: inout Log) throws(SystemError) {
    if route.isDelivering {
      if try route.deliver() == .targetEnded { lose(route) }
      if !route.isDelivering { resumeReading() }
      return
    }
    for _ in 0..<Self.bulkReadCount {
      guard !route.isClosed, !route.isDelivering, log.takes(route.stream) else { return }
      switch try route.read() {
      case .waiting, .targetEnded: return
      case .sourceEnded: return end(route)
      case .moved(let count):
        try carry(route, &log)
        if count < Self.bulkByteCount || !route.source.neverBlocks { return }
      }
    }
  }

  /// Nothing could be read while a target took nothing: only from now on does silence mean that nothing will come.
  private mutating func resumeReading() {
    lastReadNanoseconds = elapsed
    if case .draining = phase { phase = .draining(since: lastReadNanoseconds) }
  }

  /// Records what was read, then delivers it.
  private mutating func carry(_ route: Route, _ log: inout Log) throws(SystemError) {
    let now = elapsed
    lastReadNanoseconds = now
    if case .draining = phase { drainedByteCount += route.unrecorded.count }
    let keyboard = route.stream == .input && log.wantsKeyboard ? keyboardState(route) : nil
    log.record(route.unrecorded, route.stream, keyboard: keyboard, at: now)
    if let why = log.mustEnd { return hangUp(why, now) }
    if try route.deliver() == .targetEnded { lose(route) }
  }

  private func keyboardState(_ route: Route) -> KeyboardState? {
    route.isTerminal ? KeyboardState(master: route.target.raw) : nil
  }

  /// Nothing comes from the route's source any more.
  private mutating func end(_ route: Route) {
    if route.isTerminal {
      if route.stream == .input { return hangUp(.hangup, elapsed) }
      // The shell may run on without its terminal, and open it again. Closed, that would be a hang-up to it.
      route.isUnattended = true
      if exit == nil { nextLookNanoseconds = elapsed + Self.lookNanoseconds }
      return
    }
    route.source.close()
    // A pipe's reader waits for its end.
    route.target.close()
  }

  /// What was written to a terminal that was opened again is read.
  private mutating func lookAgain() {
    nextLookNanoseconds = nil
    for route in ends.routes { route.isUnattended = false }
  }

  /// Nobody takes the route's bytes any more.
  private mutating func lose(_ route: Route) {
    if route.isTerminal && route.stream != .input { return hangUp(.hangup, elapsed) }
    if !route.isTerminal { route.source.close() }
  }

  // MARK: - Windows

  private mutating func resize(_ log: inout Log, _ now: UInt64) {
    guard let window = ends.outer?.window, window != self.window else { return }
    self.window = window
    if let master = ends.master, master.isOpen { csys_terminal_resize(master.raw, window.rows, window.columns) }
    unrecordedWindow = window
    recordWindow(&log, now)
  }

  private mutating func recordWindow(_ log: inout Log, _ now: UInt64) {
    guard let window = unrecordedWindow, now >= nextResizeNanoseconds else { return }
    log.record(window, at: now)
    unrecordedWindow = nil
    nextResizeNanoseconds = now + Self.resizeNanoseconds
  }

  // MARK: - Ends

  private mutating func handleSignals(_ log: inout Log, _ now: UInt64) throws(SystemError) {
    while let signal = signals.next() {
      switch signal {
      case .childChanged: try noteChange(now)
      case .hangUp:
        self.signal = csys_sighup
        hangUp(.hangup, now)
      case .terminate:
        self.signal = csys_sigterm
        hangUp(.ended, now)
      case .interrupt, .quit, .stop: job.pass(signal)
      case .windowChanged: resize(&log, now)
      case .continued:
        job.continued(at: now)
        resize(&log, now)
      }
    }
  }

  private mutating func noteChange(_ now: UInt64) throws(SystemError) {
    guard exit == nil, let change = try ends.child.change() else { return }
    switch change {
    case .stopped: job.childStopped()
    case .ended(let ended):
      job.childEnded()
      exit = ended
      if case .running = phase { phase = .draining(since: now) }
      lookAgain()
    }
  }

  /// Stops with the shell, which has shown all that it wrote.
  private mutating func stop(_ log: inout Log, _ now: UInt64) {
    log.rest(at: now)
    job.stop(at: now)
    resize(&log, elapsed)
  }

  /// Ends the session from outside: the inner terminal is hung up, the shell's input ends, and it has a while to go. What
  /// it still writes to pipes is carried on, unless it could not be recorded.
  private mutating func hangUp(_ why: SessionEnd.Why, _ now: UInt64) {
    switch phase {
    case .running, .draining: break
    case .hungUp, .finished: return
    }
    if exit == nil { self.why = why }
    phase = .hungUp(until: now + Self.hangUpNanoseconds)
    for route in ends.routes where route.stream == .input || route.isTerminal || why == .failed {
      route.abandon()
      route.source.close()
    }
    for route in ends.routes where route.stream == .input { route.target.close() }
    ends.master?.close()
    ends.child.signal(signal == csys_sigterm ? csys_sigterm : csys_sighup)
  }

  private mutating func judge(_ now: UInt64) throws(SystemError) {
    switch phase {
    case .running, .finished: return
    case .hungUp(let until):
      if exit != nil || now >= until { phase = .finished }
    case .draining(let since):
      if ends.routes.allSatisfy({ isDone($0, since, now) }) { phase = .finished }
    }
  }

  /// Whether a route holds up the end of a session whose shell has ended. One that delivers does. The reader of a pipe
  /// waits for its end, as it would without a recorder; a terminal or a file has none, and gets what is on its way.
  private func isDone(_ route: Route, _ since: UInt64, _ now: UInt64) -> Bool {
    if route.stream == .input || route.isClosed || route.isUnattended { return true }
    if route.isDelivering { return false }
    if !route.isTerminal && csys_kind_of(route.target.raw) == CSYS_KIND_STREAM { return false }
    return now >= drainDeadline(since) || drainedByteCount >= Self.drainByteCountMax
  }
}
