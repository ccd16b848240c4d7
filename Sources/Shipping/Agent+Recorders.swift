import CSys
import Events
package import SystemCalls

/// Recorders: hand-shake, pings, orders.
extension Agent {
  package var connections: [(number: Int, raw: Int32)] { connectionsByNumber.map { ($0.key, $0.value.raw) } }

  /// Takes a caller.
  ///
  /// - Parameter isTrusted: It came by the socket of recorders with rights of their own.
  /// - Returns: Its number, for ``hear(_:at:)``; nil when it was turned away.
  @discardableResult
  package func accept(_ socket: consuming LocalSocket, isTrusted: Bool, at now: UInt64) -> Int? {
    let number = nextNumber
    nextNumber += 1
    let connection = RecorderConnection(
      number, socket, isAtTrustedSocket: isTrusted, deadline: now + Self.handshakeNanoseconds, closer)
    let waiting = connectionsByNumber.values.filter { $0.recording == nil && $0.isAtTrustedSocket == isTrusted }
    let ofPerson = waiting.count { $0.peer.user == connection.peer.user }
    if !isTrusted && ofPerson >= AgentSettings.callerOfPersonCountMax {
      _ = refuse(connection, .limit, "too many recorders at once")
      return nil
    }
    // Others' callers are not this person's doing: a recorder with rights of its own then goes on without an agent.
    if waiting.count >= AgentSettings.callerCountMax {
      _ = refuse(connection, .other, "too many callers at once")
      return nil
    }
    connectionsByNumber[number] = connection
    return number
  }

  /// Reads what a connection has.
  package func hear(_ number: Int, at now: UInt64) {
    guard let connection = connectionsByNumber[number] else { return }
    var isOpen = true
    do throws(SystemError) { isOpen = try connection.receive() } catch { isOpen = false }
    do throws(Handshake.Failure) {
      while connectionsByNumber[number] != nil, let packet = try connection.next() { obey(packet, connection, at: now) }
    } catch {
      if connection.recording == nil { _ = refuse(connection, .malformed, "that is no hand-shake") }
      isOpen = false
    }
    if !isOpen { drop(number, at: now) }
  }

  private func obey(_ packet: RecorderPacket, _ connection: RecorderConnection, at now: UInt64) {
    let refusal: Refusal?
    switch packet {
    case .hello(let hello) where connection.recording == nil: refusal = welcome(hello, connection, at: now)
    case .resume(let resumption) where connection.recording == nil: refusal = resume(resumption, connection, at: now)
    case .pong where connection.recording != nil:
      connection.unansweredCount = 0
      connection.lastPongAt = now
      connection.recording?.isStalled = false
      return
    default: refusal = Refusal(reason: .malformed, text: Array("that was not asked for".utf8))
    }
    guard let refusal else { return }
    _ = connection.send(.refuse(refusal))
    drop(connection.number, at: now)
  }

  private func refuse(_ connection: RecorderConnection, _ reason: Refusal.Reason, _ text: StaticString) -> Bool {
    connection.send(.refuse(Refusal(reason: reason, text: bytes(text))))
  }

  // MARK: - Hello

  private func welcome(_ hello: Hello, _ connection: RecorderConnection, at now: UInt64) -> Refusal? {
    guard let version = Handshake.version(commonWith: hello.versions) else {
      return Refusal(reason: .version, text: Array("no version is spoken by both".utf8))
    }
    guard let who = identify(connection), let facts = kernel.facts(connection.peer.pid) else {
      return Refusal(reason: .identity, text: Array("the kernel does not say who this is".utf8))
    }
    guard let charge = admit(who.user) else {
      if allotment.isAtOwnBound(who.user) {
        return Refusal(
          reason: .limit, text: Array("there are too many recordings of yours, or too much of them waits".utf8))
      }
      return Refusal(reason: .space, text: Array("there is no room for more recordings".utf8))
    }
    let state = SpooledState(
      recording: unusedName(kernel.recording(connection.peer.pid, startTicks: facts.startTicks)),
      process: connection.peer.pid,
      startTicks: facts.startTicks, boot: kernel.boot, user: who.user, loginUser: facts.loginUser,
      session: facts.session, isTrusted: who.isTrusted, salt: randomNumber(), budget: charge.byteCount)
    do throws(SystemError) {
      let recording = try make(state, charge)
      try welcome(recording, connection, version, at: now)
      return nil
    } catch {
      allotment.leave(charge)
      log("\(state.recording): \(error.call): \(String(decoding: error.reason, as: UTF8.self))")
      return Refusal(reason: .space, text: Array("the agent cannot make a spool file".utf8))
    }
  }

  /// The person behind a caller. Trusted is who came by the right socket as the recorders' user: then the kernel has
  /// vouched for the ids that were sent along, as they were before the recorder gave them up (THREATS 14).
  private func identify(_ connection: RecorderConnection) -> (user: UInt32, isTrusted: Bool)? {
    let isRecorder = connection.isAtTrustedSocket && connection.peer.user == settings.recorderUser
    if !isRecorder { return (connection.peer.user, false) }
    guard let sender = connection.sender, sender.pid == connection.peer.pid else { return nil }
    return (sender.user, true)
  }

  /// A process that records a second time, by exec, gets another name.
  func unusedName(_ name: String) -> String {
    var number = 2
    while recordings[number == 2 ? name : "\(name)-\(number - 1)"] != nil { number += 1 }
    return number == 2 ? name : "\(name)-\(number - 1)"
  }

  /// The state comes first: a file without one would be nobody's.
  private func make(_ state: SpooledState, _ charge: Allotment.Charge) throws(SystemError) -> SpooledRecording {
    try disk.save(state.json, as: state.recording + ".state")
    let header = SpoolHeader(
      salt: state.salt, madeAtMilliseconds: wallMilliseconds,
      recording: Array(state.recording.utf8.prefix(SpoolHeader.recordingByteCountMax)))
    do throws(SystemError) {
      let handle = try disk.make(state.recording + ".spool", header)
      return SpooledRecording(
        state, handle, on: disk, host: settings.host, recorder: .away(since: 0), charge: charge)
    } catch {
      disk.remove(state.recording + ".state")
      throw error
    }
  }

  private func welcome(
    _ recording: SpooledRecording, _ connection: RecorderConnection, _ version: UInt8, at now: UInt64
  ) throws(SystemError) {
    let descriptor = try recording.handle.forRecorder()
    let welcome = Welcome(
      version: version, recording: Array(recording.name.utf8), salt: recording.state.salt,
      offset: UInt64(SpoolHeader.byteCount), budget: recording.state.budget)
    guard connection.send(.welcome(welcome), passing: descriptor.raw) else {
      disk.remove(recording.spoolName)
      disk.remove(recording.stateName)
      throw SystemError("sendmsg", code: EPIPE)
    }
    enter(recording)
    join(recording, connection, at: now)
  }

  private func join(_ recording: SpooledRecording, _ connection: RecorderConnection, at now: UInt64) {
    connection.deadline = nil
    connection.recording = recording
    connection.lastPongAt = now
    connection.nextPingAt = now + Self.pingNanoseconds
    recording.recorder = .connected(connection.number)
  }

  // MARK: - Resumption

  private func resume(_ resumption: Resumption, _ connection: RecorderConnection, at now: UInt64) -> Refusal? {
    guard Handshake.version(commonWith: resumption.versions) != nil else {
      return Refusal(reason: .version, text: Array("no version is spoken by both".utf8))
    }
    if byIdentity[resumption.file] == nil { adopt(at: now) }
    if unadopted.contains(resumption.file) {
      return Refusal(reason: .other, text: Array("there is no room for this recording yet".utf8))
    }
    guard let recording = byIdentity[resumption.file], !recording.hasEnded, !recording.isComplete else {
      return Refusal(reason: .malformed, text: Array("that is no recording that goes on".utf8))
    }
    let facts = kernel.facts(connection.peer.pid)
    guard connection.peer.pid == recording.state.process, facts?.startTicks == recording.state.startTicks else {
      return Refusal(reason: .identity, text: Array("the recording is another process's".utf8))
    }
    if case .connected(let other) = recording.recorder { drop(other, at: now) }
    guard connection.send(.budget(recording.state.budget)) else { return nil }
    join(recording, connection, at: now)
    return nil
  }

  // MARK: - Control

  func attend(_ connection: RecorderConnection, at now: UInt64) {
    if let deadline = connection.deadline {
      if now >= deadline { drop(connection.number, at: now) }
      return
    }
    guard now >= connection.nextPingAt else { return }
    if let recording = connection.recording, connection.unansweredCount >= 3,
      now >= connection.lastPongAt + Self.silenceNanoseconds
    {
      note(silenceOf: recording)
    }
    connection.nextPingAt = now + Self.pingNanoseconds
    connection.unansweredCount += 1
    if !connection.send(.ping(token: now)) { drop(connection.number, at: now) }
  }

  /// Lets a connection go. Its recording waits for the recorder to come back, or to be gone.
  func drop(_ number: Int, at now: UInt64) {
    guard let connection = connectionsByNumber.removeValue(forKey: number) else { return }
    if let recording = connection.recording, recording.recorder == .connected(number) {
      recording.recorder = .away(since: now)
    }
  }

  /// Orders the end of a session.
  ///
  /// - Returns: False when no recorder of that recording is connected.
  package func end(_ recording: String, text: [UInt8], at now: UInt64) -> Bool {
    guard case .connected(let number) = recordings[recording]?.recorder, let connection = connectionsByNumber[number]
    else { return false }
    return connection.send(.end(EndOrder(why: .ended, text: text)))
  }
}
