import CSys
import SystemCalls

/// Closes callers' connections, and never waits for what a caller has put into one.
///
/// Whoever drops a message drops the descriptors that were passed with it, and the last close(2) of a TCP socket that
/// lingers, or of a file whose file system is the caller's own program, takes as long as the caller likes. So no message
/// with a descriptor is ever received here, and a connection that holds one is closed by a child process that has nothing
/// else to do.
package final class ConnectionCloser {
  /// Children at once. None lasts, but those that wait in the kernel for a caller's file system.
  static let childCountMax = 64

  private final class Connection {
    let socket: LocalSocket
    init(_ socket: consuming LocalSocket) { self.socket = socket }
  }

  private var waiting: [Connection] = []
  private var children: [pid_t] = []

  /// How many connections are still to be closed.
  package var waitingCount: Int { waiting.count }

  /// Closes `socket`, now or with the next ``work()``.
  func take(_ socket: consuming LocalSocket) {
    if !csys_drain(socket.raw) { waiting.append(Connection(socket)) }
  }

  /// Does what is left to do. Call now and then, on the one thread of this process that starts children.
  package func work() {
    children.removeAll(where: csys_has_ended)
    if waiting.isEmpty || children.count >= Self.childCountMax { return }
    var gate: Int32 = -1
    let raws = waiting.map { $0.socket.raw }.sorted()
    let child = raws.withUnsafeBufferPointer { csys_close_in_child($0.baseAddress, $0.count, &gate) }
    // For want of memory or processes: it is tried again.
    if child < 0 { return }
    children.append(child)
    waiting = []
    csys_close(gate)
  }
}
