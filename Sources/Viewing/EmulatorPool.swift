/// Lets few emulators be at work at once: one takes 300 kB at 240×67 and some 6 MiB at the largest window, so that all of
/// them stay far below 256 MiB (DESIGN §10), and two processors are not shared among hundreds.
actor EmulatorPool {
  private static let countMax = 8

  private var running = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Runs `work`, which has one emulator, when it is its turn.
  nonisolated func using<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
    await enter()
    do {
      let value = try await work()
      await leave()
      return value
    } catch {
      await leave()
      throw error
    }
  }

  /// Returns when an emulator may be made.
  func enter() async {
    if running < Self.countMax {
      running += 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  /// After ``enter()``, once.
  func leave() {
    if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
  }
}
