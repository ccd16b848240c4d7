import CSys
package import Events

/// A spool file as its recorder has it: frames are appended and nothing else.
///
/// A frame that could not be written whole is cut back before anything else is (THREATS 12); where that fails, the file
/// takes nothing more until it succeeds.
public struct SpoolFile: ~Copyable {
  private let file: Descriptor
  /// Bytes to behind the last whole frame.
  package private(set) var byteCount: UInt64
  /// Which file it is, for an agent that is to know it again.
  package let identity: FileIdentity
  private var isTorn = false

  package var raw: Int32 { file.raw }

  /// Takes over a file that an agent made.
  ///
  /// - Parameter byteCount: Where its first frame goes.
  package init(_ file: consuming Descriptor, byteCount: UInt64) {
    var facts = csys_file_facts()
    _ = csys_fstat(file.raw, &facts)  // of what is open, it does not fail
    identity = FileIdentity(device: facts.device, inode: facts.inode)
    self.file = file
    self.byteCount = byteCount
  }

  /// Makes a file for an agent to adopt, with its header.
  ///
  /// - Throws: EEXIST when there is one of that name; otherwise as open(2) and write(2).
  package static func make(_ path: [UInt8], _ header: SpoolHeader) throws(SystemError) -> SpoolFile {
    let raw = withCString(path) { csys_make_spool($0) }
    if raw < 0 { throw SystemError("open", path: path) }
    var file = SpoolFile(Descriptor(owning: raw), byteCount: 0)
    var bytes = ByteBuilder(capacity: SpoolHeader.byteCount)
    header.append(to: &bytes)
    if let problem = file.append(bytes.bytes) {
      _ = withCString(path) { csys_unlink($0) }  // what is left of it would be nobody's, and in the way
      throw SystemError(problem.call, path: path, code: problem.code)
    }
    return file
  }

  /// Appends whole frames.
  ///
  /// - Returns: Why not; then nothing of them stays in the file once it could be cut back. nil when they are in.
  package mutating func append(_ frames: UnsafeBufferPointer<UInt8>) -> SystemError? {
    if isTorn {
      if csys_cut_to(raw, byteCount) != 0 { return SystemError("ftruncate") }
      isTorn = false
    }
    var done = 0
    while done < frames.count {
      let rest = UnsafeBufferPointer(rebasing: frames[done...])
      let count = csys_write(raw, rest.baseAddress, rest.count)
      if count <= 0 {
        let problem = SystemError("write", code: count < 0 ? nil : EIO)
        if done > 0 { isTorn = csys_cut_to(raw, byteCount) != 0 }
        return problem
      }
      done += count
    }
    byteCount += UInt64(frames.count)
    return nil
  }
}

/// A random number that nobody can guess.
package func randomNumber() -> UInt32 { csys_random() }
