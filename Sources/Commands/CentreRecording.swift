import API
import Client
import Events
import FoundationEssentials
import Glibc
import Playback
import Readers
import Synchronization
import SystemCalls

/// A recording of a centre, for a player that may go anywhere in it: messages from any one on, and the centre's keyframes.
struct CentreRecording: Sendable {
  let summary: RecordingSummary
  private let makeClient: @Sendable () -> CentreClient
  /// Asks for keyframes; each delivery has a connection of its own.
  private let client: CentreClient
  private let trouble = Trouble()
  private let askedAt = Clock.elapsedNanoseconds

  /// - Throws: `CommandFailure` when there is no such recording, or it may not be seen.
  init(_ options: CentreOptions, id: String) throws {
    let (address, identity) = try options.centre()
    makeClient = { CentreClient(address: address, identity: identity) }
    let client = makeClient()
    summary = try waiting { try await CentreOptions.failing { try await client.recording(id) } }
    self.client = client
    // A player that has seen enough closes its end: then there is nobody to write for.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Why what can be read ended early; nil when all of it came.
  var failure: CommandFailure? { trouble.failure }

  var distant: DistantRecording {
    DistantRecording(
      messageCount: summary.messages, endMilliseconds: summary.state == .live ? nil : summary.durationMilliseconds,
      state: summary.state, liveMilliseconds: { liveMilliseconds },
      begin: { number, follows throws(ReadError) in
        try Delivery.begin(makeClient(), summary.id, from: number, follows: follows, trouble)
      }, keyframe: { keyframe($0) })
  }

  /// How long the session has been going on, as long as the centre heard of its host when it was asked.
  private var liveMilliseconds: UInt64 {
    if summary.state != .live { return 0 }
    if summary.silent != nil { return summary.durationMilliseconds }
    return summary.durationMilliseconds + (Clock.elapsedNanoseconds - askedAt) / 1_000_000
  }

  /// nil when it cannot be had: then what comes before the place is read.
  private func keyframe(_ place: Place) -> Keyframe? {
    let wanted: KeyframePlace =
      switch place {
      case .milliseconds(let time): .milliseconds(min(time, Self.millisecondsMax))
      case .ordinal(let count): .event(count)
      case .end: .milliseconds(Self.millisecondsMax)
      }
    guard let found = try? waiting({ try await client.keyframe(of: summary.id, at: wanted) }) else { return nil }
    return Keyframe(
      beforeMessage: found.seq, milliseconds: found.milliseconds, ordinal: found.events, outputByteCount: found.output,
      window: Window(columns: found.columns, rows: found.rows), dump: [UInt8](found.dump))
  }

  /// More than any recording lasts, and as much as a centre may be asked for.
  private static let millisecondsMax = UInt64(Int32.max)
}

/// Where a delivery says why it ended early.
private final class Trouble: Sendable {
  private let box = Mutex<CommandFailure?>(nil)
  var failure: CommandFailure? { box.withLock { $0 } }

  func note(_ error: any Error) {
    let failure = CommandFailure(anyError: error)
    box.withLock { $0 = failure }
  }
}

/// Messages on their way into a pipe, as long as somebody holds this.
///
/// What was lost with a broken connection is asked for again, from the first line that had not come whole.
private final class Delivery: Sendable {
  /// After a broken connection; a live recording is worth waiting for.
  private static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(5), .seconds(15)]
  /// What is fetched ahead of whoever reads slowly.
  private static let pipeByteCount: Int32 = 1 << 20

  private let task: Task<Void, Never>

  private init(_ task: Task<Void, Never>) { self.task = task }

  deinit { task.cancel() }

  static func begin(
    _ client: CentreClient, _ id: String, from number: UInt64, follows: Bool, _ trouble: Trouble
  ) throws(ReadError) -> DeliveredSource.Delivery {
    var pair: [Int32] = [-1, -1]
    guard pipe(&pair) == 0 else { throw ReadError(SystemError("pipe"), bytes("No pipe to read through")) }
    let writer = pair[1]
    _ = fcntl(writer, F_SETFL, O_NONBLOCK)
    // F_SETPIPE_SZ; a smaller one serves as well.
    _ = fcntl(writer, 1031, pipeByteCount)
    let task = Task.detached {
      await withTaskCancellationHandler {
        await fetch(client, id, from: number, follows: follows, into: writer, trouble)
        await client.close()
      } onCancel: {
        Task { await client.close() }
      }
      close(writer)
    }
    return DeliveredSource.Delivery(reader: Descriptor(owning: pair[0]), sender: Delivery(task))
  }

  private static func fetch(
    _ client: CentreClient, _ id: String, from number: UInt64, follows: Bool, into writer: Int32, _ trouble: Trouble
  ) async {
    let lines = WholeLines()
    var attempt = 0
    while !Task.isCancelled {
      let before = await lines.count
      do {
        try await client.messages(of: id, from: number + before, follows: follows) {
          try await put(await lines.take($0), on: writer)
        }
        return
      } catch is NoReader {
        return
      } catch {
        await lines.forgetRest()
        attempt = await lines.count > before ? 0 : attempt + 1
        guard attempt < pauses.count, (error as? ClientError)?.isTransient ?? true else { return trouble.note(error) }
        // Cancelled: the loop ends.
        try? await Task.sleep(for: pauses[attempt])
      }
    }
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

/// Writes into a pipe that takes what it has room for. Waiting for room is not to hold a thread: there may be one only, and
/// whoever reads may be asking for something else with it.
private func put(_ bytes: [UInt8], on descriptor: Int32) async throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno == EAGAIN {
      try await Task.sleep(for: .milliseconds(2))
    } else if errno != EINTR {
      throw NoReader()
    }
  }
}
