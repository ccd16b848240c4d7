import CSys
import Events

/// Marks a terminal that a recorder made and serves: who runs inside is recorded already.
///
/// A file named after the terminal, locked with flock(2) as long as the recorder lives: a killed recorder leaves no
/// terminal marked. It holds the recording's identifier. The directory is open to recorders alone, so nobody can mark a
/// terminal to be left unrecorded (THREATS 5).
public struct TerminalLock: ~Copyable {
  /// steno-rec's, mode 0700; made by systemd-tmpfiles(8).
  private static var directory: StaticString { "/run/steno/rec/" }
  private static let identifierByteCountMax = 1024

  private let path: [UInt8]
  private let file: Descriptor

  /// Marks /dev/pts/`number`. Nil when that is not possible, as for a recorder without rights of its own: its sessions may
  /// be recorded twice.
  package static func take(_ number: UInt32, recording: [UInt8]) -> TerminalLock? {
    let path = path(number)
    let raw = withCString(path) { csys_open($0, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600) }
    if raw < 0 { return nil }
    let lock = TerminalLock(path: path, file: Descriptor(owning: raw))
    guard csys_lock(raw) == 0, csys_truncate(raw) == 0 else { return nil }
    _ = recording.withUnsafeBytes { csys_write(raw, $0.baseAddress, $0.count) }
    return lock
  }

  private init(path: [UInt8], file: consuming Descriptor) {
    self.path = path
    self.file = file
  }

  deinit { _ = withCString(path) { csys_unlink($0) } }

  /// The recording of the terminal that controls process `pid`; nil when it is no live recorder's.
  package static func recording(ofTerminalOf pid: Int32) -> [UInt8]? {
    var parent: Int32 = 0
    let number = csys_controlling_pts(pid, &parent)
    return number < 0 ? nil : recording(of: UInt32(number))
  }

  /// The recording in whose terminal an ancestor of this process runs: through sudo(8) or script(1), which open terminals
  /// of their own.
  package static func recordingOfAncestor() -> [UInt8]? {
    var pid = csys_pid()
    while pid > 1 {
      var parent: Int32 = 0
      let number = csys_controlling_pts(pid, &parent)
      if number >= 0, let recording = recording(of: UInt32(number)) { return recording }
      pid = parent
    }
    return nil
  }

  private static func recording(of number: UInt32) -> [UInt8]? {
    let path = path(number)
    let raw = withCString(path) { csys_open($0, O_RDONLY | O_NOFOLLOW, 0) }
    if raw < 0 { return nil }
    let file = Descriptor(owning: raw)
    if csys_lock(file.raw) == 0 { return nil }  // nobody's any more
    return (try? SmallFile.read(path, limit: identifierByteCountMax))?.bytes ?? []
  }

  private static func path(_ number: UInt32) -> [UInt8] {
    var path = ByteBuilder(capacity: 32)
    path.append(directory)
    path.append("pts-")
    path.append(decimal: UInt64(number))
    return path.array
  }
}
