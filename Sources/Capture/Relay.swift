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
    case draining
    /// The session was ended from outside; the shell has been told, and has until a deadline.
    case hungUp(until: UInt64)
    case finished
  }

  /// How long a shell may take to end once its terminal is gone, before it is killed.
  private static var hangUpNanoseconds: UInt64 { 5_000_000_000 }
  /// How long what the shell wrote waits for a log that may never take it.
  private static var patienceNanoseconds: UInt64 { 5_000_000_000 }
  /// Once all that the shell wrote has been carried, what a job in the background still writes is waited for so long: the
  /// end of a pipeline may be a little late.
  private static var quietNanoseconds: UInt64 { 20_000_000 }
  /// Even a job that never stops writing holds up the end no longer than this.
  private static var lingerNanoseconds: UInt64 { 1_000_000_000 }
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
  /// While draining: until when a job in the background may be late, and until when it may go on.
  private var quietUntil: UInt64 = 0
  private var lingerUntil: UInt64 = 0
  /// While draining: until when a log that may never take more is waited for.
  private var patientUntil: UInt64 = 0
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
  /// And for what tells of the shell.
  private var childPlace = 0

  /// - Parameter startNanoseconds: ``Clock/elapsedNanoseconds`` at the start of the recording.
  package init(_ ends: RelayEnds, signals: consuming Signals, startNanoseconds: UInt64) {
    self.ends = ends
    job = JobControl(ends)
    self.signals = signals
    self.startNanoseconds = startNanoseconds
    polled.reserveCapacity(4 + ends.routes.count)
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
      if childPlace > 0 && polled[childPlace].revents != 0 { try noteChange(&log, now) }
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
      if let why = log.mustEnd { try hangUp(why, &log, now) }
      judge(log, now)
      if case .finished = phase {
        // The last window is recorded, however soon the end comes.
        if let window = unrecordedWindow { log.record(window, at: elapsed) }
        for route in ends.routes { try takeRest(route, &log) }
        dismiss()
        return outcome
      }
    }
  }

  /// Whether the route was asked about, and can be advanced.
  private func isReady(_ place: Int) -> Bool {
    places[place] > 0 && (polled[places[place]].revents != 0 || isToBeRead(ends.routes[place]))
  }

  /// Whether the route is read whatever poll(2) says: it knows nothing of what was typed ahead, and only a read that finds
  /// nothing says that nothing is left of what the shell wrote.
  private func isToBeRead(_ route: Route) -> Bool {
    !route.isDelivering && (route.hasAhead || route.owedByteCount > 0)
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
    childPlace = 0
    if let child = ends.child.descriptor {
      childPlace = polled.count
      polled.append(pollfd(fd: child, events: Int16(POLLIN), revents: 0))
    }
    if nextLookNanoseconds.map({ $0 <= elapsed }) == true { lookAgain() }
    var waits = !job.isStopping
    for place in ends.routes.indices {
      let route = ends.routes[place]
      places[place] = 0
      if route.isDelivering {
        places[place] = polled.count
        polled.append(pollfd(fd: route.target.raw, events: Int16(POLLOUT), revents: 0))
      } else if !route.isClosed && !route.isUnattended && !route.isHeld && mayRead(route, log) {
        places[place] = polled.count
        polled.append(pollfd(fd: route.source.raw, events: Int16(POLLIN), revents: 0))
        if isToBeRead(route) { waits = false }
      }
    }
    let limit = waits ? timeoutMilliseconds(log) : 0
    let result = polled.withUnsafeMutableBufferPointer { csys_poll($0.baseAddress, $0.count, limit) }
    if result < 0 { throw SystemError("poll") }
  }

  /// Rounded up, so that what is due is due when poll(2) returns.
  private func timeoutMilliseconds(_ log: borrowing Log) -> Int32 {
    let now = elapsed
    var deadline = log.deadlineNanoseconds
    func consider(_ other: UInt64) { deadline = min(deadline ?? .max, other) }
    if unrecordedWindow != nil { consider(nextResizeNanoseconds) }
    if let nextLookNanoseconds { consider(nextLookNanoseconds) }
    if let look = job.nextLookNanoseconds { consider(look) }
    switch phase {
    case .running, .finished: break
    case .draining:
      // Once it is past, only pipes and what holds up the rest are waited for.
      if drainDeadline > now { consider(drainDeadline) }
      if Log.mayWaitForEver && patientUntil > now { consider(patientUntil) }
    case .hungUp(let until): consider(until)
    }
    guard let deadline else { return -1 }
    if deadline <= now { return 0 }
    return Int32(clamping: (deadline - now + 999_999) / 1_000_000)
  }

  private var drainDeadline: UInt64 { min(quietUntil, lingerUntil) }

  // MARK: - Bytes

  /// Delivers what is pending, then carries on what there is: called for a route that poll(2) says is ready.
  private mutating func advance(_ route: Route, _ log: inout Log) throws(SystemError) {
    if route.isDelivering {
      if try route.deliver() == .targetEnded { try lose(route, &log) }
      return
    }
    for _ in 0..<Self.bulkReadCount {
      guard !route.isClosed, !route.isDelivering, mayRead(route, log) else { return }
      switch try route.read() {
      case .waiting, .targetEnded: return
      case .sourceEnded: return try end(route, &log)
      case .moved(let count):
        try carry(route, &log)
        if count < Self.bulkByteCount || !route.source.neverBlocks { return }
      }
    }
  }

  /// Whether the log takes what the route would bring.
  private func mayRead(_ route: Route, _ log: borrowing Log) -> Bool {
    if case .running = phase { return log.takes(route.stream) }
    return route.stream == .input ? log.takes(.input) : log.takesRest
  }

  /// Records what was read, then delivers it.
  private mutating func carry(_ route: Route, _ log: inout Log) throws(SystemError) {
    let now = elapsed
    if case .draining = phase {
      quietUntil = now + Self.quietNanoseconds
      patientUntil = now + Self.patienceNanoseconds
    }
    let keyboard = route.stream == .input && log.wantsKeyboard ? keyboardState(route) : nil
    log.record(route.unrecorded, route.stream, keyboard: keyboard, at: now)
    if let why = log.mustEnd { return try hangUp(why, &log, now) }
    if try route.deliver() == .targetEnded { try lose(route, &log) }
  }

  private func keyboardState(_ route: Route) -> KeyboardState? {
    route.isTerminal ? KeyboardState(master: route.target.raw) : nil
  }

  /// Nothing comes from the route's source any more.
  private mutating func end(_ route: Route, _ log: inout Log) throws(SystemError) {
    if route.isTerminal {
      if route.stream == .input { return try hangUp(.hangup, &log, elapsed) }
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
  private mutating func lose(_ route: Route, _ log: inout Log) throws(SystemError) {
    if route.isTerminal && route.stream != .input { return try hangUp(.hangup, &log, elapsed) }
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
      case .hangUp:
        self.signal = csys_sighup
        try hangUp(.hangup, &log, now)
      case .terminate:
        self.signal = csys_sigterm
        try hangUp(.ended, &log, now)
      case .interrupt, .quit, .stop: job.pass(signal)
      case .windowChanged: resize(&log, now)
      case .continued:
        job.continued(at: now)
        resize(&log, now)
      }
    }
  }

  private mutating func noteChange(_ log: inout Log, _ now: UInt64) throws(SystemError) {
    switch ends.child.change() {
    case nil: break
    case .stopped: job.childStopped()
    case .ended(let ended):
      job.childEnded()
      exit = ended
      drain(now)
    case .lost: if exit == nil { try hangUp(.ended, &log, now) }
    }
  }

  /// Stops with the shell, which has shown all that it wrote.
  private mutating func stop(_ log: inout Log, _ now: UInt64) {
    log.rest(at: now)
    job.stop(at: now)
    resize(&log, elapsed)
  }

  /// The shell has ended: what it wrote is carried on.
  private mutating func drain(_ now: UInt64) {
    lookAgain()
    guard case .running = phase else { return }
    phase = .draining
    patientUntil = now + Self.patienceNanoseconds
    for route in ends.routes where route.stream != .input && !route.isClosed { route.owe() }
  }

  /// Ends the session from outside: the inner terminal is hung up, the shell's input ends, and it has a while to go. What
  /// it still writes to pipes is carried on, unless it could not be recorded.
  private mutating func hangUp(_ why: SessionEnd.Why, _ log: inout Log, _ now: UInt64) throws(SystemError) {
    switch phase {
    case .running, .draining: break
    case .hungUp, .finished: return
    }
    if exit == nil { self.why = why }
    phase = .hungUp(until: now + Self.hangUpNanoseconds)
    for route in ends.routes where route.stream == .input || route.isTerminal || why == .failed {
      try takeRest(route, &log)
      route.source.close()
    }
    for route in ends.routes where route.stream == .input { route.target.close() }
    ends.master?.close()
    ends.child.signal(signal == csys_sigterm ? csys_sigterm : csys_sighup)
  }

  /// Lets the shell's warden go. A session that was ended takes all with it that it has started; after any other end, what
  /// nohup(1) and its like have left is to live on, and only the shell must not, since nobody records it.
  private func dismiss() {
    if why == .ended || why == .failed { return ends.child.end() }
    if exit == nil { ends.child.signal(csys_sigkill) }
    ends.child.leave()
  }

  /// Takes what is left in a source that is not read any more: it is recorded, and delivered as far as the target takes it
  /// now. There is no end to what a job in the background may write: what is more than the source can hold is a gap.
  private func takeRest(_ route: Route, _ log: inout Log) throws(SystemError) {
    route.abandon()  // recorded already
    if route.stream == .input || route.isClosed { return }
    route.owe()
    var lostByteCount = 0
    var takesMore = true
    while lostByteCount < Route.lostByteCountMax, case .moved(let count) = try route.read() {
      if route.owedByteCount > 0 {
        let isRecorded = log.recordRest(route.unrecorded, route.stream, at: elapsed)
        // What comes behind bytes that were not delivered is not delivered either.
        if isRecorded && takesMore { takesMore = try route.deliver() != .waiting }
      } else {
        lostByteCount += count
      }
      route.abandon()
    }
    if lostByteCount > 0 { log.lose(lostByteCount, why: "undelivered", at: elapsed) }
  }

  private mutating func judge(_ log: borrowing Log, _ now: UInt64) {
    switch phase {
    case .running, .finished: return
    case .hungUp(let until):
      if exit != nil || now >= until { phase = .finished }
    case .draining:
      if ends.routes.contains(where: { holdsUp($0) }) {
        quietUntil = now + Self.quietNanoseconds
        lingerUntil = now + Self.lingerNanoseconds
      }
      // No closure: none can borrow the log.
      for route in ends.routes where !isDone(route, log, now) { return }
      phase = .finished
    }
  }

  /// Whether what the shell wrote is not all delivered, however long the target or the log makes it wait.
  private func holdsUp(_ route: Route) -> Bool {
    route.stream != .input && !route.isClosed && (route.isDelivering || route.owedByteCount > 0)
  }

  /// Whether a session whose shell has ended need not wait for the route any more. The reader of a pipe waits for its end,
  /// as it would without a recorder. A terminal or a file has none, and gets what a job in the background writes a little
  /// later.
  private func isDone(_ route: Route, _ log: borrowing Log, _ now: UInt64) -> Bool {
    if holdsUp(route) { return Log.mayWaitForEver && !route.isDelivering && now >= patientUntil }
    if route.stream == .input || route.isClosed || route.isUnattended { return true }
    if !route.isTerminal && csys_kind_of(route.target.raw) == CSYS_KIND_STREAM { return false }
    return now >= drainDeadline || !mayRead(route, log)
  }
}
