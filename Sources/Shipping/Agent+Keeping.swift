import Events
import SystemCalls

/// Room in the spool: budgets go up as far as the bounds allow, and what the centre has goes first (THREATS 13).
extension Agent {
  /// Blocks are freed in steps of that size, from the front of a file on.
  static let punchByteCount: UInt64 = 4 << 20
  /// The header, and the start of the recording in most: so that a file says whose it is whatever was freed.
  static let frontByteCount: UInt64 = 4096

  func makeRoom(_ recording: SpooledRecording, at now: UInt64) {
    let isTight =
      recording.byteCount + settings.recordingByteCountMax / 4
      > recording.state.freedByteCount + settings.recordingByteCountMax
    while let first = recording.kept.first,
      isTight || now >= first.at + settings.keepAfterAckSeconds * 1_000_000_000
    {
      recording.kept.removeFirst()
      free(recording, upTo: first)
    }
    account(for: recording)
    guard case .connected(let number) = recording.recorder, !recording.hasEnded else { return }
    let left = recording.state.budget - min(recording.byteCount, recording.state.budget)
    guard left < AgentSettings.grantByteCount / 2 else { return }
    let more = allotment.extend(&recording.charge)
    // Little by little would be a packet for each byte that is freed.
    guard more > 0 else { return }
    recording.state.budget += more
    recording.isStateDirty = true
    if connectionsByNumber[number]?.send(.budget(recording.state.budget)) == false { drop(number, at: now) }
  }

  /// The state says so before the bytes go: reading begins anew behind what is gone.
  private func free(_ recording: SpooledRecording, upTo boundary: SpooledRecording.Boundary) {
    let before = recording.state.freedByteCount
    let freed = boundary.offset / Self.punchByteCount * Self.punchByteCount
    guard freed > before else { return }
    recording.state.base = boundary.offset
    recording.state.baseWindow = boundary.window.map { [$0.columns, $0.rows] }
    recording.state.header?.startMilliseconds = boundary.startMilliseconds
    recording.state.freedByteCount = freed
    save(recording)
    // Elsewhere the bytes go at the end; the bound is on what waits.
    _ = recording.disk.punch(recording.handle, from: max(before, Self.frontByteCount), upTo: freed)
  }

  /// Counts what a recording holds now: what it was granted while it goes on, then what is there.
  func account(for recording: SpooledRecording) {
    allotment.change(&recording.charge, to: recording.heldByteCount, isLive: recording.isLive)
  }

  /// Notes that the centre has the recording as far as `message`.
  func keep(_ recording: SpooledRecording, upTo message: Cutter.Message, at now: UInt64) {
    let last = recording.kept.last?.offset ?? recording.state.base
    guard message.isClean, message.head.offset >= last + Self.punchByteCount else { return }
    recording.kept.append(
      SpooledRecording.Boundary(
        offset: message.head.offset, window: message.window, startMilliseconds: message.startMilliseconds, at: now))
  }

  /// Room for a new recording of `user`: recordings that the centre has whole go, oldest first, if that helps.
  func admit(_ user: UInt32) -> Allotment.Charge? {
    while true {
      if let charge = allotment.admit(user) { return charge }
      let whole = recordings.values.filter { ships && $0.isComplete }
      guard let oldest = whole.min(by: { $0.state.completeAtMilliseconds ?? 0 < $1.state.completeAtMilliseconds ?? 0 })
      else { return nil }
      forget(oldest)
    }
  }
}
