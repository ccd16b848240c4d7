import CSys
import Events

/// Marks a terminal that a recorder made and serves: who runs inside is recorded already.
///
/// A file named after the terminal's number, on which the recorder holds a record lock (F_SETLK in fcntl(2)). The kernel says
/// whose that is, to whoever asks, and gives it up before anything else that its process has open: the lock never outlives
/// the terminal, nor does a file that a killed recorder left mean anything. The file names the terminal by file system and
/// inode, since another devpts has the same numbers. The directory is open to recorders alone, so nobody can mark a terminal
/// to be left unrecorded (THREATS 5).
package final class TerminalLock {
  /// steno-rec's, mode 0700; made by systemd-tmpfiles(8).
  private static var directory: StaticString { "/run/steno/rec/" }
  private static let byteCountMax = 1024
  /// Who has more ancestors between themselves and a recorder is recorded again.
  private static let ancestorCountMax = 4096

  private let path: [UInt8]
  private let file: Descriptor

  /// Marks the pseudo-terminal that `terminal` is an end of: its second one. Give the lock up before the terminal.
  ///
  /// Nil when that is not possible, as for a recorder without rights of its own: its sessions may be recorded twice.
  ///
  /// - Parameter number: N of /dev/pts/N.
  package static func take(_ terminal: Int32, number: UInt32, recording: [UInt8]) -> TerminalLock? {
    guard let identity = Identity(terminal) else { return nil }
    let path = path(number)
    let raw = withCString(path) { csys_open($0, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600) }
    if raw < 0 { return nil }
    let lock = TerminalLock(path: path, file: Descriptor(owning: raw))
    guard csys_hold(raw) == 0, csys_truncate(raw) == 0 else { return nil }
    let text = identity.text + recording
    _ = text.withUnsafeBytes { csys_write(raw, $0.baseAddress, $0.count) }
    return lock
  }

  private init(path: [UInt8], file: consuming Descriptor) {
    self.path = path
    self.file = file
  }

  deinit { _ = withCString(path) { csys_unlink($0) } }

  /// A recorder that this process descends from.
  package struct Recorder {
    package var recording: [UInt8]
    /// Whether it serves the terminal that controls this process.
    package var servesThisTerminal: Bool
  }

  /// The nearest recorder that this process descends from, and in whose terminal it or an ancestor runs: through sudo(8) or
  /// script(1), too, which open terminals of their own. Ask before this process has a lock: a look at one's own would end it.
  package static func recorderAbove() -> Recorder? {
    var line = [csys_pid()]
    var terminals: [Int32] = []
    while let pid = line.last, pid > 0, line.count <= ancestorCountMax {
      var parent: Int32 = 0
      terminals.append(csys_controlling_pts(pid, &parent))
      line.append(parent)
    }
    for number in terminals where number >= 0 {
      if let text = text(of: UInt32(number), heldByOneOf: line.dropFirst()) { return recorder(text) }
    }
    return nil
  }

  /// What stands in the file of a terminal; nil when none of those processes has it locked.
  private static func text(of number: UInt32, heldByOneOf ancestors: ArraySlice<Int32>) -> [UInt8]? {
    let path = path(number)
    let raw = withCString(path) { csys_open($0, O_RDONLY | O_NOFOLLOW, 0) }
    if raw < 0 { return nil }
    let file = Descriptor(owning: raw)
    let holder = csys_holder(file.raw)
    guard holder > 0, ancestors.contains(holder) else { return nil }
    return (try? SmallFile.read(path, limit: byteCountMax))?.bytes ?? []
  }

  private static func recorder(_ text: [UInt8]) -> Recorder {
    let own = Identity(csys_controlling_standard())?.text ?? []
    let isServed = !own.isEmpty && text.starts(with: own)
    let recording = text.split(separator: UInt8(ascii: "\n")).dropFirst().first
    return Recorder(recording: recording.map { [UInt8]($0) } ?? [], servesThisTerminal: isServed)
  }

  private static func path(_ number: UInt32) -> [UInt8] {
    var path = ByteBuilder(capacity: 32)
    path.append(directory)
    path.append("pts-")
    path.append(decimal: UInt64(number))
    return path.array
  }

  /// Which terminal a descriptor is, among those that are open.
  private struct Identity {
    /// `DEVICE INODE`, decimal, and a line feed.
    let text: [UInt8]

    init?(_ terminal: Int32) {
      var facts = csys_file_facts()
      guard terminal >= 0, csys_fstat(terminal, &facts) == 0 else { return nil }
      var text = ByteBuilder(capacity: 48)
      text.append(decimal: facts.device)
      text.append(" ")
      text.append(decimal: facts.inode)
      text.append("\n")
      self.text = text.array
    }
  }
}
