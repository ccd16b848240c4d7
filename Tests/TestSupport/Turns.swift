import Glibc
package import Testing

/// Lets only so many tests run at once, each in its turn.
///
/// swift-testing starts all tests of a process together. Those that drive programs mostly wait; more than a few at a
/// time would only slow each other, and fewer would leave the machine idle.
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

  /// How many: what tools/run-tests found this machine good for, which says so in `STENO_TURNS`; else one a processor.
  package static let countMax =
    getenv("STENO_TURNS").flatMap { Int(String(cString: $0)) } ?? max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  private actor Queue {
    static let shared = Queue()
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
      if running < Turns.countMax {
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
