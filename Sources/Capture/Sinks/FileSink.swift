import CSys
import Events
package import Options
import SystemCalls

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
    var wholeLines = 0
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

  /// - Throws: the system's reason and `Failed opening log file "…"`, as tlog says it. What was open stays so.
  package mutating func reopen() throws(Failure) {
    let opened: LogFile
    do throws(SystemError) { opened = try LogFile(path) } catch { throw failure(error, "Failed opening log file") }
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
      do throws(Failure) { try reopen() } catch { throw .failed(error) }
    }
    if progress.id != id {
      giveUpBegunLine()
      progress = Progress(id: id)
    }
    if isTorn { try endTornLine() }
    let done = min(progress.wholeLines + progress.begun, lines.count)
    let appended = append(UnsafeRawBufferPointer(lines)[done...])
    guard let problem = appended.problem else {
      progress = Progress(id: id)
      return
    }
    note(written: lines[..<(done + appended.count)])
    if problem.code == EAGAIN { throw .busy }
    mend(lastCount: appended.lastCount)
    throw .failed(failure(problem, "Failed writing log file"))
  }

  private func append(_ bytes: Slice<UnsafeRawBufferPointer>) -> LogFile.Appended {
    log?.append(UnsafeRawBufferPointer(rebasing: bytes)) ?? LogFile.Appended(problem: SystemError("write", code: EBADF))
  }

  private mutating func note(written: Slice<UnsafeBufferPointer<UInt8>>) {
    progress.wholeLines = written.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    progress.begun = written.count - progress.wholeLines
  }

  /// Leaves the log with whole lines only, as far as that can be had now.
  ///
  /// - Parameter lastCount: Bytes of the last write; what others have written is in front of them or behind them.
  private mutating func mend(lastCount: Int) {
    if progress.begun > 0, progress.begun <= lastCount, log?.takeBack(progress.begun) ?? false { progress.begun = 0 }
    giveUpBegunLine()
    // At once where it is possible, so that no other recorder's line gets into this one; else with the next message.
    if isTorn { try? endTornLine() }
  }

  private mutating func giveUpBegunLine() {
    if progress.begun > 0 { isTorn = true }
    progress.begun = 0
  }

  private mutating func endTornLine() throws(SinkError) {
    let appended = withUnsafeBytes(of: UInt8(ascii: "\n")) { append($0[...]) }
    guard let problem = appended.problem else {
      isTorn = false
      return
    }
    throw problem.code == EAGAIN ? .busy : .failed(failure(problem, "Failed writing log file"))
  }

  private func failure(_ error: SystemError, _ what: StaticString) -> Failure {
    Failure(error, meaning: Self.meaning(error.code), bytes(what) + bytes(" \"") + path.bytes + bytes("\""))
  }

  /// What the system's reason means here, for the person who can mend it.
  private static func meaning(_ code: Int32) -> StaticString {
    switch code {
    case ENXIO: ": nobody reads this FIFO"
    case EPIPE: ": nobody reads this FIFO any more"
    case ENOSPC: ": the log's file system is full"
    case EDQUOT: ": the recorder's user has no more room on the log's file system"
    case EFBIG: ": the log has reached the limit of its file system or of its recorder, and needs rotating"
    case EIO: ": the device or server that holds the log does not work"
    default: ""
    }
  }
}
