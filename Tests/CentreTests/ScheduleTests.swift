import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Recorder, agent and centre killed, stopped and cut off from each other, as seeds say (`make soak` runs thousands).
@Suite("schedules of kills", .inTurn, .needs("cc")) struct ScheduleTests {
  /// How many; `make soak` says another number.
  static let count = ProcessInfo.processInfo.environment["STENO_SCHEDULES"].flatMap { Int($0) } ?? 200
  /// Where they begin; schedule N of a run has the seed of the first plus N.
  static let seed =
    ProcessInfo.processInfo.environment["STENO_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1 << 40)
  /// Each with an agent and a centre of its own: mostly they wait.
  private static let laneCount = 4
  /// An agent and a centre get no older than that; what they keep costs time with every look at it.
  private static let schedulesPerStage = 250

  @Test(
    "of seeded schedules that kill recorder, agent and centre, none loses, repeats or forks what was shown")
  func schedules() async throws {
    let next = Counter()
    let deaths = Deaths()
    let started = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { lanes in
      for _ in 0..<Self.laneCount {
        lanes.addTask {
          while next.current < Self.count {
            let points = try await KillPoints()
            let stage = try await JoinedStage(environment: points.environment)
            for _ in 0..<Self.schedulesPerStage {
              let number = next.next()
              if number >= Self.count { break }
              var schedule = Schedule(stage, points, seed: Self.seed + UInt64(number))
              try await schedule.run()
              if let point = schedule.diedAt { deaths.add(point) }
            }
          }
        }
      }
      try await lanes.waitForAll()
    }
    // Some calls are rare: few schedules do not meet all.
    let expected = Self.count < 100 ? 0 : Self.count < 2000 ? KillPoint.all.count / 2 : KillPoint.all.count
    #expect(deaths.counts.count >= expected, "died only at: \(deaths.counts)")
    if Self.count > 200 {
      print("\(Self.count) schedules from seed \(Self.seed) in \(ContinuousClock.now - started)")
      for point in KillPoint.all { print("  died \(point.kind): \(deaths.counts[point.kind] ?? 0)") }
    }
  }
}

/// How often a program died at each kind of call.
private final class Deaths: Sendable {
  private let byKind = Mutex<[String: Int]>([:])
  var counts: [String: Int] { byKind.withLock { $0 } }
  func add(_ point: KillPoint) { byKind.withLock { $0[point.kind, default: 0] += 1 } }
}

/// Hands out numbers from 0 on.
private final class Counter: Sendable {
  private let number = Atomic(0)
  var current: Int { number.load(ordering: .relaxed) }
  func next() -> Int { number.add(1, ordering: .relaxed).oldValue }
}

/// One recording, and what is done to those who bring it to the centre.
struct Schedule {
  private enum Deed: CaseIterable {
    case killAgent, killCentre, killBoth, stopAgent, stopCentre
    /// The request is on its way, and nobody is there for the answer.
    case killAgentBeforeRequestArrives, killAgentBeforeAnswer
    /// It is committed, and nobody will ever hear of it.
    case killCentreBeforeAnswer
    case cut, swallow
  }

  /// What shows lines at different speeds and in different pieces; `N line I` is in all of them. None is fast: what is
  /// shown is looked through again after each schedule.
  private static let programs = [
    "while :; do i=$((i+1)); echo N line $i; [ $((i % 12)) = 0 ] && sleep 0.03; done",
    "while :; do i=$((i+1)); echo N line $i; sleep 0.01; done",
    "while :; do i=$((i+1)); printf 'N line %s \\342\\202' $i; sleep 0.01; printf '\\254\\r\\n'; done",
    "while :; do i=$((i+1)); echo N line $i; head -c 60 /dev/urandom; sleep 0.02; done",
  ]

  private let stage: JoinedStage
  private let points: KillPoints
  private var numbers: SeededNumbers
  private var deeds: [String] = []
  /// The call at which one of the three died, if this was such a schedule, and one of its programs made so many calls.
  private(set) var diedAt: KillPoint?

  init(_ stage: JoinedStage, _ points: KillPoints, seed: UInt64) {
    self.stage = stage
    self.points = points
    numbers = SeededNumbers(seed: seed)
  }

  private var comment: String { "seed \(numbers.seed), \(deeds)" }

  mutating func run() async throws {
    let word = "\(numbers.seed)"
    let program = Self.programs[numbers.below(Self.programs.count)].replacing("N line", with: word + " line")
    let session = try stage.record(["/bin/sh", "-c", "i=0; " + program])
    try await session.expect(word + " line")
    guard let rec = stage.recording(of: session) else { throw Broken(comment: "no recording, \(comment)") }
    try await showMore(session, word)
    if numbers.seed.isMultiple(of: 2) {
      try await dieAtCall(session)
    } else {
      // Not three: an agent that ended so often before it had read a file sets that file aside (THREATS 11).
      for _ in 0...numbers.below(2) {
        let deed = Deed.allCases[numbers.below(Deed.allCases.count)]
        deeds.append("\(deed)")
        try await perform(deed, session, word)
        if numbers.below(2) == 0 { try await showMore(session, word) }
      }
      try await end(session)
    }
    try await makeWhole()
    try await stage.awaitEnd(of: rec, comment)
    try await stage.held(rec).expect(session.shownBySession, comment)
  }

  private struct Broken: Error { let comment: String }

  private mutating func showMore(_ session: DrivenProgram, _ word: String) async throws {
    for _ in 0...numbers.below(12) { try await session.expect(word + " line") }
  }

  /// A moment that the seed chooses, shorter than any step takes.
  private mutating func moment() async throws { try await Task.sleep(for: .microseconds(numbers.below(30_000))) }

  /// The recorder is killed, or its terminal goes; both at any moment.
  private mutating func end(_ session: DrivenProgram) async throws {
    try await moment()
    if numbers.below(3) == 0 { session.hangUp() } else { session.signal(SIGKILL) }
    try await session.end()
  }

  /// One of the three dies at a call: which kind of call goes round with the seed. Half of them may do so while the
  /// recording ends, is acknowledged, sealed and forgotten.
  private mutating func dieAtCall(_ session: DrivenProgram) async throws {
    var point = KillPoint.all[Int(numbers.seed / 2 % UInt64(KillPoint.all.count))]
    point.number = 1 + numbers.below(1 << numbers.below(point.rest > .seconds(1) ? 3 : 6))
    deeds.append("\(point)")
    points.arm(point)
    let isAtEnd = point.victim != .recorder && numbers.below(2) == 0
    if isAtEnd { try await end(session) }
    try await wait(session, point.rest) { !self.runs(point.victim, session) }
    if points.disarm(point.victim) {
      try await stage.agent?.until("die: \(comment)") { !runs(point.victim, session) }
      diedAt = point
    }
    if !isAtEnd { try await end(session) }
  }

  private func runs(_ victim: KillPoint.Victim, _ session: DrivenProgram) -> Bool {
    let program =
      switch victim {
      case .recorder: session
      case .agent: stage.agent
      case .centre: stage.centre.program
      }
    return (try? program?.isRunning()) == true
  }

  private func makeWhole() async throws {
    stage.proxy.set(.clear)
    stage.agent?.signal(SIGCONT)
    stage.centre.program.signal(SIGCONT)
    if try !stage.centre.program.isRunning() { try await stage.startCentre() }
    if try stage.agent?.isRunning() != true { try await stage.startAgent() }
  }

  private mutating func perform(_ deed: Deed, _ session: DrivenProgram, _ word: String) async throws {
    try await moment()
    switch deed {
    case .killAgent: try await stage.endAgent()
    case .killCentre: try await stage.centre.end(by: SIGKILL)
    case .killBoth:
      stage.agent?.signal(SIGKILL)
      try await stage.centre.end(by: SIGKILL)
      try await stage.endAgent()
    case .stopAgent:
      stage.agent?.signal(SIGSTOP)
      try await showMore(session, word)
      if numbers.below(2) == 0 { try await stage.endAgent() }
    case .stopCentre:
      stage.centre.program.signal(SIGSTOP)
      try await showMore(session, word)
      if numbers.below(2) == 0 { try await stage.centre.end(by: SIGKILL) }
    case .killAgentBeforeRequestArrives: return try await killAgentBeforeRequestArrives(session, word)
    case .killAgentBeforeAnswer: try await holdAnswer(session) { try await stage.endAgent() }
    case .killCentreBeforeAnswer: try await holdAnswer(session) { try await stage.centre.end(by: SIGKILL) }
    case .cut: stage.proxy.cut()
    case .swallow:
      stage.proxy.set(.hold)
      try await showMore(session, word)
      stage.proxy.cut()
    }
    if numbers.below(3) > 0 { try await makeWhole() }
  }

  /// The agent may be pausing after an earlier deed, so that there is nothing to hold: then the schedule is another one.
  private func holdAnswer(_ session: DrivenProgram, then kill: () async throws -> Void) async throws {
    stage.proxy.set(.holdAnswers)
    try await wait(session) { stage.proxy.heldAnswerByteCount > 0 }
    try await kill()
    stage.proxy.cut()
  }

  private mutating func killAgentBeforeRequestArrives(_ session: DrivenProgram, _ word: String) async throws {
    stage.proxy.set(.holdRequests)
    try await wait(session) { stage.proxy.heldRequestByteCount > 0 }
    try await stage.endAgent()
    stage.proxy.setForNew(.clear)
    if numbers.below(2) == 0 { try await showMore(session, word) }
    try await stage.startAgent()
    try await moment()
    // The old request arrives now, before, between or after those of the next agent.
    stage.proxy.set(.clear)
  }

  private func wait(
    _ session: DrivenProgram, _ limit: Duration = .milliseconds(300), until done: () -> Bool
  ) async throws {
    let end = ContinuousClock.now + limit
    while !done() && ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
      try session.receive()
    }
  }
}
