package import Testing

/// Lets only so many tests run at once, each in its turn.
///
/// swift-testing starts all tests of a process together. Those that drive programs mostly wait; more than a few at a
/// time would slow each other past their limits on a small machine, and less would leave it idle.
package struct Turns: SuiteTrait, TestTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func scopeProvider(for test: Test, testCase: Test.Case?) -> Turns? { testCase == nil ? nil : self }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    await Queue.shared.enter()
    defer { Task { await Queue.shared.leave() } }
    try await function()
  }

  private actor Queue {
    static let shared = Queue()
    private static let countMax = 3
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
      if running < Self.countMax {
        running += 1
      } else {
        await withCheckedContinuation { waiting.append($0) }
      }
    }

    func leave() {
      if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
    }
  }
}

extension Trait where Self == Turns {
  /// For tests and suites that drive programs.
  package static var inTurn: Self { Turns() }
}
