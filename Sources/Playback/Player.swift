import CSys
package import Events
package import Readers
import Screen
package import SystemCalls

/// Plays a recording: one thread, one poll(2), one loop. Keys and signals say what to do (``Player/perform(_:)``); each turn
/// of the loop does what is due, paints it, and waits.
package final class Player {
  /// How it ended; what is wrong is thrown.
  package enum End {
    case finished, quit
    /// A signal ends the program, once all is as it was.
    case signal(Int32)
  }

  enum Phase {
    /// Going on as the pace says.
    case running
    /// On the way to a place, in slices.
    case seeking(Place)
    case searching(Search)
    /// All has been shown, and more may come.
    case waiting
    /// All has been shown and nothing will come: only a key goes on from here.
    case resting
    case ended(End)
  }

  /// How long a lone ESC is waited on for the rest of a key's sequence.
  private static let escapeMilliseconds: Int32 = 50
  /// How often the time in the status line is brought up to date.
  private static let statusMilliseconds: Int32 = 100
  /// What is played in one turn before keys are looked at.
  private static let turnByteCount: UInt64 = 64 << 10

  let settings: PlaySettings
  let source: any LineSource
  let timeline: Timeline
  var phase = Phase.running
  var pace: Pace
  var controls = Controls()
  var output = OutputQueue(1)
  /// nil: standard output is no terminal.
  var stage: Stage?
  private var keys: PlayerTerminal?
  /// Where keys are read from: standard input, or where that is the recording, the controlling terminal. -1: there are none.
  private var keyDescriptor: Int32 = -1
  private var controllingTerminal: Descriptor?
  private let signals: PlayerSignals
  var note: [UInt8] = []
  /// Where all had been shown, in milliseconds of the recording, and when.
  private var waited: (from: UInt64, since: UInt64) = (0, 0)
  var lastSearch: [UInt8] = []
  private var isDirty = true
  /// The terminal is ours: in the alternate screen, with keys one by one.
  private var isOnStage = false

  /// - Parameters:
  ///   - source: What `timeline` reads, to wait for more of it.
  ///   - terminal: The size of standard output when it is a terminal; nil: recorded bytes are written as they are.
  package init(
    _ settings: PlaySettings, source: any LineSource, timeline: Timeline, terminal: Window?
  ) throws(SystemError) {
    self.settings = settings
    self.source = source
    self.timeline = timeline
    pace = Pace(
      speed: settings.speed, idleLimitMilliseconds: settings.idleLimitSeconds.map { $0 * 1000 },
      isRunning: !settings.isPaused, now: Clock.elapsedNanoseconds)
    stage = terminal.map { Stage($0) }
    signals = try PlayerSignals()
    if stage != nil {
      keys = PlayerTerminal(0, persists: settings.persists) ?? PlayerTerminal(1, persists: settings.persists)
    }
    takeKeySource()
  }

  private func takeKeySource() {
    if !settings.readsStandardInput {
      keyDescriptor = csys_was_open(0) ? 0 : -1
    } else if keys != nil {
      keyDescriptor = csys_open("/dev/tty", O_RDONLY | O_NOCTTY, 0)
      if keyDescriptor >= 0 { controllingTerminal = Descriptor(owning: keyDescriptor) }
    }
  }

  /// Plays until the end, or until somebody ends it. The terminal is then as it was.
  package func run() throws(PlayError) -> End {
    do throws(PlayError) {
      try enter()
      if let goto = settings.goto {
        phase = .seeking(try reading { () throws(ReadError) in try place(of: goto) })
      }
      while true {
        if case .ended(let end) = phase {
          try leave(end)
          return end
        }
        try turn()
      }
    } catch {
      try? leave(.quit)
      throw error
    }
  }

  private func turn() throws(PlayError) {
    let now = Clock.elapsedNanoseconds
    var timeout = try advance(now)
    if case .ended = phase { return }
    // What still waits comes first: a terminal that is slow gets the latest screen, not all of them.
    try flush()
    if stage != nil, isDirty || isClockShown, output.isEmpty { paint(now) }
    try flush()
    if case .ended = phase { return }
    if timeout != 0, timeline.isIndexing, stage != nil {
      timeline.index()
      // The status line has learned the recording's end.
      if !timeline.isIndexing { isDirty = true }
      timeout = 0
    }
    if isClockShown { timeout = earlier(timeout, Self.statusMilliseconds) }
    if controls.isWaiting { timeout = earlier(timeout, Self.escapeMilliseconds) }
    try wait(timeout)
  }

  private func flush() throws(PlayError) {
    do throws(OutputError) {
      try output.flush()
    } catch {
      // A terminal that has been hung up; the signal that says so may be on its way still.
      guard stage != nil, error.code == EIO else { throw .output(error) }
      phase = .ended(.quit)
    }
  }

  private var isClockShown: Bool {
    guard let stage, stage.hasStatus, pace.isRunning else { return false }
    switch phase {
    case .running, .waiting: return true
    default: return false
    }
  }

  // MARK: Going on

  /// Does what is due.
  ///
  /// - Returns: Milliseconds until something is; -1 for never.
  private func advance(_ now: UInt64) throws(PlayError) -> Int32 {
    guard !output.isFull else { return -1 }
    return try reading { () throws(ReadError) in
      switch phase {
      case .running: return try play(now)
      case .seeking(let place): return try seek(place, now)
      case .searching(let search):
        try follow(search)
        return 0
      case .waiting, .resting, .ended: return -1
      }
    }
  }

  private func play(_ now: UInt64) throws(ReadError) -> Int32 {
    let start = timeline.head.outputByteCount
    while !output.isFull, timeline.head.outputByteCount - start < Self.turnByteCount {
      guard let content = try timeline.head.peek() else {
        atEnd()
        return phaseIsOver ? -1 : 0
      }
      let time = timeline.head.pendingMilliseconds
      guard let due = pace.due(time) else { return -1 }
      guard due <= now else { return Int32(clamping: (due - now + 999_999) / 1_000_000) }
      show(content)
      timeline.head.advance()
      if let step = timeline.head.takeClockStep() { note = clockNote(step) }
      pace.reached(time, due: due, now: now)
    }
    return 0
  }

  private var phaseIsOver: Bool {
    switch phase {
    case .waiting, .resting: true
    default: false
    }
  }

  private func clockNote(_ step: Int64) -> [UInt8] {
    var text = ByteBuilder(capacity: 32)
    text.append("clock set ")
    text.append(step < 0 ? "-" : "+")
    text.append(duration: step.magnitude)
    return text.array
  }

  private func atEnd() {
    isDirty = true
    let now = Clock.elapsedNanoseconds
    let live = settings.distant?.liveMilliseconds() ?? 0
    waited = (from: max(timeline.head.milliseconds, live), since: now)
    if settings.follows, source.awaited != nil {
      phase = .waiting
    } else if source.awaited != nil {
      // A pipe that has not ended.
      phase = .waiting
    } else if pace.isRunning || keyDescriptor < 0 {
      phase = .ended(.finished)
    } else {
      phase = .resting
    }
  }

  private func seek(_ place: Place, _ now: UInt64) throws(ReadError) -> Int32 {
    if stage == nil {
      // What lies before the place is written without delay.
      guard let content = try timeline.head.peek(), isBefore(place) else { return arrive(now) }
      show(content)
      timeline.head.advance()
      return 0
    }
    return try timeline.approach(place) ? arrive(now) : 0
  }

  private func isBefore(_ place: Place) -> Bool {
    switch place {
    case .milliseconds(let time): timeline.head.pendingMilliseconds < time
    case .ordinal, .end: true
    }
  }

  private func arrive(_ now: UInt64) -> Int32 {
    var time = timeline.head.milliseconds
    if case .seeking(.milliseconds(let wanted)) = phase {
      time = max(time, min(wanted, timeline.endMilliseconds ?? wanted))
    }
    pace.jump(to: time, now: now)
    phase = .running
    isDirty = true
    return 0
  }

  private func follow(_ search: Search) throws(ReadError) {
    switch try search.step() {
    case .more: break
    case .found(let place):
      note = []
      try go(to: place)
    case .none:
      note = bytes("not found")
      phase = .running
      pace.jump(to: timeline.head.milliseconds, now: Clock.elapsedNanoseconds)
    }
    isDirty = true
  }

  func go(to place: Place) throws(ReadError) {
    if stage != nil { try timeline.begin(place) }
    phase = .seeking(place)
    isDirty = true
  }

  func place(of moment: Moment) throws(ReadError) -> Place {
    switch moment {
    case .end: return .end
    case .milliseconds(let time): return .milliseconds(time)
    case .clock(let time):
      // The first message says when it began.
      _ = try timeline.head.peek()
      guard let start = timeline.head.wallStart else {
        note = bytes("the recording does not say when it began")
        return .milliseconds(0)
      }
      return .milliseconds(UInt64(clamping: time - Int64(clamping: start)))
    }
  }

  /// Shows an event that is about to be applied.
  func show(_ content: Playhead.Content) {
    isDirty = true
    switch content {
    case .output(let bytes): if stage == nil { output.bytes.append(bytes) }
    case .input(let bytes, let mark): if settings.showsInput { stage?.took(input: bytes, mark) }
    case .gap: note = bytes("something is missing here")
    case .broken: note = bytes("a message is wrong here")
    case .window, .end: break
    }
  }

  // MARK: Painting

  private func paint(_ now: UInt64) {
    guard var stage else { return }
    let footer = footer(of: stage, now)
    stage.painter.paint(
      timeline.head.emulator, generation: timeline.head.generation, footer: footer, into: &output.bytes)
    self.stage = stage
    isDirty = false
  }

  func footer(of stage: Stage, _ now: UInt64) -> [[UInt8]] {
    var lines = stage.showsHelp ? helpLines : []
    if settings.showsInput {
      lines.append(bytes(" typed: ") + stage.input.suffix(max(0, Int(stage.painter.terminal.columns) - 9)))
    }
    guard stage.hasStatus || controls.typed != nil else { return lines }
    let head = timeline.head
    let shown = shownMilliseconds(now)
    return lines + [
      StatusLine(
        word: word, state: timeline.state, milliseconds: shown, endMilliseconds: timeline.endMilliseconds,
        wallClock: head.wallStart.map { $0 &+ shown }, isUTC: settings.isUTC, speed: pace.speed,
        isIdleSkipped: pace.idleLimitMilliseconds != nil, recorded: head.emulator.window,
        terminal: stage.painter.terminal, footerCount: lines.count + 1, note: controls.typed ?? note
      ).text
    ]
  }

  /// Where in the recording it is. A session that is followed goes on while nothing comes of it.
  private func shownMilliseconds(_ now: UInt64) -> UInt64 {
    let head = timeline.head.milliseconds
    switch phase {
    case .waiting where pace.isRunning: return max(head, waited.from + (now - min(now, waited.since)) / 1_000_000)
    case .waiting, .resting: return head
    default: return max(head, UInt64(max(0, min(pace.position(at: now), 9e15))))
    }
  }

  private var word: StatusLine.Word {
    switch phase {
    case .running: pace.isRunning ? .playing : .paused
    case .seeking: .seeking
    case .searching: .searching
    case .waiting: pace.isRunning ? .waiting : .paused
    case .resting, .ended: .ended
    }
  }

  // MARK: Waiting

  private func wait(_ timeout: Int32) throws(PlayError) {
    let isWaiting = if case .waiting = phase { true } else { false }
    var awaited = [
      pollfd(fd: signals.descriptor.raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: keyDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output.isEmpty ? -1 : output.descriptor, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: isWaiting ? source.awaited ?? -1 : -1, events: Int16(POLLIN), revents: 0),
    ]
    csys_poll(&awaited, awaited.count, timeout)
    if awaited[0].revents != 0 { try takeSignals() }
    if awaited[1].revents != 0 {
      try takeKeys()
    } else if let action = controls.expire() {
      try perform(action)
    }
    if awaited[3].revents != 0, case .waiting = phase {
      try reading { () throws(ReadError) in try source.attend() }
      phase = .running
    }
  }

  private func takeKeys() throws(PlayError) {
    var bytes = [UInt8](repeating: 0, count: 256)
    let transfer = try bytes.readKeys(from: keyDescriptor)
    switch transfer {
    case .wouldBlock: return
    case .end:
      keyDescriptor = -1
      if case .resting = phase { phase = .ended(.finished) }
    case .bytes(let count):
      for byte in bytes[..<count] {
        guard let action = controls.received(byte) else { continue }
        try perform(action)
      }
    }
  }

  func perform(_ action: Controls.Action) throws(PlayError) {
    isDirty = true
    try reading { () throws(ReadError) in try act(on: action, now: Clock.elapsedNanoseconds) }
  }

  // MARK: Signals

  private func takeSignals() throws(PlayError) {
    while let signal = signals.next() {
      switch signal {
      case .end(let number): phase = .ended(.signal(number))
      case .stop: try stop()
      case .continued, .windowChanged:
        if let window = windowOfTerminal(1) { stage?.painter.forget(window) }
        isDirty = true
      }
    }
    // Not before: a signal that came while we were stopped may end the player, and the terminal is another's then.
    if case .ended = phase { return }
    if !isOnStage { try enter() }
  }

  /// Leaves the terminal to others until somebody continues this process. Recorded time stands still meanwhile. The terminal
  /// is to be entered again.
  private func stop() throws(PlayError) {
    let wasRunning = pace.isRunning
    pace.setRunning(false, now: Clock.elapsedNanoseconds)
    try leaveStage()
    keys?.restore()
    csys_stop()
    pace.setRunning(wasRunning, now: Clock.elapsedNanoseconds)
  }

  // MARK: The terminal

  private func enter() throws(PlayError) {
    guard stage != nil else { return }
    isOnStage = true
    if let keys { try onTerminal { () throws(SystemError) in try keys.take() } }
    // The alternate screen, empty.
    output.bytes.append("\u{1b}[?1049h\u{1b}[0m\u{1b}[2J")
    stage?.painter.forget(windowOfTerminal(1) ?? .usual)
    isDirty = true
  }

  private func leaveStage() throws(PlayError) {
    guard isOnStage else { return }
    isOnStage = false
    output.bytes.append("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l")
    try writing { () throws(OutputError) in try output.drain() }
  }

  private func leave(_ end: End) throws(PlayError) {
    defer { keys?.restore() }
    guard let stage else {
      // As tlog ends what it writes, wherever to.
      output.bytes.append("\u{1b}[0m\u{1b}[?25h\n\0")
      return try writing { () throws(OutputError) in try output.drain() }
    }
    if case .finished = end {
      output.bytes.append("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l")
      appendLines(
        of: timeline.head.emulator, columnCount: Int(stage.painter.terminal.columns), into: &output.bytes)
      return try writing { () throws(OutputError) in try output.drain() }
    }
    try leaveStage()
  }
}

/// The sooner of two times to wait; -1 is never.
private func earlier(_ one: Int32, _ other: Int32) -> Int32 { one < 0 ? other : min(one, other) }

extension [UInt8] {
  /// Reads keys into this room.
  fileprivate mutating func readKeys(from descriptor: Int32) throws(PlayError) -> Transfer {
    var result = Result<Transfer, SystemError>.success(.wouldBlock)
    withUnsafeMutableBytes { room in
      result = Result { () throws(SystemError) in try readNow(descriptor, into: room) }
    }
    return try onTerminal { () throws(SystemError) in try result.get() }
  }
}
