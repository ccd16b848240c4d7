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
      let recording = SpooledRecording(
        state, place.handle, on: place.disk, host: settings.host, recorder: recorder(of: state, at: now))
      recording.isStartInLedger = true
      recording.isEndInLedger = recording.isComplete
      allotment.enter(state.user, holding: recording.heldByteCount)
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

  /// Looks for files of recorders that found no agent.
  func adopt(at now: UInt64) {
    guard let adoption else { return }
    for name in adoption.names() where name.hasSuffix(".spool") && recordings[String(name.dropLast(6))] == nil {
      take(name, on: adoption, at: now)
    }
  }

  /// Takes a file that nothing is known of but what it says itself. Only recorders can make files where they are adopted.
  private func take(_ name: String, on disk: any SpoolDisk, at now: UInt64) {
    guard let handle = try? disk.open(name), let header = SpoolHeader(of: handle),
      String(decoding: header.recording, as: UTF8.self) + ".spool" == name, !name.hasPrefix("."),
      let owner = try? handle.owner(), let size = try? handle.byteCount(),
      let process = Self.process(in: String(name.dropLast(6)))
    else { return }
    let isTrusted = disk === adoption && (owner == settings.recorderUser)
    if disk === adoption && !isTrusted { return }
    let state = SpooledState(
      recording: String(name.dropLast(6)), process: process.identifier, startTicks: process.startTicks,
      boot: process.boot, user: Self.user(in: handle, header) ?? .max, loginUser: .max, session: 0,
      isTrusted: isTrusted, salt: header.salt, budget: size + AgentSettings.grantByteCount)
    let recording = SpooledRecording(
      state, handle, on: disk, host: settings.host, recorder: recorder(of: state, at: now))
    allotment.enter(state.user, holding: recording.heldByteCount)
    enter(recording)
    save(recording)
    log("\(recording.name): adopted")
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
    guard parts.count >= 3, let identifier = Int32(parts[1], radix: 16), let ticks = UInt64(parts[2], radix: 16) else {
      return nil
    }
    return (String(parts[0]), identifier, ticks)
  }
}
