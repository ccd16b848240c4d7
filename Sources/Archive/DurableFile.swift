package import Foundation

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
  package init(replacing file: URL, below root: URL, mode: mode_t = 0o640) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let temporary = file.appendingPathExtension("new")
    descriptor = try openForWriting(temporary, mode)
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
    let source = try FileHandle(forReadingFrom: other)
    defer { try? source.close() }  // only read
    while self.byteCount < byteCount {
      let count = Int(min(1 << 20, byteCount - self.byteCount))
      guard let piece = try source.read(upToCount: count), !piece.isEmpty else { throw ArchiveError.damaged }
      try append([UInt8](piece))
    }
  }

  package mutating func append(_ bytes: [UInt8]) throws {
    var place = 0
    while place < bytes.count {
      let count = bytes[place...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw CocoaError(errno == ENOSPC ? .fileWriteOutOfSpace : .fileWriteUnknown) }
      place += count
    }
    byteCount += UInt64(bytes.count)
  }

  /// After this the file is on disk under its name.
  package mutating func finish() throws {
    guard fsync(descriptor) == 0, rename(temporary.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    isFinished = true
    var directory = file.deletingLastPathComponent()
    // Directories that were made for it are synced too, up to one that was there before.
    while directory.path.count >= root.path.count {
      try syncDirectory(directory)
      directory.deleteLastPathComponent()
    }
  }
}

private func openForWriting(_ file: URL, _ mode: mode_t) throws -> Int32 {
  let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
  guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
  return descriptor
}

func syncDirectory(_ directory: URL) throws {
  let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
}
