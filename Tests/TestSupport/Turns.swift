package import Testing

/// Lets only so many tests run at once, each in its turn.
///
/// swift-testing starts all tests of a process together, on as many threads as there are processors. Tests that drive
/// programs mostly wait; more than a few at a time would slow each other past their limits on a small machine, and less
/// would leave it idle. Tests that compute for seconds hold a thread all the while: with all threads held, nobody looks
/// at the programs that others drive until their limits have passed. So of these there is one at a time.
package struct Turns: SuiteTrait, TestTrait, TestScoping {
  private let queue: Queue

  package var isRecursive: Bool { true }

  package func scopeProvider(for test: Test, testCase: Test.Case?) -> Turns? { testCase == nil ? nil : self }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    await queue.enter()
    defer { Task { [queue] in await queue.leave() } }
    try await function()
  }

  fileprivate static let driving = Turns(queue: Queue(countMax: 4))
  fileprivate static let computing = Turns(queue: Queue(countMax: 1))

  private actor Queue {
    private let countMax: Int
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(countMax: Int) { self.countMax = countMax }

    func enter() async {
      if running < countMax {
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
  package static var inTurn: Self { .driving }
  /// For tests and suites that compute for long.
  package static var oneAtATime: Self { .computing }
}
