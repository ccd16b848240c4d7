import CSys
import Events
import SystemCalls

/// What is found in folders: the spool of an agent that was here before, and files of recorders that found none.
extension Agent {
  /// A file that ended the agent so often is not read again (THREATS 11).
  static let attemptCountMax = 2

  /// Takes up what the agent before left. Call once, before anything else.
  package func restore(at now: UInt64, wallMilliseconds: UInt64) {
    self.wallMilliseconds = wallMilliseconds
    restoreLedger()
    for name in disk.names() where name.hasSuffix(".state") {
      guard let json = disk.load(name), var state = SpooledState(json: json) else { continue }
      guard let place = place(of: state) else {
        disk.remove(name)
        continue
      }
      if state.completeAtMilliseconds == nil { state.attemptCount += 1 }
      let recording = recording(state, place.handle, on: place.disk, at: now)
      recording.isStartInLedger = true
      recording.isEndInLedger = recording.isComplete
      enter(recording)
      if state.attemptCount > Self.attemptCountMax {
        recording.isParked = true
        log("\(recording.name): set aside, since the agent ended \(Self.attemptCountMax) times while it read it")
      }
      save(recording)
      goOn(recording)
    }
    for name in disk.names() where name.hasSuffix(".spool") && recordings[String(name.dropLast(6))] == nil {
      take(name, on: disk, at: now)
    }
  }

  /// One that is there already, with what it counts as.
  private func recording(
    _ state: SpooledState, _ handle: SpoolHandle, on disk: any SpoolDisk, at now: UInt64
  ) -> SpooledRecording {
    let recorder = recorder(of: state, at: now)
    let isLive = if case .away = recorder { state.completeAtMilliseconds == nil } else { false }
    // A size that cannot be told counts as nothing until it can.
    let held = state.heldByteCount(isLive: isLive, size: (try? handle.byteCount()) ?? 0)
    let charge = allotment.enter(state.user, held, isLive: isLive)
    return SpooledRecording(state, handle, on: disk, host: settings.host, recorder: recorder, charge: charge)
  }

  private func place(of state: SpooledState) -> (disk: any SpoolDisk, handle: SpoolHandle)? {
    let name = state.recording + ".spool"
    for disk in [disk, adoption].compactMap(\.self) {
      if let handle = try? disk.open(name) { return (disk, handle) }  // not there, or not readable any more
    }
    return nil
  }

  private func recorder(of state: SpooledState, at now: UInt64) -> SpooledRecording.Recorder {
    if state.boot != kernel.boot { return .gone(.hostDown) }
    return kernel.isAlive(state.process, startTicks: state.startTicks) ? .away(since: now) : .gone(.killed)
  }

  /// Cuts on behind what the centre had; it says so itself if it has more.
  private func goOn(_ recording: SpooledRecording) {
    guard recording.state.header != nil, !recording.isComplete, !recording.isParked else { return }
    do throws(SystemError) {
      if try recording.cut(behind: recording.state.head) { return }
      // The state is newer than the file: cut from its beginning, and let the centre say where to go on.
      _ = try recording.cut(behind: .none)
    } catch {
      complain(error, recording)
    }
  }

  // MARK: - Adoption

  /// Looks for files of recorders that found no agent. One whose person has no room stays where it is, in one of the few
  /// places that the person has there.
  func adopt(at now: UInt64) {
    guard let adoption else { return }
    unadopted = []
    for name in adoption.names() where name.hasSuffix(".spool") && recordings[String(name.dropLast(6))] == nil {
      guard let slot = AdoptionSlot(name: Array(name.utf8)) else {
        take(name, on: adoption, at: now)
        continue
      }
      guard let handle = try? adoption.open(name), (try? handle.owner()) == settings.recorderUser,
        let header = SpoolHeader(of: handle), let size = try? handle.byteCount(),
        var state = state(String(decoding: header.recording, as: UTF8.self), header, size)
      else { continue }
      state.recording = unusedName(state.recording)
      state.user = slot.user
      state.isTrusted = true
      state.budget = max(slot.byteCountMax, size)
      let isLive = kernel.isAlive(state.process, startTicks: state.startTicks) && state.boot == kernel.boot
      guard slot.user == 0 || allotment.admits(slot.user, state.heldByteCount(isLive: isLive, size: size)) else {
        unadopted.insert(handle.identity)
        continue
      }
      take(state, handle, from: name, on: adoption, at: now)
    }
  }

  /// The state comes first: a file that has left its place and has no state would be nobody's.
  private func take(
    _ state: SpooledState, _ handle: SpoolHandle, from name: String, on disk: any SpoolDisk, at now: UInt64
  ) {
    do throws(SystemError) {
      try self.disk.save(state.json, as: state.recording + ".state")
      try disk.rename(name, to: state.recording + ".spool")
    } catch {
      self.disk.remove(state.recording + ".state")
      return log("\(name): \(error.call): \(String(decoding: error.reason, as: UTF8.self))")
    }
    enter(recording(state, handle, on: disk, at: now))
    log("\(state.recording): adopted")
  }

  /// Takes a file that was the agent's and whose state is lost: nothing is known of it but what it says itself.
  private func take(_ name: String, on disk: any SpoolDisk, at now: UInt64) {
    guard let handle = try? disk.open(name), let header = SpoolHeader(of: handle), let size = try? handle.byteCount(),
      name.hasPrefix(String(decoding: header.recording, as: UTF8.self)),
      var state = state(String(name.dropLast(6)), header, size)
    else { return }
    if disk === adoption {
      guard (try? handle.owner()) == settings.recorderUser else { return }
      state.isTrusted = true
    }
    state.user = Self.user(in: handle, header) ?? .max
    let recording = recording(state, handle, on: disk, at: now)
    enter(recording)
    save(recording)
    log("\(recording.name): adopted")
  }

  /// What a file's header tells; nil when that is no recording's.
  private func state(_ name: String, _ header: SpoolHeader, _ size: UInt64) -> SpooledState? {
    guard let process = Self.process(in: name) else { return nil }
    return SpooledState(
      recording: name, process: process.identifier, startTicks: process.startTicks, boot: process.boot, user: .max,
      loginUser: .max, session: 0, isTrusted: false, salt: header.salt, budget: size + AgentSettings.grantByteCount)
  }

  /// Whom the start of the recording names, for the accounts.
  private static func user(in handle: SpoolHandle, _ header: SpoolHeader) -> UInt32? {
    var block = [UInt8](repeating: 0, count: 16_384)
    guard
      let count = try? block.withUnsafeMutableBytes({ try handle.read(at: UInt64(SpoolHeader.byteCount), into: $0) })
    else { return nil }
    return block.withUnsafeBufferPointer { block in
      let frames = UnsafeBufferPointer(rebasing: block[..<count])
      guard case .frame(let frame, _) = SpoolReader(salt: header.salt).next(in: frames, isEnd: false),
        case .start(_, let start) = frame.content
      else { return nil }
      return start.user
    }
  }

  private static func process(in name: String) -> (boot: String, identifier: Int32, startTicks: UInt64)? {
    let parts = name.split(separator: "-")
    // Names of files are made of it.
    guard name.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Character(Unicode.Scalar($0)).isHexDigit }),
      parts.count >= 3, let identifier = Int32(parts[1], radix: 16), let ticks = UInt64(parts[2], radix: 16)
    else {
      return nil
    }
    return (String(parts[0]), identifier, ticks)
  }
}
