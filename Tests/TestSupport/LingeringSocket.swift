import CTestSupport
import Glibc

/// A TCP socket whose last close(2) waits for a day, for whoever does it.
package final class LingeringSocket {
  private var raw: Int32
  private let peer: Int32

  package init() throws {
    var peer: Int32 = -1
    raw = ctest_lingering_socket(&peer)
    self.peer = peer
    if raw < 0 { throw Surroundings.Trouble("make a lingering socket", errno) }
  }

  /// Its peer goes first: then there is nothing to wait for any more.
  deinit {
    close(peer)
    if raw >= 0 { close(raw) }
  }

  /// Sends `bytes` over a Unix socket with this one beside them, of which no descriptor is left here then.
  ///
  /// - Parameter isOutOfBand: The last of `bytes` is.
  /// - Returns: Whether it was taken.
  @discardableResult
  package func pass(over socket: Int32, beside bytes: [UInt8], isOutOfBand: Bool = false) -> Bool {
    let count = bytes.withUnsafeBytes { ctest_pass(socket, $0.baseAddress, $0.count, raw, isOutOfBand) }
    close(raw)
    raw = -1
    return count == bytes.count
  }
}
