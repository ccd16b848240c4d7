import Glibc
import TestSupport

/// Somebody who connects to the agent's socket and is no recorder.
final class RawCaller {
  private let fd: Int32

  init(_ path: String) throws {
    fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout.size(ofValue: address))
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, size) }
    }
    guard result == 0 else { throw Surroundings.Trouble("connect \(path)", errno) }
  }

  deinit { close(fd) }

  func send(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { Glibc.send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  func send(_ bytes: [UInt8], beside socket: LingeringSocket, isOutOfBand: Bool = false) {
    socket.pass(over: fd, beside: bytes, isOutOfBand: isOutOfBand)
  }

  /// Whether the agent has let it go.
  var isLetGo: Bool {
    var block = [UInt8](repeating: 0, count: 4096)
    var count = 1
    while count > 0 { count = recv(fd, &block, block.count, Int32(MSG_DONTWAIT)) }
    return count == 0 || errno == ECONNRESET
  }

  /// Whether a new caller is waited for, and not turned away.
  static func isTaken(_ path: String) throws -> Bool {
    let caller = try RawCaller(path)
    var polled = pollfd(fd: caller.fd, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 100) == 0
  }
}
