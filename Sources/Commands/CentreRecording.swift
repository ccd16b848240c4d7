import API
import Client
import Foundation
import Synchronization

/// A recording of a centre as a pipe of messages, which is read like any other.
///
/// What was lost with a broken connection is asked for again, from the first line that had not come whole.
final class CentreFeed: Sendable {
  /// After a broken connection; a live recording is worth waiting for.
  private static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(5), .seconds(15)]

  private let ends: (reader: Int32, writer: Int32)
  private let trouble = Mutex<CommandFailure?>(nil)

  /// Starts to fetch.
  ///
  /// - Parameter follows: Whether to go on while the recording is live.
  /// - Throws: `CommandFailure` when there is no such recording, or it may not be seen.
  init(_ client: CentreClient, id: String, follows: Bool) throws {
    let found = try waiting { try await CentreOptions.failing { try await client.recording(id) } }
    var pair: [Int32] = [-1, -1]
    guard pipe(&pair) == 0 else { throw CommandFailure(.failed, "no pipe: \(String(cString: strerror(errno)))") }
    ends = (pair[0], pair[1])
    // A player that has seen enough closes its end: then there is nobody to write for.
    signal(SIGPIPE, SIG_IGN)
    Task.detached { [self] in await fetch(client, found.id, follows) }
  }

  deinit { close(ends.reader) }

  /// Where the messages can be read, once.
  var path: String { "/dev/fd/\(ends.reader)" }

  /// Why what can be read ended early; nil when all of it came.
  var failure: CommandFailure? { trouble.withLock { $0 } }

  private func fetch(_ client: CentreClient, _ id: String, _ follows: Bool) async {
    let lines = WholeLines()
    var attempt = 0
    while true {
      let before = await lines.count
      do {
        try await client.messages(of: id, from: await lines.count + 1, follows: follows) { [writer = ends.writer] in
          try put(await lines.take($0), on: writer)
        }
        break
      } catch is NoReader {
        break
      } catch {
        await lines.forgetRest()
        attempt = await lines.count > before ? 0 : attempt + 1
        guard attempt < Self.pauses.count, (error as? ClientError)?.isTransient ?? true else {
          let failure = CommandFailure(anyError: error)
          trouble.withLock { $0 = failure }
          break
        }
        // Cancelled never: nobody has this task.
        try? await Task.sleep(for: Self.pauses[attempt])
      }
    }
    await client.close()
    close(ends.writer)
  }
}

/// Counts the lines that came whole, and keeps back what has begun.
private actor WholeLines {
  private(set) var count: UInt64 = 0
  private var rest: [UInt8] = []

  func take(_ piece: [UInt8]) -> [UInt8] {
    guard let last = piece.lastIndex(of: UInt8(ascii: "\n")) else {
      rest += piece
      return []
    }
    let whole = rest + piece[...last]
    rest = [UInt8](piece[(last + 1)...])
    count += UInt64(whole.count { $0 == UInt8(ascii: "\n") })
    return whole
  }

  func forgetRest() { rest = [] }
}

private struct NoReader: Error {}

/// Waits while the pipe is full: who plays in recorded time reads slowly. Never more than a pipe's worth is fetched ahead.
private func put(_ bytes: [UInt8], on descriptor: Int32) throws {
  try bytes.withUnsafeBytes { all in
    var place = 0
    while place < all.count {
      let count = write(descriptor, all.baseAddress.map { $0 + place }, all.count - place)
      if count < 0 && errno != EINTR { throw NoReader() }
      if count > 0 { place += count }
    }
  }
}
