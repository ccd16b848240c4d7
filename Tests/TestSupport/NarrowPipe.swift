import CTestSupport
import Glibc

/// A pipe that is full from the start and has room for a page only: whatever writes into it must wait, again and again.
package final class NarrowPipe {
  private static let byteCount: Int32 = 4096

  /// What a program is to write to (``DrivenProgram/Output/descriptor(_:)``).
  package let writer: Int32
  private var reader: Int32
  private var filling: Int
  /// What a program wrote.
  package private(set) var taken: [UInt8] = []

  /// - Parameter isNonBlocking: Whoever made the pipe has set O_NONBLOCK on the end that is written to.
  package init(isNonBlocking: Bool = false) throws {
    var (near, far): (Int32, Int32) = (-1, -1)
    guard ctest_pipe_from(&near, &far) == 0 else { throw Surroundings.Trouble("pipe", errno) }
    (reader, writer) = (near, far)
    // F_SETPIPE_SZ
    guard fcntl(writer, 1031, Self.byteCount) == Self.byteCount else { throw Surroundings.Trouble("fcntl", errno) }
    filling = Int(Self.byteCount)
    guard write(writer, [UInt8](repeating: 0, count: filling), filling) == filling else {
      throw Surroundings.Trouble("write", errno)
    }
    if isNonBlocking { _ = fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK) }
  }

  deinit {
    close(writer)
    closeReader()
  }

  package var isNonBlocking: Bool { fcntl(writer, F_GETFL) & O_NONBLOCK != 0 }

  package func closeReader() {
    if reader >= 0 { close(reader) }
    reader = -1
  }

  /// Takes what is there each time that the program sleeps, and the rest at its end. A page that is not full is none to
  /// poll(2), which sees no room in the pipe.
  package func read(from program: DrivenProgram) async throws -> Exit {
    try await program.until("write all of its output") {
      guard try program.isRunning() else { return true }
      if ProcessFacts(program.pid)?.state == "S" { takeWhatIsThere() }
      return false
    }
    takeWhatIsThere()
    return try await program.end()
  }

  private func takeWhatIsThere() {
    var page = [UInt8](repeating: 0, count: Int(Self.byteCount))
    while true {
      let count = Glibc.read(reader, &page, page.count)
      if count <= 0 { return }
      let skipped = min(filling, count)
      filling -= skipped
      taken += page[skipped..<count]
      if count == page.count { return }
    }
  }
}
