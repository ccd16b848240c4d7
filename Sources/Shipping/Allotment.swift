/// How much of the spool each recording may fill: by recording, by person, and with a rest that is root's alone
/// (THREATS 13). What is counted is what was granted, so that it holds while the agent is dead.
package struct Allotment: Sendable {
  private struct Share {
    var byteCount: UInt64 = 0
    var recordingCount = 0
  }

  private let capacity: UInt64
  private let recordingByteCountMax: UInt64
  private var shares: [UInt32: Share] = [:]
  private var total: UInt64 = 0
  private var othersTotal: UInt64 = 0
  private var recordingCount = 0

  package init(capacity: UInt64, recordingByteCountMax: UInt64) {
    self.capacity = capacity
    self.recordingByteCountMax = recordingByteCountMax
  }

  /// Counts a recording of `user`; nil when that user, or the agent, has as many as may be.
  ///
  /// - Returns: Bytes that it may have at first; nil leaves everything as it was.
  package mutating func admit(_ user: UInt32) -> UInt64? {
    guard recordingCount < AgentSettings.recordingCountMax,
      user == 0 || shares[user, default: Share()].recordingCount < AgentSettings.personRecordingCountMax
    else { return nil }
    let grant = room(user, held: 0)
    guard grant >= min(AgentSettings.grantByteCountMin, recordingByteCountMax) else { return nil }
    enter(user, holding: grant)
    return grant
  }

  /// Whether it is the user's own recordings that leave no room for another one, and not everybody's.
  package func isAtOwnBound(_ user: UInt32) -> Bool {
    let share = shares[user, default: Share()]
    if user == 0 { return false }
    let own = capacity / 100 * AgentSettings.personShare
    return share.recordingCount >= AgentSettings.personRecordingCountMax
      || (own - min(share.byteCount, own)) / 2 < AgentSettings.grantByteCountMin
  }

  /// Counts a recording that is there already.
  package mutating func enter(_ user: UInt32, holding byteCount: UInt64) {
    shares[user, default: Share()].recordingCount += 1
    recordingCount += 1
    add(byteCount, user)
  }

  /// Lets a recording that has `held` bytes have more.
  ///
  /// - Returns: How many more; 0 when its bound, its person's or everybody's is reached.
  package mutating func extend(_ user: UInt32, held: UInt64) -> UInt64 {
    let more = room(user, held: held)
    add(more, user)
    return more
  }

  package mutating func release(_ user: UInt32, _ byteCount: UInt64) {
    let held = shares[user]?.byteCount ?? 0
    shares[user]?.byteCount = held - min(byteCount, held)
    total -= min(byteCount, total)
    if user != 0 { othersTotal -= min(byteCount, othersTotal) }
  }

  /// A recording is gone, and all it held.
  package mutating func leave(_ user: UInt32, holding byteCount: UInt64) {
    release(user, byteCount)
    recordingCount -= 1
    shares[user]?.recordingCount -= 1
    if shares[user]?.recordingCount == 0 { shares[user] = nil }
  }

  private mutating func add(_ byteCount: UInt64, _ user: UInt32) {
    shares[user, default: Share()].byteCount += byteCount
    total += byteCount
    if user != 0 { othersTotal += byteCount }
  }

  /// Never more than half of what is left, so that one recording does not take all that its person's others need.
  private func room(_ user: UInt32, held: UInt64) -> UInt64 {
    let ofRecording = recordingByteCountMax - min(held, recordingByteCountMax)
    var left = capacity - min(total, capacity)
    if user != 0 {
      let others = capacity / 100 * AgentSettings.othersShare
      let own = capacity / 100 * AgentSettings.personShare
      left = min(left, others - min(othersTotal, others))
      left = min(left, own - min(shares[user]?.byteCount ?? 0, own))
    }
    return min(ofRecording, AgentSettings.grantByteCount, left / 2)
  }
}
