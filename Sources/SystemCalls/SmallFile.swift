import CSys
import Events

/// A file read whole, with the facts of the very file that was read: a name may mean another one a moment later.
package struct SmallFile {
  package let bytes: [UInt8]
  package let owner: UInt32
  /// Type and permissions, `st_mode` of stat(2).
  package let mode: UInt32

  /// Nobody but root can have written it: a regular file of uid 0 that neither group nor others may write.
  package var isRootsAlone: Bool {
    let type = mode & 0o170000  // S_IFMT of inode(7)
    return type == 0o100000 && owner == 0 && mode & 0o022 == 0  // S_IFREG; S_IWGRP, S_IWOTH
  }

  /// A FIFO that nobody writes to is not waited for: it reads as empty.
  ///
  /// - Parameter limit: Bytes; a longer file is refused with EFBIG, and no more of it than one step is read.
  /// - Returns: Nil when there is no file of that name.
  package static func read(_ path: [UInt8], limit: Int) throws(SystemError) -> SmallFile? {
    let raw = withCString(path) { csys_open($0, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0) }
    if raw < 0 {
      if csys_errno() == ENOENT { return nil }
      throw SystemError("open", path: path)
    }
    let file = Descriptor(owning: raw)
    var facts = csys_file_facts()
    if csys_fstat(file.raw, &facts) != 0 { throw SystemError("fstat", path: path) }
    var bytes: [UInt8] = []
    var step = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = step.withUnsafeMutableBytes { csys_read(file.raw, $0.baseAddress, $0.count) }
      if count < 0 { throw SystemError("read", path: path) }
      if count == 0 { return SmallFile(bytes: bytes, owner: facts.owner, mode: facts.mode) }
      bytes += step[..<count]
      if bytes.count > limit { throw SystemError("read", path: path, code: EFBIG) }
    }
  }
}

/// The contents of a small file of the system's; nil when there is none, or it cannot be read.
package func contents(of path: StaticString, limit: Int) -> [UInt8]? {
  (try? SmallFile.read(bytes(path), limit: limit))?.bytes
}
