import CSys
import Events

/// A path that is looked at often, kept as the system takes it, so that looking allocates nothing.
package struct LogPath {
  private let terminated: [UInt8]

  package init(_ path: [UInt8]) { terminated = path.prefix { $0 != 0 } + [0] }

  package var bytes: [UInt8] { [UInt8](terminated.dropLast()) }

  fileprivate func withCString<Result>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    terminated.withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress) }
  }
}

/// A file that is open for appending whole lines, and which one it is.
package struct LogFile: ~Copyable {
  private let file: Descriptor
  private let device: UInt64
  private let inode: UInt64
  /// Only a regular file is renamed, is cut back, or ends inside a line.
  private let isRegular: Bool
  /// Whether the others that append to this file see that we do, so that nobody cuts off a line of another's.
  private let isShared: Bool

  package var raw: Int32 { file.raw }

  /// Opens the file, and makes it, for its owner only, when it is missing.
  ///
  /// - Throws: ENXIO for a FIFO that nobody reads: nothing here waits. Otherwise as open(2).
  package init(_ path: LogPath) throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK
    let raw = path.withCString { csys_open($0, flags, 0o600) }
    guard raw >= 0 else { throw SystemError("open", path: path.bytes) }
    let opened = Descriptor(owning: raw)
    var facts = csys_file_facts()
    guard csys_fstat(raw, &facts) == 0 else { throw SystemError("fstat", path: path.bytes) }
    file = opened
    device = facts.device
    inode = facts.inode
    isRegular = facts.mode & mode_t(S_IFMT) == mode_t(S_IFREG)
    isShared = isRegular && csys_share(raw) == 0
  }

  /// Whether `path` still names this file; always so for what is not regular.
  package func isStill(at path: LogPath) -> Bool {
    if !isRegular { return true }
    var facts = csys_file_facts()
    return path.withCString { csys_stat($0, &facts) } == 0 && facts.device == device && facts.inode == inode
  }

  package func isSame(as other: borrowing LogFile) -> Bool { device == other.device && inode == other.inode }

  /// Whether this file, which is at `path`, ends inside a line. False when that cannot be seen, as it may not be read.
  package func endsInsideLine(at path: LogPath) -> Bool {
    let last = isRegular ? path.withCString { csys_last_byte($0) } : -1
    return last >= 0 && last != Int32(UInt8(ascii: "\n"))
  }

  /// What ``append(_:)`` came to.
  package struct Appended {
    /// Bytes written, by one write(2) or more.
    package var count = 0
    /// Those of the last write(2) that wrote any.
    package var lastCount = 0
    /// Why not all are written; nil when they are.
    package var problem: SystemError?

    package init(problem: SystemError? = nil) { self.problem = problem }
  }

  /// Writes as much of `bytes` as is taken.
  package func append(_ bytes: UnsafeRawBufferPointer) -> Appended {
    var appended = Appended()
    while appended.count < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[appended.count...])
      let count = csys_write(raw, rest.baseAddress, rest.count)
      if count <= 0 {
        appended.problem = SystemError("write", code: count < 0 ? nil : EIO)
        break
      }
      appended.count += count
      appended.lastCount = count
    }
    return appended
  }

  /// Takes back the last `count` bytes, which were put at the end by the last write(2).
  ///
  /// - Returns: False when that is not safe: they are not the end any more, or somebody else appends to the file, too.
  package func takeBack(_ count: Int) -> Bool { isShared && csys_take_back(raw, Int64(count)) == 0 }
}
