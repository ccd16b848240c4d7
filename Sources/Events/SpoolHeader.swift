/// The first bytes of a spool file: whose it is, and what its frames are sealed with.
///
///      0  8  magic F5 'S' 'T' 'E' 'N' 'O' CR LF
///      8  2  version, 1
///     10  2  bytes of header, 96: where the first frame begins
///     12  4  salt
///     16  8  wall clock when the file was made, milliseconds since the Epoch
///     24  1  bytes of the recording's identifier
///     25 67  the identifier, then zeros
///     92  4  CRC-32C of bytes 0 to 91
///
/// Numbers are little-endian. A later version may make the header longer, or change the frames and take another number.
package struct SpoolHeader: Equatable, Sendable {
  package static let version: UInt16 = 1
  package static let byteCount = 96
  /// 58 is the longest that tlog's scheme makes: boot id, process id, start time.
  package static let recordingByteCountMax = 67
  private static let magic: StaticString = "STENO\r\n"

  /// A random number that nobody knows who can only write to a terminal.
  package let salt: UInt32
  package let madeAtMilliseconds: UInt64
  package let recording: [UInt8]

  /// - Parameter recording: At most ``recordingByteCountMax`` bytes.
  package init(salt: UInt32, madeAtMilliseconds: UInt64, recording: [UInt8]) {
    precondition(recording.count <= Self.recordingByteCountMax, "a recording's identifier is too long")
    self.salt = salt
    self.madeAtMilliseconds = madeAtMilliseconds
    self.recording = recording
  }

  package func append(to file: inout ByteBuilder) {
    let start = file.count
    file.append(0xf5)
    file.append(Self.magic)
    file.append(littleEndian: Self.version)
    file.append(littleEndian: UInt16(Self.byteCount))
    file.append(littleEndian: salt)
    file.append(littleEndian: madeAtMilliseconds)
    file.append(UInt8(truncatingIfNeeded: recording.count))
    file.append(recording)
    for _ in recording.count..<Self.recordingByteCountMax { file.append(0) }
    var sum = CRC32C()
    sum.update(UnsafeBufferPointer(rebasing: file.bytes[start...]))
    file.append(littleEndian: sum.value)
  }

  /// What is wrong with the first bytes of a file.
  package enum Problem: Error, Equatable {
    /// Fewer than ``byteCount``: it was being made when something stopped.
    case short
    /// It is no spool file.
    case magic
    /// It is one of another version.
    case version(UInt16)
    case damaged
  }

  /// - Parameter file: The first bytes of the file, at least ``byteCount`` of them.
  package init(_ file: UnsafeBufferPointer<UInt8>) throws(Problem) {
    guard file.count >= Self.byteCount else { throw .short }
    guard file[0] == 0xf5, (0..<7).allSatisfy({ file[$0 &+ 1] == Self.magic.utf8Start[$0] }) else { throw .magic }
    let version = UInt16(file[8]) | UInt16(file[9]) << 8
    guard version == Self.version else { throw .version(version) }
    var sum = CRC32C()
    sum.update(UnsafeBufferPointer(rebasing: file[..<(Self.byteCount &- 4)]))
    var cursor = WireCursor(UnsafeBufferPointer(rebasing: file[10..<Self.byteCount]))
    do throws(WireError) {
      guard Int(try cursor.number(UInt16.self)) == Self.byteCount else { throw WireError(.value, at: 0) }
      salt = try cursor.number(UInt32.self)
      madeAtMilliseconds = try cursor.wallMilliseconds()
      let count = Int(try cursor.number(UInt8.self))
      let room = try cursor.bytes(Self.recordingByteCountMax)
      guard count <= room.count else { throw WireError(.value, at: 0) }
      recording = [UInt8](room[..<count])
      guard try cursor.number(UInt32.self) == sum.value else { throw WireError(.value, at: 0) }
    } catch {
      throw .damaged
    }
  }
}
