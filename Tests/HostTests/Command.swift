import Foundation

/// A program run to its end with its output kept.
enum Command {
  struct Result: Sendable {
    /// Exit status, or 128 + signal.
    let status: Int32
    let output: Data
    let errors: Data
  }

  /// Suspends, and does not block, until the program has ended: the tests share a thread for each processor.
  static func run(_ path: String, _ arguments: [String]) async throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: nobody has to read two pipes at once, and a left-over child cannot hold us up.
    let output = try TemporaryFile()
    let errors = try TemporaryFile()
    process.standardOutput = output.handle
    process.standardError = errors.handle
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    let killed = process.terminationReason == .uncaughtSignal
    return Result(
      status: killed ? 128 + process.terminationStatus : process.terminationStatus, output: try output.contents(),
      errors: try errors.contents())
  }
}

/// A file with no name left, gone with the value.
private final class TemporaryFile: Sendable {
  let handle: FileHandle

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "steno-\(UUID().uuidString)")
    try Data().write(to: url)
    handle = try FileHandle(forUpdating: url)
    try FileManager.default.removeItem(at: url)
  }

  func contents() throws -> Data {
    try handle.seek(toOffset: 0)
    return try handle.readToEnd() ?? Data()
  }
}
