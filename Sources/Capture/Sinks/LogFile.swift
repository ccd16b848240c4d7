import CSystem
import Events
import System

/// Where a log file is: its path, kept as the system takes it, so that looking at it allocates nothing.
struct LogPath {
  private let terminated: [UInt8]

  init(_ path: [UInt8]) { terminated = path.prefix { $0 != 0 } + [0] }

  /// The path in quotes, for a sentence.
  var quoted: [UInt8] { bytes("\"") + terminated.dropLast() + bytes("\"") }

  func withCString<Result>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    terminated.withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress) }
  }
}

/// A log file that is open for appending, and which one it is.
struct LogFile: ~Copyable {
  private let file: Descriptor
  private let device: UInt64
  private let inode: UInt64
  /// Only a regular file is renamed under us, is cut back, or ends inside a line.
  let isRegular: Bool
  /// Whether the other recorders that have this file see that we have it too, so that nobody cuts a line of another's off.
  private let isShared: Bool

  var raw: Int32 { file.raw }

  /// Opens the file and makes it, for its owner only, when it is missing.
  ///
  /// It never waits: a FIFO that nobody reads is an error.
  /// - Throws: the reason and `Failed opening log file "…"`, as tlog says it.
  init(_ path: LogPath) throws(Failure) {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK
    let raw = path.withCString { csys_open($0, flags, 0o600) }
    guard raw >= 0 else { throw Self.openFailure(SystemError("open"), path) }
    let opened = Descriptor(owning: raw)
    var facts = csys_file_facts()
    guard csys_fstat(raw, &facts) == 0 else { throw Self.openFailure(SystemError("fstat"), path) }
    file = opened
    device = facts.device
    inode = facts.inode
    isRegular = facts.mode & mode_t(S_IFMT) == mode_t(S_IFREG)
    isShared = isRegular && csys_share(raw) == 0
  }

  /// Whether `path` still names this file; always so for what is not regular.
  func isStill(at path: LogPath) -> Bool {
    if !isRegular { return true }
    var facts = csys_file_facts()
    return path.withCString { csys_stat($0, &facts) } == 0 && facts.device == device && facts.inode == inode
  }

  func isSame(as other: borrowing LogFile) -> Bool { device == other.device && inode == other.inode }

  /// Whether this file, which is at `path`, ends inside a line. False when that cannot be seen, as it may not be read.
  func endsInsideLine(at path: LogPath) -> Bool {
    let last = isRegular ? path.withCString { csys_last_byte($0) } : -1
    return last >= 0 && last != Int32(UInt8(ascii: "\n"))
  }

  /// What ``append(_:)`` came to.
  struct Appended {
    /// Bytes written, by one write(2) or more.
    var count = 0
    /// Those of the last write(2) that wrote any.
    var lastCount = 0
    /// errno(3) of the write(2) that ended it early; 0 when everything is written.
    var code: Int32 = 0
  }

  /// Writes as much of `bytes` as is taken.
  func append(_ bytes: UnsafeRawBufferPointer) -> Appended {
    var appended = Appended()
    while appended.count < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[appended.count...])
      let count = csys_write(raw, rest.baseAddress, rest.count)
      if count <= 0 {
        appended.code = count < 0 ? csys_errno() : EIO
        break
      }
      appended.count += count
      appended.lastCount = count
    }
    return appended
  }

  /// Takes back the last `count` bytes, which were put at the end by the last write(2).
  ///
  /// - Returns: False when that is not safe: they are not the end any more, or another recorder has the file too.
  func takeBack(_ count: Int) -> Bool { isShared && csys_take_back(raw, Int64(count)) == 0 }

  private static func openFailure(_ error: SystemError, _ path: LogPath) -> Failure {
    let reason = error.code == ENXIO ? error.reason + bytes(": a FIFO that nobody reads") : error.reason
    return Failure(reason).adding(bytes("Failed opening log file ") + path.quoted)
  }
}
