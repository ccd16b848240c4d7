import CSys
import Events
import Glibc
import SystemCalls

/// Tells when something happened to a file that is followed, or to its name: inotify(7).
final class FileWatch {
  /// Room for some events at once. They are only counted, never looked into: what they tell is asked again of the file,
  /// so that none may be missed and too many do no harm.
  private static let blockByteCount = 4096

  private let inotify: Descriptor

  /// - Parameter path: The followed file's name; its directory is watched for another file of that name.
  init(_ path: [UInt8]) throws(ReadError) {
    let raw = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    if raw < 0 { throw ReadError(SystemError("inotify_init1"), Events.bytes("Failed following ") + quoted(path)) }
    inotify = Descriptor(owning: raw)
    let names = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    if withCString(directory(of: path), { inotify_add_watch(inotify.raw, $0, names) }) < 0 {
      throw failure(path)
    }
  }

  var awaited: Int32 { inotify.raw }

  /// Watches the file that is open as `file`, whatever its name means by now.
  func watch(_ file: Int32, _ path: [UInt8]) throws(ReadError) {
    let contents = UInt32(IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)
    let open = Events.bytes("/proc/self/fd/") + decimal(UInt64(file))
    if withCString(open, { inotify_add_watch(inotify.raw, $0, contents) }) >= 0 { return }
    // Without /proc the name must do.
    if withCString(path, { inotify_add_watch(inotify.raw, $0, contents) }) < 0 { throw failure(path) }
  }

  /// Takes the events that are there.
  func drain() throws(ReadError) {
    var block = [UInt8](repeating: 0, count: Self.blockByteCount)
    while true {
      let count = block.withUnsafeMutableBytes { csys_read(inotify.raw, $0.baseAddress, $0.count) }
      if count < 0 && errno != EAGAIN { throw ReadError(SystemError("read")) }
      if count <= 0 { return }
    }
  }

  private func failure(_ path: [UInt8]) -> ReadError {
    ReadError(
      SystemError("inotify_add_watch"), Events.bytes("Failed following ") + quoted(path),
      hint: Events.bytes("ENOSPC here means that fs.inotify.max_user_watches is used up"))
  }
}

/// The directory that `path` names a file in.
func directory(of path: [UInt8]) -> [UInt8] {
  guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return bytes(".") }
  return slash == 0 ? bytes("/") : [UInt8](path[..<slash])
}
