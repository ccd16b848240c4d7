package import Foundation
package import SystemCalls

/// A file that is there whole or not at all: written under a temporary name, synced, renamed, its directory synced.
package struct DurableFile: ~Copyable {
  private let descriptor: Int32
  private let file: URL
  private let temporary: URL
  private let root: URL
  private var isFinished = false
  private(set) var byteCount: UInt64 = 0

  /// - Parameters:
  ///   - root: An existing directory above `file`; those between are made.
  ///   - mode: Its rights, from the first byte on.
  package init(replacing file: URL, below root: URL, mode: mode_t = 0o640) throws(SystemError) {
    try makeDirectory(file.deletingLastPathComponent())
    let temporary = file.appendingPathExtension("new")
    let opened = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    if opened < 0 { throw systemError("open", temporary) }
    descriptor = opened
    self.file = file
    self.root = root
    self.temporary = temporary
  }

  /// What was not finished goes at once: on a full disk it would keep the room that the next attempt needs.
  deinit {
    close(descriptor)
    if !isFinished { unlink(temporary.path) }
  }

  /// Appends the first `byteCount` bytes of another file.
  mutating func append(contentsOf other: URL, byteCount: UInt64) throws {
    if byteCount == 0 { return }
    let source = try KeptFile(other)
    while self.byteCount < byteCount {
      let piece = try source.read(Int(min(1 << 20, byteCount - self.byteCount)), at: self.byteCount)
      if piece.isEmpty { throw ArchiveError.damaged }
      try append(piece)
    }
  }

  package mutating func append(_ bytes: [UInt8]) throws(SystemError) {
    var place = 0
    while place < bytes.count {
      let count = bytes[place...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw systemError("write", temporary) }
      place += count
    }
    byteCount += UInt64(bytes.count)
  }

  /// After this the file is on disk under its name.
  package mutating func finish() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw systemError("fsync", temporary) }
    guard rename(temporary.path, file.path) == 0 else { throw systemError("rename", temporary) }
    isFinished = true
    var directory = file.deletingLastPathComponent()
    // Directories that were made for it are synced too, up to one that was there before.
    while directory.path.count >= root.path.count {
      try syncDirectory(directory)
      directory.deleteLastPathComponent()
    }
  }
}
