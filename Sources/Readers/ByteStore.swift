import CSys
import Events
import Glibc
import SystemCalls

/// Bytes that can be read from any offset that was reached once.
protocol ByteStore: AnyObject {
  /// Reads bytes at `offset`, at most `buffer.count`.
  ///
  /// - Returns: `.end` where there are none now; whether there may be later is for the caller to know.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer

  /// What poll(2) is to wait for after `.wouldBlock`; nil when reading never waits.
  var awaited: Int32? { get }
}

/// A regular file, read where it lies.
final class PlainFile: ByteStore {
  private let file: Descriptor

  init(_ file: consuming Descriptor) { self.file = file }

  var awaited: Int32? { nil }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    try readAt(file.raw, offset, into: buffer)
  }
}

/// What comes once and in order, and is kept as it is read, so that one can go back in it.
final class KeptStore: ByteStore {
  /// Beyond this, something small was made to expand for ever rather than to be read.
  static let byteCountMax: UInt64 = 1 << 36

  private let stream: any ByteStream
  /// nil when nothing is kept.
  private let file: TemporaryFile?
  private let limit: UInt64
  /// Bytes read from the stream so far.
  private var reached: UInt64 = 0
  /// Why nothing comes after them; said again to whom goes back and comes here again.
  private var failure: ReadError?

  /// - Parameter keeps: Whether one may go back. Without it no disk is used.
  init(_ stream: any ByteStream, keeps: Bool, limit: UInt64 = byteCountMax) throws(ReadError) {
    self.stream = stream
    self.limit = limit
    file = keeps ? try TemporaryFile() : nil
  }

  var awaited: Int32? { stream.awaited }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    while true {
      if offset < reached {
        guard let file else { throw ReadError(lines: [bytes("Cannot go back in what is not kept")]) }
        return try file.read(at: offset, into: buffer)
      }
      if let failure { throw failure }
      let start = reached
      let transfer: Transfer
      do throws(ReadError) {
        transfer = try pull(into: buffer)
      } catch {
        failure = error
        throw error
      }
      guard case .bytes = transfer, start != offset else { return transfer }
    }
  }

  private func pull(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    let transfer = try stream.read(into: buffer)
    guard case .bytes(let count) = transfer else { return transfer }
    if reached &+ UInt64(count) > limit {
      throw ReadError(lines: [bytes("More than ") + decimal(limit) + bytes(" bytes come out of the file")])
    }
    try file?.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: reached)
    reached &+= UInt64(count)
    return transfer
  }
}

/// A file without a name, gone with the process, which only its user can read.
final class TemporaryFile {
  private let file: Descriptor

  /// Made in `TMPDIR`, or in /var/tmp, where there mostly is more room than in /tmp.
  init() throws(ReadError) {
    let named = getenv("TMPDIR").map { SystemCalls.bytes(ofC: $0) } ?? []
    let directory = named.first == UInt8(ascii: "/") ? named : Events.bytes("/var/tmp")
    let withoutName = 0o20000000 | O_DIRECTORY  // O_TMPFILE, a macro that Swift does not see
    var raw = withCString(directory) { csys_open($0, O_RDWR | withoutName, 0o600) }
    if raw < 0 && (errno == EOPNOTSUPP || errno == EISDIR) { raw = openNamed(in: directory) }
    if raw < 0 {
      throw ReadError(
        SystemError("open"), Events.bytes("Failed making a temporary file in ") + quoted(directory),
        hint: Events.bytes("what cannot be read twice is kept in TMPDIR, or in /var/tmp"))
    }
    file = Descriptor(owning: raw)
  }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    try readAt(file.raw, offset, into: buffer)
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(ReadError) {
    var rest = bytes
    var place = off_t(clamping: offset)
    while !rest.isEmpty {
      let count = pwrite(file.raw, rest.baseAddress, rest.count, place)
      if count < 0 {
        if errno == EINTR { continue }
        throw ReadError(
          SystemError("pwrite"), Events.bytes("Failed writing to a temporary file"),
          hint: Events.bytes("what cannot be read twice is kept in TMPDIR, or in /var/tmp"))
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      place += count
    }
  }
}

/// For file systems that cannot make a file without a name.
private func openNamed(in directory: [UInt8]) -> Int32 {
  var template = directory + bytes("/steno-XXXXXX") + [0]
  return template.withUnsafeMutableBytes { bytes in
    let name = bytes.assumingMemoryBound(to: CChar.self)
    guard let start = name.baseAddress else { return -1 }
    let raw = mkstemp(start)
    if raw < 0 { return raw }
    unlink(start)
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    return raw
  }
}

/// pread(2).
func readAt(
  _ fd: Int32, _ offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
) throws(ReadError) -> Transfer {
  while true {
    let count = pread(fd, buffer.baseAddress, buffer.count, off_t(clamping: offset))
    if count > 0 { return .bytes(count) }
    if count == 0 { return .end }
    if errno != EINTR { throw ReadError(SystemError("pread")) }
  }
}

/// `number` in decimal digits.
func decimal(_ number: UInt64) -> [UInt8] {
  var text = ByteBuilder(capacity: 20)
  text.append(decimal: number)
  return text.array
}

/// `text` between double quotes, as tlog writes names.
func quoted(_ text: [UInt8]) -> [UInt8] { bytes("\"") + text + bytes("\"") }
