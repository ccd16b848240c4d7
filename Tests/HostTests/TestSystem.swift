import Foundation
import Testing

/// The Debian system that all host tests share: one boot of the tree that Tests/HostRoot/make-root made.
///
/// It is booted when the first test asks for it, and ends with this process, because it lives only as long as the pipe
/// to `boot-root` is held open. What one test changes in it no other test sees: see ``Scene``.
actor TestSystem {
  static let shared = TestSystem()

  /// Where the system's first process and its file tree are, seen from here.
  struct Running: Sendable {
    let firstProcess: Int32

    /// The system's file at `path`, as this process can open it.
    func file(_ path: String) -> URL { URL(fileURLWithPath: "/proc/\(firstProcess)/root" + path) }
  }

  private var boot: Task<Running, any Error>?
  /// Held open for the life of this process: its end is what ends the system.
  private var lifeline: Pipe?

  func running() async throws -> Running {
    if let boot { return try await boot.value }
    let lifeline = Pipe()
    self.lifeline = lifeline
    let started = Task { try await Self.start(lifeline) }
    boot = started
    return try await started.value
  }

  private static func start(_ lifeline: Pipe) async throws -> Running {
    let process = Process()
    process.executableURL = hostRoot.appending(path: "boot-root")
    process.arguments = [checkout.path]
    process.standardInput = lifeline
    let answer = Pipe()
    process.standardOutput = answer
    try process.run()
    // It says where the system is and closes its output; until then a thread of its own waits, not one of the tests'.
    let said = await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: answer.fileHandleForReading.readDataToEndOfFile()) }
    }
    let words = String(decoding: said, as: UTF8.self).split { $0.isWhitespace }
    guard words.count == 2, words[0] == "up", let pid = Int32(words[1]) else { throw BootFailure() }
    return Running(firstProcess: pid)
  }

  struct BootFailure: Error, CustomStringConvertible {
    let description = "the test system did not boot; boot-root said why on standard error"
  }

  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let hostRoot = checkout.appending(path: "Tests/HostRoot")

  /// What keeps the system from being booted here, and what would help; nil when nothing does. The script knows.
  static let obstacle: String? = {
    let check = Process()
    let answer = Pipe()
    check.executableURL = hostRoot.appending(path: "boot-root")
    check.arguments = ["--check"]
    check.standardOutput = answer
    do { try check.run() } catch { return "\(hostRoot.path)/boot-root does not run" }
    let said = String(decoding: answer.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    check.waitUntilExit()
    if !said.isEmpty { return said.trimmingCharacters(in: .whitespacesAndNewlines) }
    return check.terminationStatus == 0 ? nil : "boot-root --check ended with status \(check.terminationStatus)"
  }()
}

extension Trait where Self == ConditionTrait {
  /// For tests that need a whole system with users, setuid programs, PAM and services.
  static var needsTestSystem: Self {
    .enabled(if: TestSystem.obstacle == nil, Comment(rawValue: TestSystem.obstacle ?? "the test system is there"))
  }
}
