import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// How many connections the centre holds at once.
///
/// A connection costs some 100 kB and a descriptor before anybody knows who is at its other end, so the bounds are on
/// addresses. One above its bound is closed before the first byte of TLS, which is the dear part.
package struct ConnectionBounds: Sendable {
  /// One agent needs two, and a person's browser a few; many hosts may come from one address that a router gave them.
  package static let perAddressMax = 512
  /// All together; above that new ones wait in the kernel's queue until others have gone.
  package static let countMax = 16_384
  /// Descriptors that are not connections: the database, its readers, sealed files, logs.
  package static let descriptorsKept = 128

  package var perAddress = perAddressMax
  package var total = countMax
  /// How long a TLS hand-shake may take, and a body that brings little.
  package var slowSeconds = 60

  package init() {}
}

/// Counts connections by the address of their other end.
final class AddressCounts: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  private let max: Int

  init(max: Int) { self.max = max }

  /// Counts one more; false when the address has as many as it may.
  func enter(_ address: String) -> Bool {
    counts.withLock { counts in
      guard counts[address, default: 0] < max else { return false }
      counts[address, default: 0] += 1
      return true
    }
  }

  func leave(_ address: String) {
    counts.withLock { counts in
      let left = counts[address, default: 1] - 1
      counts[address] = left == 0 ? nil : left
    }
  }
}

/// A child channel that is not set up when its address has too many.
struct BoundedChannel<Base: ServerChildChannel>: ServerChildChannel {
  struct TooMany: Error {}

  let base: Base
  let counts: AddressCounts
  let handshakePatience: TimeAmount
  /// Told of each connection that is turned away, and whether for its slowness.
  let refused: @Sendable (_ isSlow: Bool) -> Void

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    // nil where the other end is gone already: then reading says so.
    guard let address = channel.remoteAddress?.ipAddress else { return base.setup(channel: channel, logger: logger) }
    guard counts.enter(address) else {
      refused(false)
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(TooMany())
    }
    channel.closeFuture.whenComplete { [counts] _ in counts.leave(address) }
    let value = base.setup(channel: channel, logger: logger)
    let deadline = HandshakeDeadline(patience: handshakePatience) { [refused] in refused(true) }
    do {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(deadline, position: .after(pipeline.handler(type: NIOSSLServerHandler.self)))
    } catch {
      return channel.eventLoop.makeFailedFuture(error)
    }
    return value
  }

  func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
