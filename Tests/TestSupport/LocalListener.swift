import Foundation
import Glibc

/// Whether somebody listens at a path, without calling them.
package enum LocalListener {
  package static func isThere(_ path: String) -> Bool {
    table().split(separator: "\n").contains {
      // unix(7) shows a socket from bind on; the flag __SO_ACCEPTCON comes with listen.
      $0.hasSuffix(" " + path) && $0.contains(" 00010000 ")
    }
  }

  /// The kernel gives it a page at a time, and what takes a short read for the end sees the first page only.
  private static func table() -> String {
    let fd = open("/proc/net/unix", O_RDONLY | O_CLOEXEC)
    if fd < 0 { return "" }
    defer { close(fd) }
    var all: [UInt8] = []
    while true {
      let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { block in
        let count = read(fd, block.baseAddress, block.count)
        if count > 0 { all += block[..<count] }
        return count
      }
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
    }
  }
}
