/// How much of the spool each recording may fill: by recording, by person, and with a rest that is root's alone
/// (THREATS 13). A live recording counts with what it was granted, so that it holds while the agent is dead; one that has
/// ended with what is on disk.
package struct Allotment: Sendable {
  /// What one recording counts as, from ``admit(_:)`` or ``enter(_:_:isLive:)`` to ``leave(_:)``.
  package struct Charge: Equatable, Sendable {
    package let user: UInt32
    package fileprivate(set) var byteCount: UInt64
    package fileprivate(set) var isLive: Bool
  }

  private struct Share {
    var byteCount: UInt64 = 0
    var recordingCount = 0
    var liveCount = 0

    mutating func add(_ charge: Charge) {
      byteCount += charge.byteCount
      recordingCount += 1
      if charge.isLive { liveCount += 1 }
    }

    mutating func remove(_ charge: Charge) {
      byteCount -= charge.byteCount
      recordingCount -= 1
      if charge.isLive { liveCount -= 1 }
    }
  }

  private let capacity: UInt64
  private let recordingByteCountMax: UInt64
  private var shares: [UInt32: Share] = [:]
  private var all = Share()
  private var others = Share()

  package init(capacity: UInt64, recordingByteCountMax: UInt64) {
    self.capacity = capacity
    self.recordingByteCountMax = recordingByteCountMax
  }

  /// Counts a new recording of `user`, with its first grant.
  ///
  /// - Returns: nil when that user, or the agent, has as many as may be; then all is as it was.
  package mutating func admit(_ user: UInt32) -> Charge? {
    guard hasPlace(user) else { return nil }
    let grant = room(user, held: 0)
    guard grant >= min(AgentSettings.grantByteCountMin, recordingByteCountMax) else { return nil }
    return enter(user, grant, isLive: true)
  }

  /// Whether a recording of `user` that holds `byteCount` bytes elsewhere may be taken over.
  package func admits(_ user: UInt32, _ byteCount: UInt64) -> Bool {
    hasPlace(user) && byteCount <= left(user)
  }

  /// Whether it is the user's own recordings that leave no room for another one, and not everybody's.
  package func isAtOwnBound(_ user: UInt32) -> Bool {
    user != 0 && (!hasOwnPlace(user) || ownLeft(user) / 2 < AgentSettings.grantByteCountMin)
  }

  /// Counts a recording that is there already.
  package mutating func enter(_ user: UInt32, _ byteCount: UInt64, isLive: Bool) -> Charge {
    let charge = Charge(user: user, byteCount: byteCount, isLive: isLive)
    add(charge)
    return charge
  }

  /// Lets a recording have more.
  ///
  /// - Returns: How many bytes more; 0 when its bound, its person's or everybody's is reached.
  package mutating func extend(_ charge: inout Charge) -> UInt64 {
    let more = room(charge.user, held: charge.byteCount)
    change(&charge, to: charge.byteCount + more, isLive: charge.isLive)
    return more
  }

  /// A recording holds more or less than before, or has ended.
  package mutating func change(_ charge: inout Charge, to byteCount: UInt64, isLive: Bool) {
    if charge.byteCount == byteCount && charge.isLive == isLive { return }
    leave(charge)
    charge = enter(charge.user, byteCount, isLive: isLive)
  }

  /// A recording is gone, and all it held.
  package mutating func leave(_ charge: Charge) {
    all.remove(charge)
    if charge.user != 0 { others.remove(charge) }
    shares[charge.user]?.remove(charge)
    if shares[charge.user]?.recordingCount == 0 { shares[charge.user] = nil }
  }

  private mutating func add(_ charge: Charge) {
    all.add(charge)
    if charge.user != 0 { others.add(charge) }
    shares[charge.user, default: Share()].add(charge)
  }

  // MARK: - What is left

  private func share(_ user: UInt32) -> Share { shares[user] ?? Share() }

  private func hasPlace(_ user: UInt32) -> Bool {
    all.liveCount < AgentSettings.recordingCountMax && all.recordingCount < AgentSettings.keptCountMax
      && (user == 0 || hasOwnPlace(user))
  }

  private func hasOwnPlace(_ user: UInt32) -> Bool {
    share(user).liveCount < AgentSettings.personRecordingCountMax
      && share(user).recordingCount < AgentSettings.keptCountMax / 100 * Int(AgentSettings.personShare)
  }

  private func ownLeft(_ user: UInt32) -> UInt64 {
    let own = capacity / 100 * AgentSettings.personShare
    return own - min(share(user).byteCount, own)
  }

  private func left(_ user: UInt32) -> UInt64 {
    let left = capacity - min(all.byteCount, capacity)
    if user == 0 { return left }
    let bound = capacity / 100 * AgentSettings.othersShare
    return min(left, bound - min(others.byteCount, bound), ownLeft(user))
  }

  /// Never more than half of what is left, so that one recording does not take all that its person's others need.
  private func room(_ user: UInt32, held: UInt64) -> UInt64 {
    let ofRecording = recordingByteCountMax - min(held, recordingByteCountMax)
    return min(ofRecording, AgentSettings.grantByteCount, left(user) / 2)
  }
}
