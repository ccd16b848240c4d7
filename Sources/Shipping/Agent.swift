import Events
import SystemCalls

/// The agent of a host: takes recordings from recorders, keeps them in its spool, and brings them to the centre.
///
/// All of it is here but the waiting: who calls it tells the time, says which connections can be read, carries batches to
/// the centre and brings the answers. One thread. Any moment may be the last: what is kept in files is enough to go on
/// from (DESIGN §5, THREATS 11 to 15).
package final class Agent {
  package static let handshakeNanoseconds: UInt64 = 1_000_000_000
  package static let pingNanoseconds: UInt64 = 10_000_000_000
  /// No answer for that long is recorded (THREATS 1).
  package static let silenceNanoseconds: UInt64 = 30_000_000_000
  /// How long an event may wait for others before it is cut into a message. With the caller's step of 50 ms it is on its
  /// way within 100 ms.
  package static let gatherNanoseconds: UInt64 = 50_000_000
  /// How often everything is brought to disk, which bounds what a power cut takes.
  package static let syncNanoseconds: UInt64 = 1_000_000_000
  /// How long a name may take to be looked up before a recording goes without.
  package static let nameNanoseconds: UInt64 = 2_000_000_000

  /// A batch on its way to the centre.
  package struct Shipment: Sendable {
    package let number: Int
    package let batch: Batch
  }

  let settings: AgentSettings
  let disk: any SpoolDisk
  let adoption: (any SpoolDisk)?
  let kernel: HostKernel
  let ships: Bool
  /// Between 0.5 and 1: agents that lost one centre do not come back together.
  let jitter: () -> Double
  let log: (String) -> Void
  package let closer = ConnectionCloser()
  var allotment: Allotment
  var recordings: [String: SpooledRecording] = [:]
  /// Files that were left for it, and whose people have no room.
  var unadopted: Set<FileIdentity> = []
  var byIdentity: [FileIdentity: SpooledRecording] = [:]
  var connectionsByNumber: [Int: RecorderConnection] = [:]
  var shipped: [Int: [SpooledRecording]] = [:]
  var nextNumber = 1
  /// Nothing goes to the centre before that.
  var resumeAt: UInt64 = 0
  var failureCount = 0
  var inquiry = Inquiry.rest(until: 0)
  /// The start of the centre to which the recordings' heads belong.
  var knownStart: [UInt8]?
  private var nextSyncAt: UInt64 = 0
  private var nextAdoptionAt: UInt64 = 0
  private var names: [UInt32: [UInt8]] = [:]
  private var wanted: [UInt32: UInt64] = [:]
  var wallMilliseconds: UInt64 = 0
  var ledger = Ledger(epoch: "")
  /// The next entry names everything that is open: after a start, and in a new epoch.
  var isLedgerFull = true
  var isLedgerUnderWay = false
  var nextLedgerAt: UInt64 = 0
  var ledgerDueAt: UInt64 = 0

  /// Users whose names are to be looked up: give them to ``named(_:_:)``.
  package private(set) var unnamed: [UInt32] = []

  /// - Parameters:
  ///   - disk: Where spool files are.
  ///   - adoption: Where recorders that found no agent left theirs.
  ///   - ships: There is a centre.
  ///   - log: Takes a line for the administrator; nothing that a person typed or saw is in it.
  package init(
    _ settings: AgentSettings, disk: any SpoolDisk, adoption: (any SpoolDisk)?, kernel: HostKernel, ships: Bool,
    jitter: @escaping () -> Double = { .random(in: 0.5...1) }, log: @escaping (String) -> Void
  ) {
    self.settings = settings
    self.disk = disk
    self.adoption = adoption
    self.kernel = kernel
    self.ships = ships
    self.jitter = jitter
    self.log = log
    allotment = Allotment(
      capacity: settings.capacityByteCount, recordingByteCountMax: settings.recordingByteCountMax)
  }

  /// Does what is due. Call at least every 50 ms while spool files change, else every second.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds of a clock that counts suspend.
  ///   - wallMilliseconds: Since the Epoch.
  package func tick(at now: UInt64, wallMilliseconds: UInt64) {
    self.wallMilliseconds = wallMilliseconds
    if now >= nextAdoptionAt {
      nextAdoptionAt = now + Self.pingNanoseconds
      adopt(at: now)
    }
    for connection in connectionsByNumber.values { attend(connection, at: now) }
    for recording in recordings.values { attend(recording, at: now) }
    if now >= nextSyncAt {
      nextSyncAt = now + Self.syncNanoseconds
      save()
    }
    closer.work()
  }

  /// Whether something waits to be cut or sent.
  package var hasUnsent: Bool {
    recordings.values.contains {
      !$0.isParked && (!$0.messages.isEmpty || $0.unsentSince != nil && !$0.hasEnded)
    }
  }

  /// Whether something can be done about it now: not while the centre has asked to be left alone, or is still to answer.
  func isBusy(at now: UInt64) -> Bool {
    recordings.values.contains {
      if $0.isParked || $0.inFlightCount > 0 { return false }
      return $0.messages.isEmpty ? $0.unsentSince != nil && !$0.hasEnded : now >= max(resumeAt, $0.resumeAt)
    }
  }

  /// Saves what is known. Recorders notice that their agent is gone, and look for the next.
  package func stop() {
    save()
    connectionsByNumber = [:]
    closer.work()
  }

  // MARK: - Recordings

  private func attend(_ recording: SpooledRecording, at now: UInt64) {
    if recording.isComplete || recording.isParked {
      look(after: recording, at: now)
      return
    }
    guard isNamed(recording, at: now) else { return }
    do throws(SystemError) {
      try judge(recording, at: now)
      switch try recording.follow(at: now) {
      case .tampered(let rule): try endTampered(recording, rule, at: now)
      case .progress, .nothing: noteSurvival(recording)
      }
      if case .gone(let why) = recording.recorder, try recording.isRead(), !recording.hasEnded {
        try recording.end(why, atMilliseconds: recording.elapsedMilliseconds(atWall: wallMilliseconds))
        _ = try recording.follow(at: now)
      }
    } catch {
      complain(error, recording)
    }
    gather(recording, at: now)
    if !ships { settle(recording) }
    makeRoom(recording, at: now)
  }

  /// What there is to do for a recording of which nothing is read or sent any more.
  private func look(after recording: SpooledRecording, at now: UInt64) {
    do throws(SystemError) {
      if !recording.isComplete { try judge(recording, at: now) }
      // There may be thousands; what only recorders write stays as it is once it is whole.
      if !recording.state.isTrusted || !recording.isComplete || recording.byteCount == 0 { try recording.measure() }
    } catch {
      complain(error, recording)
    }
    account(for: recording)
    if recording.isComplete { forgetIfOld(recording) }
  }

  /// The file was read and the agent lives. Saved at once: what ends an agent may also be an administrator in a hurry.
  private func noteSurvival(_ recording: SpooledRecording) {
    if recording.state.attemptCount == 0 { return }
    recording.state.attemptCount = 0
    save(recording)
  }

  /// Whether a recorder that is not connected is still there.
  private func judge(_ recording: SpooledRecording, at now: UInt64) throws(SystemError) {
    guard case .away(let since) = recording.recorder, !recording.hasEnded else { return }
    let state = recording.state
    if !kernel.isAlive(state.process, startTicks: state.startTicks) {
      recording.recorder = .gone(recording.isStalled ? .stalled : .killed)
    } else if now >= since + Self.silenceNanoseconds {
      note(silenceOf: recording)
      // A process that reports itself can keep a recording open without a recorder for as long as it likes.
      if !state.isTrusted { recording.recorder = .gone(.stalled) }
    }
  }

  func note(silenceOf recording: SpooledRecording) {
    if recording.isStalled || recording.hasEnded { return }
    recording.isStalled = true
    recording.noteSilence(at: recording.elapsedMilliseconds(atWall: wallMilliseconds))
    log("\(recording.name): its recorder does not answer")
  }

  private func endTampered(_ recording: SpooledRecording, _ rule: SpooledRecording.Rule, at now: UInt64)
    throws(SystemError)
  {
    log("\(recording.name): \(rule.rawValue), at \(recording.offset)")
    if case .connected(let number) = recording.recorder { drop(number, at: now) }
    if rule == .shrunk { try recording.giveUpReading() }
    recording.recorder = .gone(.tampered)
    if rule == .noStart { return setAside(recording) }
    try recording.end(.tampered, atMilliseconds: recording.elapsedMilliseconds(atWall: wallMilliseconds))
    _ = try recording.follow(at: now)
  }

  /// A file without a start is nobody's recording, and yet may be what is left of one: only an empty one goes.
  private func setAside(_ recording: SpooledRecording) {
    let emptyByteCountMax = UInt64(SpoolHeader.byteCount + 64)  // the agent's own end behind the header
    if recording.byteCount <= emptyByteCountMax { forget(recording) } else { recording.isParked = true }
  }

  private func gather(_ recording: SpooledRecording, at now: UInt64) {
    guard recording.inFlightCount == 0, let since = recording.unsentSince else { return }
    if now >= since + Self.gatherNanoseconds || recording.hasEnded { recording.cut() }
  }

  /// Without a centre what was cut is of no use: the spool file is the recording.
  private func settle(_ recording: SpooledRecording) {
    recording.cut()
    guard let last = recording.messages.last else { return }
    recording.state.head = last.head
    recording.messages = []
    if last.isEnd { recording.state.completeAtMilliseconds = wallMilliseconds }
    recording.isStateDirty = true
  }

  // MARK: - Names

  private func isNamed(_ recording: SpooledRecording, at now: UInt64) -> Bool {
    if recording.state.header != nil || recording.userName != nil { return true }
    let user = recording.state.user
    if user == .max { return true }
    if let name = names[user] {
      recording.userName = name
      return true
    }
    guard let since = wanted[user] else {
      wanted[user] = now
      unnamed.append(user)
      return false
    }
    if now < since + Self.nameNanoseconds { return false }
    recording.userName = []
    return true
  }

  /// Tells the name of a user; empty when nobody knows it.
  package func named(_ user: UInt32, _ name: [UInt8]) {
    // A host has fewer users who log in than this; whoever makes more up starts it over.
    if names.count >= 4096 { names = [:] }
    names[user] = name
    wanted[user] = nil
    unnamed.removeAll { $0 == user }
  }

  /// The users that ``unnamed`` had; they are not asked for again.
  package func takeUnnamed() -> [UInt32] {
    defer { unnamed = [] }
    return unnamed
  }

  // MARK: - Keeping

  func enter(_ recording: SpooledRecording) {
    recordings[recording.name] = recording
    byIdentity[recording.handle.identity] = recording
  }

  /// Takes a recording out, with its files.
  func forget(_ recording: SpooledRecording) {
    recordings[recording.name] = nil
    byIdentity[recording.handle.identity] = nil
    allotment.leave(recording.charge)
    recording.disk.remove(recording.spoolName)
    disk.remove(recording.stateName)
  }

  /// What the centre has is kept for a while, unless there is no centre.
  private func forgetIfOld(_ recording: SpooledRecording) {
    guard ships, let since = recording.state.completeAtMilliseconds,
      wallMilliseconds >= since + settings.keepAfterAckSeconds * 1000
    else { return }
    forget(recording)
  }

  /// Saves what changed, then syncs. An error of syncfs(2) is noted in every open recording, and nothing is read back
  /// (THREATS 12).
  func save() {
    var hasChanged = false
    for recording in recordings.values where recording.isStateDirty || !recording.isSynced {
      hasChanged = true
      if recording.isStateDirty { save(recording) }
      recording.isSynced = true
    }
    guard hasChanged else { return }
    do throws(SystemError) { try disk.sync() } catch {
      log("\(error.call): \(String(decoding: error.reason, as: UTF8.self))")
      for recording in recordings.values where !recording.isComplete { recording.noteSyncFailure() }
    }
  }

  func save(_ recording: SpooledRecording) {
    do throws(SystemError) {
      try disk.save(recording.state.json, as: recording.stateName)
      recording.isStateDirty = false
    } catch {
      complain(error, recording)
    }
  }

  func complain(_ error: SystemError, _ recording: SpooledRecording) {
    if recording.lastProblem == error.code { return }
    recording.lastProblem = error.code
    log("\(recording.name): \(error.call): \(String(decoding: error.reason, as: UTF8.self))")
  }
}
