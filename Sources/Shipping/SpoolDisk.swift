import CSys
package import Events
import Glibc
package import SystemCalls

/// The folder in which an agent keeps spool files, and what it knows of each: the calls that may fail.
package protocol SpoolDisk: AnyObject {
  /// Makes a spool file with its header.
  func make(_ name: String, _ header: SpoolHeader) throws(SystemError) -> SpoolHandle
  func open(_ name: String) throws(SystemError) -> SpoolHandle
  /// Names of all files.
  func names() -> [String]
  /// Puts `bytes` in the place of the file called `name`, all or nothing.
  func save(_ bytes: [UInt8], as name: String) throws(SystemError)
  /// At most 64 KiB; nil when there is no such file.
  func load(_ name: String) -> [UInt8]?
  func remove(_ name: String)
  /// Renames a file; EEXIST where there is one of the new name.
  func rename(_ name: String, to new: String) throws(SystemError)
  /// Frees bytes at the front of a file. False where the file system cannot.
  func punch(_ handle: SpoolHandle, from: UInt64, upTo: UInt64) -> Bool
  /// Brings everything to disk (syncfs(2)).
  func sync() throws(SystemError)
}

/// A spool file as the agent has it: read at offsets, and never locked or mapped (THREATS 11).
package final class SpoolHandle {
  private let file: Descriptor
  package let identity: FileIdentity

  package init(_ file: consuming Descriptor) throws(SystemError) {
    identity = try Self.facts(file.raw).identity
    self.file = file
  }

  package var raw: Int32 { file.raw }

  package func byteCount() throws(SystemError) -> UInt64 { try Self.facts(raw).byteCount }

  /// The owner's user id.
  package func owner() throws(SystemError) -> UInt32 { try Self.facts(raw).owner }

  /// Reads what is there from `offset` on, as much as fits.
  package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    let count = csys_read_at(raw, buffer.baseAddress, buffer.count, offset)
    if count < 0 { throw SystemError("pread") }
    return count
  }

  /// A descriptor of its own for a recorder: it can append, and cannot read.
  package func forRecorder() throws(SystemError) -> Descriptor {
    let path = "/proc/self/fd/\(raw)"
    let other = csys_open(path, O_WRONLY | O_APPEND, 0)
    if other < 0 { throw SystemError("open", path: Array(path.utf8)) }
    return Descriptor(owning: other)
  }

  package func cut(to byteCount: UInt64) throws(SystemError) {
    if csys_cut_to(raw, byteCount) != 0 { throw SystemError("ftruncate") }
  }

  /// Cuts the file to `byteCount` and appends `bytes`: the end that its recorder did not write.
  package func append(_ bytes: UnsafeBufferPointer<UInt8>, at byteCount: UInt64) throws(SystemError) {
    try cut(to: byteCount)
    let count = csys_write(raw, bytes.baseAddress, bytes.count)
    if count == bytes.count { return }
    let problem = SystemError("write", code: count < 0 ? nil : ENOSPC)
    // What is torn is cut off when this is tried again, or the file is opened.
    _ = csys_cut_to(raw, byteCount)
    throw problem
  }

  private static func facts(
    _ raw: Int32
  ) throws(SystemError) -> (identity: FileIdentity, byteCount: UInt64, owner: UInt32) {
    var facts = csys_file_facts()
    if csys_fstat(raw, &facts) != 0 { throw SystemError("fstat") }
    return (FileIdentity(device: facts.device, inode: facts.inode), UInt64(facts.size), facts.owner)
  }
}

/// A folder of this host.
package final class HostDisk: SpoolDisk {
  package let path: String
  private let folder: Descriptor

  /// - Parameters:
  ///   - path: The folder, absolute.
  ///   - makes: Makes it, for the agent alone, when it is missing.
  package init(_ path: String, makes: Bool) throws(SystemError) {
    self.path = path
    if makes && mkdir(path, 0o700) != 0 && errno != EEXIST { throw SystemError("mkdir", path: Array(path.utf8)) }
    let raw = csys_open(path, O_RDONLY | O_DIRECTORY, 0)
    if raw < 0 { throw SystemError("open", path: Array(path.utf8)) }
    folder = Descriptor(owning: raw)
  }

  /// Bytes of the whole file system.
  package var fileSystemByteCount: UInt64 { csys_file_system_size(folder.raw) }

  private func file(_ name: String) -> String { path + "/" + name }

  package func make(_ name: String, _ header: SpoolHeader) throws(SystemError) -> SpoolHandle {
    let raw = csys_make_spool(file(name))
    if raw < 0 { throw SystemError("open", path: Array(file(name).utf8)) }
    let handle = try SpoolHandle(Descriptor(owning: raw))
    var bytes = ByteBuilder(capacity: SpoolHeader.byteCount)
    header.append(to: &bytes)
    try handle.append(bytes.bytes, at: 0)
    return handle
  }

  package func open(_ name: String) throws(SystemError) -> SpoolHandle {
    let raw = csys_open(file(name), O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0)
    if raw < 0 { throw SystemError("open", path: Array(file(name).utf8)) }
    return try SpoolHandle(Descriptor(owning: raw))
  }

  package func names() -> [String] {
    guard let listing = opendir(path) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Not synced by itself: a state that is lost in a power cut is found again by what the centre has.
  package func save(_ bytes: [UInt8], as name: String) throws(SystemError) {
    let temporary = file("." + name)
    let raw = csys_open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if raw < 0 { throw SystemError("open", path: Array(temporary.utf8)) }
    let opened = Descriptor(owning: raw)
    let count = bytes.withUnsafeBytes { csys_write(opened.raw, $0.baseAddress, $0.count) }
    if count != bytes.count { throw SystemError("write", path: Array(temporary.utf8), code: count < 0 ? nil : ENOSPC) }
    if Glibc.rename(temporary, file(name)) != 0 { throw SystemError("rename", path: Array(file(name).utf8)) }
  }

  package func load(_ name: String) -> [UInt8]? {
    (try? SmallFile.read(Array(file(name).utf8), limit: 65_536))?.bytes  // unreadable is as good as missing
  }

  package func remove(_ name: String) { unlink(file(name)) }

  package func rename(_ name: String, to new: String) throws(SystemError) {
    if csys_rename_new(file(name), file(new)) != 0 { throw SystemError("rename", path: Array(file(name).utf8)) }
  }

  package func punch(_ handle: SpoolHandle, from: UInt64, upTo: UInt64) -> Bool {
    csys_punch(handle.raw, from, upTo - from) == 0
  }

  package func sync() throws(SystemError) {
    if csys_sync_file_system(folder.raw) != 0 { throw SystemError("syncfs", path: Array(path.utf8)) }
  }
}

extension SpoolHeader {
  /// The header of a spool file; nil where it is half made, damaged, or none.
  init?(of handle: SpoolHandle) {
    var block = [UInt8](repeating: 0, count: Self.byteCount)
    let count = try? block.withUnsafeMutableBytes { try handle.read(at: 0, into: $0) }
    // What is wrong with it does not matter here: nothing is known then.
    guard count == block.count, let header = block.withUnsafeBufferPointer({ try? SpoolHeader($0) }) else { return nil }
    self = header
  }
}
