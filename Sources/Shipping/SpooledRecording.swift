import CSys
package import Events
package import SystemCalls

/// A recording that an agent has in its spool: the file is followed, cut into messages, and kept until the centre has it.
///
/// Reads by offset and size; what was cut is read again only to cut it anew behind the centre's head. One owner, one
/// thread; times are nanoseconds of a clock that is passed in.
package final class SpooledRecording {
  /// How much is read ahead of what the centre has: memory for each recording is bounded by it and one frame.
  package static let aheadByteCountMax: UInt64 = 1 << 20
  /// Enough for the reader to find a whole frame behind damage.
  private static let readByteCountMax = 2 * SpoolFrame.byteCountMax
  /// Steps through damage in a file that a recorded person can write: looking for the next frame takes time, which is not
  /// theirs to use up. A step is 128 KiB of nothing, or a hole that ends sooner.
  private static let damageCountMax = 64

  /// Where what there is to know of the session comes from.
  package enum Recorder: Equatable {
    /// It is connected.
    case connected(Int)
    /// It has no connection, since then, and may come back.
    case away(since: UInt64)
    /// It is no more; what is left of the file is all there will be.
    case gone(SessionEnd.Why)
  }

  /// Where a message ends, and what is in force there.
  struct Boundary {
    let offset: UInt64
    let window: Window?
    let startMilliseconds: UInt64
    /// When the centre had it.
    let at: UInt64
  }

  /// What came of reading.
  package enum Finding: Equatable {
    case nothing
    case progress
    /// The file is not what a recorder writes, or not any more.
    case tampered(Rule)
  }

  package enum Rule: String, Equatable {
    case shrunk = "the file is shorter than what was read of it"
    case beyondBudget = "the file is longer than its budget"
    case noFrame = "too many bytes that are no frames"
    case noStart = "the first frame is no start"
  }

  package internal(set) var state: SpooledState
  package let handle: SpoolHandle
  /// Where the spool file lies; another place than the agent's own for one that was adopted.
  let disk: any SpoolDisk
  package internal(set) var recorder: Recorder
  package internal(set) var isStateDirty = true
  /// Cut and not with the centre, oldest first; those in ``inFlight`` too.
  package internal(set) var messages: [Cutter.Message] = []
  /// How many of ``messages`` are on their way.
  package internal(set) var inFlightCount = 0
  /// Nothing is sent before that.
  var resumeAt: UInt64 = 0
  var failureCount = 0
  /// No more is sent: the centre refuses it for good, or has something else under its name.
  var isParked = false
  /// When bytes were first seen that are not cut yet.
  var unsentSince: UInt64?
  /// The name of the user has been found out, or there is none.
  var userName: [UInt8]?
  /// What the ledger has of it.
  var isStartInLedger = false
  var isEndInLedger = false
  var headInLedger: Head?
  /// What it counts as.
  var charge: Allotment.Charge
  /// Whether silence has been noted.
  var isStalled = false
  var isSynced = true
  /// errno of the last problem that was told.
  var lastProblem: Int32 = 0
  /// Boundaries that the centre has: what may be freed, oldest first.
  var kept: [Boundary] = []

  /// The file's size when it was last looked at.
  package private(set) var byteCount: UInt64 = 0

  private let reader: SpoolReader
  private let host: [UInt8]
  private(set) var cutter: Cutter?
  private var readOffset: UInt64
  /// Of those frames that were read.
  private var inputByteCount: UInt64 = 0
  private var outputByteCount: UInt64 = 0
  /// Bytes before ``readOffset`` that are no frames, and in no gap yet: the hole may go on.
  private var holeByteCount: UInt64 = 0
  private var damageCount = 0
  private var buffer: UnsafeMutableRawBufferPointer
  /// A gap that restarting behind a base must tell of.
  private var missing: UInt64 = 0

  package init(
    _ state: SpooledState, _ handle: SpoolHandle, on disk: any SpoolDisk, host: [UInt8], recorder: Recorder,
    charge: Allotment.Charge
  ) {
    self.state = state
    self.handle = handle
    self.disk = disk
    self.host = host
    self.recorder = recorder
    self.charge = charge
    reader = SpoolReader(salt: state.salt)
    readOffset = state.base
    buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  deinit { buffer.deallocate() }

  package var name: String { state.recording }
  package var stateName: String { name + ".state" }
  package var spoolName: String { name + ".spool" }
  /// There may be a recorder that writes to it.
  var isLive: Bool { !isComplete && !hasEnded && !isGone }
  /// Bytes that count as this recording's.
  var heldByteCount: UInt64 { state.heldByteCount(isLive: isLive, size: byteCount) }
  /// Its end has been cut.
  package var hasEnded: Bool { cutter?.hasEnded ?? false }
  package var isComplete: Bool { state.completeAtMilliseconds != nil }

  // MARK: - Reading

  /// Looks how large the file is. What stands behind the end was written by somebody who still has its descriptor, and
  /// goes: it would be a way to fill the disk.
  func measure() throws(SystemError) {
    byteCount = try handle.byteCount()
    guard !state.isTrusted, hasEnded || isComplete else { return }
    let end = hasEnded ? readOffset : state.head.offset
    guard byteCount > end else { return }
    try handle.cut(to: end)
    byteCount = end
  }

  /// Reads what is new, up to a bound, and cuts what is a message by itself.
  package func follow(at now: UInt64) throws(SystemError) -> Finding {
    try measure()
    let size = byteCount
    if size < readOffset { return .tampered(.shrunk) }
    if !state.isTrusted && size > state.budget && !hasEnded { return .tampered(.beyondBudget) }
    if size > readOffset && unsentSince == nil { unsentSince = now }
    var finding = Finding.nothing
    while readOffset < size, mayReadOn, !hasEnded {
      let before = readOffset
      let found = try step(isEnd: isGone)
      if found != .nothing { finding = found }
      if case .tampered = found { return found }
      if readOffset == before { break }
    }
    isSynced = isSynced && finding == .nothing
    return finding
  }

  private var mayReadOn: Bool { readOffset < max(state.head.offset, state.base) + Self.aheadByteCountMax }

  private var isGone: Bool { if case .gone = recorder { true } else { false } }

  private func step(isEnd: Bool) throws(SystemError) -> Finding {
    if buffer.count == 0 { buffer = .allocate(byteCount: Self.readByteCountMax, alignment: 16) }
    let count = try handle.read(at: readOffset, into: buffer)
    var place = 0
    var finding = Finding.nothing
    while place < count, !hasEnded {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[place..<count]).assumingMemoryBound(to: UInt8.self)
      // A whole buffer is more than any frame, so what is not whole in one never will be.
      let isAll = isEnd && count < buffer.count
      switch reader.next(in: rest, isEnd: isAll) {
      case .needMore: return finding
      case .frame(let frame, let byteCount):
        guard take(frame, byteCount) else { return .tampered(.noStart) }
        place += byteCount
      case .foreign(let byteCount):
        if cutter == nil {
          holeByteCount += UInt64(byteCount)
        } else {
          closeHole(until: cutter?.lastMilliseconds ?? 0)
          cutter?.passOver(UInt64(byteCount))
        }
        readOffset += UInt64(byteCount)
        place += byteCount
      case .torn: return finding
      case .damaged(let byteCount):
        damageCount += 1
        if !state.isTrusted && damageCount > Self.damageCountMax { return .tampered(.noFrame) }
        holeByteCount += UInt64(byteCount)
        readOffset += UInt64(byteCount)
        place += byteCount
      }
      finding = .progress
    }
    return finding
  }

  /// - Returns: False when a recording does not begin with its start.
  private func take(_ frame: SpoolFrame, _ byteCount: Int) -> Bool {
    let end = readOffset + UInt64(byteCount)
    if cutter == nil && !begin(frame) { return false }
    if case .start = frame.content {} else { replaceStart() }
    closeHole(until: frame.elapsedNanoseconds / 1_000_000)
    switch frame.content {
    case .data(.input, _, let bytes): inputByteCount += UInt64(bytes.count)
    case .data(_, _, let bytes): outputByteCount += UInt64(bytes.count)
    default: break
    }
    cutter?.take(frame, start: startFacts(frame), endingAt: end, into: &messages)
    readOffset = end
    return true
  }

  /// Notes that something was written there which is lost.
  private func closeHole(until milliseconds: UInt64) {
    if holeByteCount == 0 { return }
    cutter?.skip(holeByteCount, until: milliseconds, into: &messages)
    holeByteCount = 0
  }

  private func begin(_ frame: SpoolFrame) -> Bool {
    if state.header == nil {
      guard let header = header(frame) else { return false }
      state.header = header
      isStateDirty = true
    }
    return makeCutter()
  }

  /// What messages begin with, as the start says. Where damage took the start, as the agent and the file know.
  private func header(_ frame: SpoolFrame) -> SpooledState.Header? {
    if case .start(let header, let start) = frame.content {
      if state.user == .max { state.user = start.user }
      if state.loginUser == .max { state.loginUser = start.loginUser }
      if state.session == 0 { state.session = header.session }
      return SpooledState.Header(
        host: host, user: userName ?? header.user, terminal: header.terminal,
        startMilliseconds: header.startMilliseconds)
    }
    guard holeByteCount > 0, let file = SpoolHeader(of: handle) else { return nil }
    return SpooledState.Header(
      host: host, user: userName ?? [], terminal: [], startMilliseconds: file.madeAtMilliseconds)
  }

  /// A recording begins with a start, also where damage took the recorder's own: then with the kernel's word alone.
  private func replaceStart() {
    guard holeByteCount > 0, cutter?.isNew ?? false, readOffset - holeByteCount == SpoolHeader.byteCount else { return }
    let start = SessionStart(
      user: state.user, loginUser: state.loginUser, parent: [], terminal: [], command: [], trust: trust,
      terminalGuard: [])
    cutter?.begin(start, into: &messages)
  }

  /// - Returns: False as long as the start was never read.
  private func makeCutter() -> Bool {
    guard let header = state.recordingHeader else { return false }
    let window = state.baseWindow.map { Window(columns: $0[0], rows: $0[1]) }
    cutter = Cutter(header: header, offset: readOffset - holeByteCount, window: window)
    return true
  }

  /// The kernel's word in the place of the recorder's.
  private func startFacts(_ frame: SpoolFrame) -> SessionStart? {
    guard case .start(_, var start) = frame.content else { return nil }
    start.user = state.user
    start.loginUser = state.loginUser
    start.trust = trust
    return start
  }

  private var trust: [UInt8] { bytes(state.isTrusted ? "trusted" : "self-reported") }

  // MARK: - Cutting

  /// Makes a message of what was read and is in none yet.
  package func cut() {
    cutter?.finish(into: &messages)
    unsentSince = nil
  }

  /// Notes that the recorder did not answer from `from` on, in milliseconds since the start.
  package func noteSilence(at milliseconds: UInt64) {
    cutter?.note("stalled", byteCount: 0, at: milliseconds, into: &messages)
  }

  /// Cuts again from behind `head`, as the centre has it.
  ///
  /// - Returns: False when no frame ends there: the centre has something else under this name.
  package func cut(behind head: Head) throws(SystemError) -> Bool {
    messages = []
    inFlightCount = 0
    readOffset = state.base
    (holeByteCount, damageCount) = (0, 0)
    cutter = nil
    _ = makeCutter()
    (inputByteCount, outputByteCount) = (0, 0)
    if head.sequence > 0, head.offset > state.base || state.base > SpoolHeader.byteCount {
      guard try seek(head.offset) else { return false }
    }
    cutter?.goOn(behind: head)
    state.head = head
    isStateDirty = true
    if missing > 0 {
      cutter?.note("given up", byteCount: missing, at: 0, into: &messages)
      missing = 0
    }
    return true
  }

  /// Reads up to `offset`, for what later messages depend on: the window, and characters that are split there.
  private func seek(_ offset: UInt64) throws(SystemError) -> Bool {
    let size = try handle.byteCount()
    guard offset <= size else { return false }
    if offset < state.base { missing = state.base - offset }
    if buffer.count == 0 { buffer = .allocate(byteCount: Self.readByteCountMax, alignment: 16) }
    while readOffset < offset {
      // More than what lies before `offset`: what is damage is seen by what comes behind it.
      let count = try handle.read(at: readOffset, into: buffer)
      let part = UnsafeRawBufferPointer(rebasing: buffer[..<count]).assumingMemoryBound(to: UInt8.self)
      switch reader.next(in: part, isEnd: count < buffer.count) {
      case .frame(let frame, let byteCount):
        guard readOffset + UInt64(byteCount) <= offset, take(frame, byteCount) else { return false }
      case .foreign(let byteCount), .damaged(let byteCount):
        // A hole that was made since may go on behind it: that part is told of.
        let passed = min(UInt64(byteCount), offset - readOffset)
        cutter?.passOver(passed)
        readOffset += passed
      case .needMore, .torn: return false
      }
      messages = []
    }
    return readOffset == max(offset, state.base)
  }

  /// Notes that what was written a moment ago may not outlast a power cut.
  package func noteSyncFailure() {
    guard let milliseconds = cutter?.lastMilliseconds else { return }
    cutter?.note("sync", byteCount: 0, at: milliseconds, into: &messages)
  }

  // MARK: - Ending

  /// Milliseconds since the start of the recording.
  package func elapsedMilliseconds(atWall wallMilliseconds: UInt64) -> UInt64 {
    let start = cutter?.startMilliseconds ?? state.header?.startMilliseconds ?? wallMilliseconds
    return max(wallMilliseconds, start) - start
  }

  /// Writes the end that the recorder did not, behind its last whole frame: so the file says it, whoever reads it.
  package func end(_ why: SessionEnd.Why, atMilliseconds milliseconds: UInt64) throws(SystemError) {
    if hasEnded { return }
    var frames = ByteBuilder(capacity: 64)
    let facts = SessionEnd(
      outcome: .unknown, why: why, inputByteCount: inputByteCount, outputByteCount: outputByteCount)
    let elapsed = max(milliseconds, cutter?.lastMilliseconds ?? 0) * 1_000_000
    SpoolEncoder(salt: state.salt).append(facts, at: elapsed, to: &frames)
    let size = try handle.byteCount()
    try handle.append(frames.bytes, at: min(size, readOffset))
    state.budget = max(state.budget, readOffset + UInt64(frames.count))
  }

  /// Whether all that is in the file has been read; only then may an end be written behind it.
  package func isRead() throws(SystemError) -> Bool {
    if hasEnded { return true }
    let size = try handle.byteCount()
    if readOffset >= size { return true }
    guard mayReadOn else { return false }
    // The rest is a torn frame when the recorder is gone and reading does not get on.
    let before = readOffset
    return try step(isEnd: true) == .nothing && readOffset == before
  }

  /// Sets the offset of reading behind a file that is shorter than what was read of it: nothing more can be had.
  package func giveUpReading() throws(SystemError) { readOffset = min(readOffset, try handle.byteCount()) }

  /// Where the file's frames go on.
  package var offset: UInt64 { readOffset }
}
