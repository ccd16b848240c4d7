import CSystem
import Events
import System

/// A file that messages are appended to, one a line; many recorders may share it.
///
/// Each call is one stat(2), which notices that the file was renamed or removed, and one write(2), which with O_APPEND the
/// kernel keeps together, so that the lines of different recorders do not mix.
///
/// A line that was written in part, because the disk is full, is taken back. Where that is not safe, because another
/// recorder may have written behind it, it is ended by a LF before anything else is written, and is written again whole.
/// A file that already ends inside a line, as a recorder leaves it that was killed in write(2), is treated so too.
///
/// A FIFO, a terminal or another device may be named as well. None of them is waited for, and what it took of a line is
/// not written again.
package struct FileSink: ~Copyable {
  /// How much is written of lines that were not taken whole.
  private struct Progress {
    /// The id that they came with.
    var id: UInt64
    /// Bytes of whole lines.
    var lines = 0
    /// Bytes behind those, of a line that can be continued.
    var begun = 0
  }

  private let path: LogPath
  private var log: LogFile?
  private var progress = Progress(id: 0)
  /// Whether the log ends inside a line that will not be continued.
  private var isTorn = false

  /// Opens nothing yet: see ``reopen()``.
  package init(path: [UInt8]) { self.path = LogPath(path) }

  package var descriptor: Int32? {
    switch log {
    case .some(let log): log.raw
    case .none: nil
    }
  }

  /// - Throws: the system's reason and `Failed opening log file "…"`. What was open stays so.
  package mutating func reopen() throws(Failure) {
    let opened = try LogFile(path)
    giveUpBegunLine()
    let isAnother =
      switch log {
      case .some(let log): !log.isSame(as: opened)
      case .none: true
      }
    if isAnother { isTorn = opened.endsInsideLine(at: path) }
    log = consume opened
  }

  /// Appends any number of whole lines; the first is that of message `id`.
  ///
  /// - Throws: `.busy` when a FIFO or a terminal has no room; `.failed` when the file could not be opened or write(2)
  ///   failed. After either, the lines are to come again with the same id; others may follow behind them.
  package mutating func write(_ lines: UnsafeBufferPointer<UInt8>, id: UInt64) throws(SinkError) {
    if !(log?.isStill(at: path) ?? false) {
      do { try reopen() } catch { throw .failed(error) }
    }
    if progress.id != id {
      giveUpBegunLine()
      progress = Progress(id: id)
    }
    if isTorn { try endTornLine() }
    let done = min(progress.lines + progress.begun, lines.count)
    let appended = append(UnsafeRawBufferPointer(lines)[done...])
    if appended.code == 0 {
      progress = Progress(id: id)
    } else {
      throw stopped(lines[..<(done + appended.count)], appended)
    }
  }

  private func append(_ bytes: Slice<UnsafeRawBufferPointer>) -> LogFile.Appended {
    log?.append(UnsafeRawBufferPointer(rebasing: bytes)) ?? LogFile.Appended(code: EBADF)
  }

  /// Puts the log in order after a write that ended early, and says what came of it.
  ///
  /// - Parameter written: What is in the log of the lines that were to be written.
  private mutating func stopped(
    _ written: Slice<UnsafeBufferPointer<UInt8>>, _ appended: LogFile.Appended
  ) -> SinkError {
    progress.lines = written.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    progress.begun = written.count - progress.lines
    if appended.code == EAGAIN { return .busy }
    if progress.begun > 0, progress.begun <= appended.lastCount, log?.takeBack(progress.begun) ?? false {
      progress.begun = 0
    }
    giveUpBegunLine()
    // Now, if it can be done now, so that no other recorder's line is written into this one.
    if isTorn { try? endTornLine() }
    return .failed(writeFailure(appended.code))
  }

  private mutating func giveUpBegunLine() {
    if progress.begun > 0 { isTorn = true }
    progress.begun = 0
  }

  private mutating func endTornLine() throws(SinkError) {
    let end = UInt8(ascii: "\n")
    let appended = withUnsafeBytes(of: end) { append($0[...]) }
    switch appended.code {
    case 0: isTorn = false
    case EAGAIN: throw .busy
    default: throw .failed(writeFailure(appended.code))
    }
  }

  private func writeFailure(_ code: Int32) -> Failure {
    let reason = SystemError("write", code: code).reason
    return Failure(reason + bytes(Self.advice(code))).adding(bytes("Failed writing log file ") + path.quoted)
  }

  /// What the system's reason means here, for the person who can mend it.
  private static func advice(_ code: Int32) -> StaticString {
    switch code {
    case ENOSPC: ": free space on the log's file system"
    case EDQUOT: ": the recorder's user has used up its quota on the log's file system"
    case EFBIG: ": the log is as long as the file system or a limit on file sizes allows, rotate it"
    case EIO: ": the device below the log, or its server, does not work"
    case EPIPE: ": nobody reads this FIFO any more"
    default: ""
    }
  }
}
