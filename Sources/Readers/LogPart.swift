import CSys
import Events
import SystemCalls

/// One file of a source: opened when it is reached, closed when too many are open, and then opened again if need be.
struct LogPart {
  /// What makes a file the one that it was, whatever it is called now.
  struct Identity: Equatable {
    let device: UInt64
    let inode: UInt64
  }

  let path: [UInt8]
  private(set) var store: (any ByteStore)?
  private(set) var identity: Identity?
  /// The descriptor of a file that may be followed; its owner is ``store``.
  private(set) var followed: Int32?
  /// Whether the file is read where it lies, so that offsets in it are its own.
  private(set) var isPlain = false
  /// Reading it failed, and would fail again.
  var hasFailed = false

  init(path: [UInt8]) { self.path = path }

  /// Standard input, or another descriptor, which the source owns from now on.
  init(_ file: consuming Descriptor, keeps: Bool) throws(ReadError) {
    path = bytes("-")
    try take(file, keeps: keeps, follows: false)
  }

  mutating func open(keeps: Bool, follows: Bool) throws(ReadError) {
    guard store == nil else { return }
    let raw = withCString(path) { csys_open($0, O_RDONLY | O_NOCTTY, 0) }
    if raw < 0 { throw ReadError(SystemError("open"), bytes("Failed opening log file ") + quoted(path)) }
    try take(Descriptor(owning: raw), keeps: keeps, follows: follows)
  }

  mutating func close() {
    store = nil
    followed = nil
  }

  private mutating func take(_ file: consuming Descriptor, keeps: Bool, follows: Bool) throws(ReadError) {
    var facts = csys_file_facts()
    if csys_fstat(file.raw, &facts) != 0 { throw ReadError(SystemError("fstat", path: path)) }
    let found = Identity(device: UInt64(facts.device), inode: UInt64(facts.inode))
    if let identity, identity != found {
      throw ReadError(
        lines: [bytes("Log file ") + quoted(path) + bytes(" is another one now")],
        hint: bytes("it was rotated away while it was read"))
    }
    identity = found
    let isSeekable = facts.mode & 0o170000 == 0o100000 || facts.mode & 0o170000 == 0o040000  // S_IFREG, S_IFDIR
    if isSeekable, let header = try SpoolStream.header(of: file.raw) {
      followed = file.raw
      store = try KeptStore(SpoolStream(file, header, follows: follows), keeps: keeps)
    } else if isSeekable && !isCompressed(file.raw) {
      followed = file.raw
      isPlain = true
      store = PlainFile(file)
    } else {
      store = try KeptStore(RecognisedStream(Inflow(file)), keeps: keeps)
    }
  }
}

private func isCompressed(_ file: Int32) -> Bool {
  withUnsafeTemporaryAllocation(byteCount: Compression.magicByteCount, alignment: 1) { start in
    // A file that cannot be read is not compressed either: what is wrong with it is said when it is read.
    guard case .bytes(let count)? = try? readAt(file, 0, into: start) else { return false }
    return Compression(UnsafeRawBufferPointer(rebasing: start[..<count])) != nil
  }
}
