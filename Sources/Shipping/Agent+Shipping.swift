import Events
import SystemCalls

/// Batches to the centre, and what becomes of them (THREATS 15).
extension Agent {
  /// After a failure: doubled each time, up to a minute.
  static let pauseNanoseconds: UInt64 = 1_000_000_000
  static let pauseNanosecondsMax: UInt64 = 60_000_000_000

  /// What is to go to the centre now: for each recording at most one batch is on its way.
  ///
  /// Nothing while there are batches without an answer: what comes meanwhile goes together, so that a slow centre gets
  /// fewer and larger ones.
  package func takeShipments(at now: UInt64) -> [Shipment] {
    guard ships, shipped.isEmpty, !isInquiring, now >= resumeAt else { return [] }
    var shipments: [Shipment] = []
    var parts: [Batch.Part] = []
    var owners: [SpooledRecording] = []
    var byteCount = 0
    for recording in recordings.values
    where !recording.isParked && recording.inFlightCount == 0 && !recording.messages.isEmpty
      && now >= recording.resumeAt
    {
      let part = nextPart(of: recording)
      if byteCount + part.lines.count > Batch.byteCountMax {
        shipments.append(ship(parts, owners))
        (parts, owners, byteCount) = ([], [], 0)
      }
      parts.append(part)
      owners.append(recording)
      byteCount += part.lines.count
    }
    if !parts.isEmpty { shipments.append(ship(parts, owners)) }
    return shipments
  }

  private func nextPart(of recording: SpooledRecording) -> Batch.Part {
    var lines: [UInt8] = []
    var count = 0
    for message in recording.messages where count == 0 || lines.count + message.line.count <= Batch.byteCountMax {
      lines += message.line
      count += 1
    }
    recording.inFlightCount = count
    return Batch.Part(
      recording: Array(recording.name.utf8), firstSequence: recording.messages[0].head.sequence,
      lastSequence: recording.messages[count - 1].head.sequence, lines: lines)
  }

  private func ship(_ parts: [Batch.Part], _ owners: [SpooledRecording]) -> Shipment {
    let number = nextNumber
    nextNumber += 1
    shipped[number] = owners
    return Shipment(number: number, batch: Batch(parts: parts))
  }

  /// Takes the answer to a shipment.
  package func answered(_ number: Int, _ result: Result<Answer, UplinkError>, at now: UInt64) {
    guard let owners = shipped.removeValue(forKey: number) else { return }
    switch result {
    case .failure(let error):
      for recording in owners { recording.inFlightCount = 0 }
      pause(after: error, at: now)
    case .success(let answer):
      if failureCount > 0 { hastenInquiry() }
      failureCount = 0
      for recording in owners {
        let name = Array(recording.name.utf8)
        let verdict = answer.verdicts.first { $0.recording == name }?.verdict
        take(verdict ?? .refused(reason: [], retryAfterMilliseconds: 1000), recording, at: now)
      }
    }
  }

  private func pause(after error: UplinkError, at now: UInt64) {
    failureCount += 1
    let backOff = Self.pauseNanoseconds << UInt64(min(failureCount - 1, 6))
    var pause = UInt64(Double(min(backOff, Self.pauseNanosecondsMax)) * jitter())
    switch error {
    case .busy(let reason, let milliseconds):
      if failureCount == 1 { log("the centre wants nothing for a while: \(Self.printable(reason))") }
      pause = max(pause, min(milliseconds, 3_600_000) * 1_000_000)
    case .unreachable(let reason):
      if failureCount == 1 { log("the centre cannot be reached: \(Self.printable(reason))") }
    case .forbidden(let reason):
      if failureCount == 1 { log("the centre takes nothing from this host: \(Self.printable(reason))") }
      pause = Self.pauseNanosecondsMax
    }
    resumeAt = now + pause
  }

  private func take(_ verdict: Answer.Verdict, _ recording: SpooledRecording, at now: UInt64) {
    let count = recording.inFlightCount
    recording.inFlightCount = 0
    switch verdict {
    case .held(let sequence):
      if let place = recording.messages[..<count].lastIndex(where: { $0.head.sequence == sequence }) {
        return held(recording, upTo: place, at: now)
      }
      wait(recording, at: now)
    case .conflict(let head):
      if let place = recording.messages[..<count].lastIndex(where: { $0.head == head }) {
        return held(recording, upTo: place, at: now)
      }
      hastenInquiry()
      cutAgain(recording, behind: head, at: now)
    case .refused(let reason, let milliseconds):
      guard let milliseconds else {
        recording.isParked = true
        return log("\(recording.name): refused by the centre: \(Self.printable(reason))")
      }
      wait(recording, at: now, atLeast: min(milliseconds, 3_600_000) * 1_000_000)
    }
  }

  private func held(_ recording: SpooledRecording, upTo place: Int, at now: UInt64) {
    let message = recording.messages[place]
    keep(recording, upTo: message, at: now)
    recording.messages.removeFirst(place + 1)
    recording.state.head = message.head
    recording.isStateDirty = true
    recording.failureCount = 0
    if message.isEnd { recording.state.completeAtMilliseconds = wallMilliseconds }
  }

  /// The centre has something else than what was to be continued: more, less after a restore, or another agent's.
  func cutAgain(_ recording: SpooledRecording, behind head: Head, at now: UInt64) {
    // The same answer to the same messages would come for ever.
    if head == recording.state.head && recording.failureCount > 0 { return wait(recording, at: now) }
    recording.failureCount += 1
    do throws(SystemError) {
      guard try recording.cut(behind: head) else {
        recording.isParked = true
        return log("\(recording.name): the centre has something else under this name, up to \(head.sequence)")
      }
      recording.kept = []
      // The centre has the end, and no more is to come.
      if recording.hasEnded { recording.state.completeAtMilliseconds = wallMilliseconds }
    } catch {
      complain(error, recording)
      wait(recording, at: now)
    }
  }

  private func wait(_ recording: SpooledRecording, at now: UInt64, atLeast nanoseconds: UInt64 = 0) {
    recording.failureCount += 1
    let backOff = Self.pauseNanoseconds << UInt64(min(recording.failureCount - 1, 6))
    let pause = UInt64(Double(min(backOff, Self.pauseNanosecondsMax)) * jitter())
    recording.resumeAt = now + max(pause, nanoseconds)
  }

  /// A peer's words, for a log: no control characters, and not too many.
  static func printable(_ text: [UInt8]) -> String {
    String(decoding: text.prefix(200).filter { $0 >= 0x20 && $0 < 0x7f }, as: UTF8.self)
  }
}
