import CSys
import Foundation
import NIOCore

/// Who may use the centre's own socket without a token: root, the centre's user, and members of the group `steno`.
///
/// The file system says so first (``CentreServer/local(path:)``); the kernel's word on the caller is asked for besides, so
/// that a socket that somebody made too open, or passed on, opens nothing.
enum LocalPeer {
  static let groupName = "steno"
  /// nil where there is no such group.
  static let group: gid_t? = getgrnam(groupName)?.pointee.gr_gid

  /// - Parameter channel: A connection to the socket, or another one: then nobody is admitted.
  static func isAdmitted(_ channel: any Channel) async -> Bool {
    let answer = channel.eventLoop.submit {
      // Fails for a channel without a socket of the system.
      let verdict = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
        isAdmitted($0)
      }
      return verdict ?? false
    }
    // Fails when the connection is gone: then nobody waits for an answer.
    return (try? await answer.get()) ?? false
  }

  private static func isAdmitted(_ socket: NIOBSDSocket.Handle) -> Bool {
    var peer = csys_peer()
    guard csys_peer_of(socket, &peer) == 0 else { return false }
    if peer.user == 0 || peer.user == geteuid() { return true }
    return group.map { csys_peer_is_in(socket, $0) } ?? false
  }
}
