import CSys
import Events

/// Whoever started this program as a service, systemd mostly, and wants to know how it is: sd_notify(3) without its library.
package enum ServiceManager {
  /// The program does what it is for: what waits for it may start.
  package static func tellReady() { tell("READY=1") }

  /// The program is about to end.
  package static func tellStopping() { tell("STOPPING=1") }

  /// Whether one started the program: then what it prints goes to a log that others read.
  package static var isThere: Bool { Process.variable("NOTIFY_SOCKET") != nil }

  /// One datagram to the socket that NOTIFY_SOCKET names, without waiting. Without one, or when nobody reads there, the
  /// program goes on: it was not started by such a manager, or that is gone. A socket outside the file system (`@…`),
  /// which systemd has not used since version 212, is not looked for.
  private static func tell(_ state: StaticString) {
    guard let path = Process.variable("NOTIFY_SOCKET"), path.first == UInt8(ascii: "/") else { return }
    do throws(SystemError) {
      let socket = try LocalSocket(connectingTo: path, .datagram, sendBuffer: 4096)
      let none = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
      _ = try socket.send(UnsafeBufferPointer(start: state.utf8Start, count: state.utf8CodeUnitCount), none)
    } catch {
      return
    }
  }
}
