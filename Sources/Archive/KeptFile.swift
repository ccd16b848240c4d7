package import Foundation
import Glibc
package import SystemCalls

/// A file that is read, and never changed.
struct KeptFile: ~Copyable {
  private let descriptor: Int32
  private let file: URL

  init(_ file: URL) throws(SystemError) {
    let opened = open(file.path, O_RDONLY | O_CLOEXEC)
    if opened < 0 { throw systemError("open", file) }
    descriptor = opened
    self.file = file
  }

  deinit { close(descriptor) }

  /// At most `count` bytes from `offset` on; fewer at the end of the file only.
  func read(_ count: Int, at offset: UInt64) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(clamping: offset) + done)
      }
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw systemError("pread", file) }
      if got == 0 { break }
      done += got
    }
    bytes.removeLast(count - done)
    return bytes
  }
}

/// Makes a directory, and those above it that are missing.
package func makeDirectory(_ directory: URL, mode: mode_t = 0o777) throws(SystemError) {
  if mkdir(directory.path, mode) == 0 || errno == EEXIST { return }
  let above = directory.deletingLastPathComponent()
  guard errno == ENOENT, above.path.count < directory.path.count else { throw systemError("mkdir", directory) }
  try makeDirectory(above, mode: mode)
  if mkdir(directory.path, mode) != 0 && errno != EEXIST { throw systemError("mkdir", directory) }
}

/// Puts what a directory names on disk.
func syncDirectory(_ directory: URL) throws(SystemError) {
  let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemError("open", directory) }
  defer { close(descriptor) }
  if fsync(descriptor) != 0 { throw systemError("fsync", directory) }
}

/// What errno(3) says of `call` on `file`.
func systemError(_ call: StaticString, _ file: URL) -> SystemError {
  let code = errno
  return SystemError(call, path: Array(file.path.utf8), code: code)
}
