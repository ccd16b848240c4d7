import Foundation
import Glibc
import Synchronization
import TestSupport

/// A relay on loopback between agents and a centre that does what networks do: holds back, cuts, swallows.
///
/// It has one address as long as it lives, wherever the centre is. A thread of its own moves the bytes, so that it does not
/// wait for the tests' tasks.
final class Proxy: Sendable {
  /// What becomes of a connection's bytes.
  enum Weather: Sendable {
    case clear
    /// What the agent sends is kept here, also when the agent is gone.
    case holdRequests
    /// What the centre answers is kept here.
    case holdAnswers
    /// Both: the connection stays open, and nothing comes through.
    case hold
  }

  private struct State {
    var target: UInt16
    var links: [Link] = []
    var forNew = Weather.clear
    var isOver = false
  }

  /// A connection, with what was read at one end and not written at the other.
  private struct Link {
    let near: Int32
    let far: Int32
    var weather: Weather
    var requests: [UInt8] = []
    var answers: [UInt8] = []
    var nearIsOver = false
    var farIsOver = false
    var mayAsk: Bool { weather == .clear || weather == .holdAnswers }
    var mayAnswer: Bool { weather == .clear || weather == .holdRequests }
    /// Nothing is left that could still be delivered.
    var isOver: Bool {
      nearIsOver && (farIsOver || requests.isEmpty) || farIsOver && answers.isEmpty
    }
  }

  let port: UInt16
  private let listener: Int32
  private let state: Mutex<State>
  /// More than a batch: nothing is refused before it was read.
  private static let heldByteCountMax = 32 << 20

  init(to target: UInt16) throws {
    listener = try Loopback.listen()
    port = try Loopback.port(of: listener)
    state = Mutex(State(target: target))
    Thread.detachNewThread { self.run() }
  }

  /// The thread ends, and closes all.
  func end() { state.withLock { $0.isOver = true } }

  var target: UInt16 {
    get { state.withLock { $0.target } }
    set { state.withLock { $0.target = newValue } }
  }

  /// For all connections, those that are and those that come.
  func set(_ weather: Weather) {
    state.withLock { state in
      state.forNew = weather
      for place in state.links.indices { state.links[place].weather = weather }
    }
  }

  /// For those that come from now on.
  func setForNew(_ weather: Weather) { state.withLock { $0.forNew = weather } }

  /// Breaks all connections off, with what is held in them.
  func cut() {
    state.withLock { state in
      for link in state.links { Self.close(link, abruptly: true) }
      state.links = []
    }
  }

  var heldRequestByteCount: Int { state.withLock { $0.links.reduce(0) { $0 + ($1.mayAsk ? 0 : $1.requests.count) } } }
  var heldAnswerByteCount: Int { state.withLock { $0.links.reduce(0) { $0 + ($1.mayAnswer ? 0 : $1.answers.count) } } }
  /// Connections whose agent is gone, and that still have something for the centre.
  var leftLinkCount: Int { state.withLock { $0.links.count { $0.nearIsOver } } }

  // MARK: - The thread

  private func run() {
    while turn() {}
    Glibc.close(listener)
  }

  /// One look at everything, at most a millisecond's wait.
  private func turn() -> Bool {
    var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    for link in state.withLock({ $0.links }) {
      if !link.nearIsOver { polled.append(pollfd(fd: link.near, events: Int16(POLLIN), revents: 0)) }
      if !link.farIsOver { polled.append(pollfd(fd: link.far, events: Int16(POLLIN), revents: 0)) }
    }
    poll(&polled, nfds_t(polled.count), 1)
    return state.withLock { state in
      if polled[0].revents != 0 { accept(&state) }
      for place in state.links.indices { Self.move(&state.links[place]) }
      for link in state.links where link.isOver { Self.close(link, abruptly: false) }
      state.links.removeAll { $0.isOver }
      if state.isOver { for link in state.links { Self.close(link, abruptly: true) } }
      return !state.isOver
    }
  }

  private func accept(_ state: inout State) {
    let near = Glibc.accept(listener, nil, nil)
    if near < 0 { return }
    _ = fcntl(near, F_SETFL, O_NONBLOCK)
    _ = fcntl(near, F_SETFD, FD_CLOEXEC)
    guard let far = Loopback.connect(state.target) else {
      Self.reset(near)
      return
    }
    state.links.append(Link(near: near, far: far, weather: state.forNew))
  }

  private static func move(_ link: inout Link) {
    link.nearIsOver = !read(link.near, into: &link.requests) || link.nearIsOver
    link.farIsOver = !read(link.far, into: &link.answers) || link.farIsOver
    if link.mayAsk { link.farIsOver = !write(link.far, from: &link.requests) || link.farIsOver }
    if link.mayAnswer { link.nearIsOver = !write(link.near, from: &link.answers) || link.nearIsOver }
  }

  /// - Returns: False at the end.
  private static func read(_ fd: Int32, into bytes: inout [UInt8]) -> Bool {
    while bytes.count < heldByteCountMax {
      let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { block in
        let count = Glibc.read(fd, block.baseAddress, block.count)
        if count > 0 { bytes += block[..<count] }
        return count
      }
      if count > 0 { continue }
      return count < 0 && (errno == EAGAIN || errno == EINTR)
    }
    return true
  }

  private static func write(_ fd: Int32, from bytes: inout [UInt8]) -> Bool {
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return count < 0 && (errno == EAGAIN || errno == EINTR) }
      bytes.removeFirst(count)
    }
    return true
  }

  private static func close(_ link: Link, abruptly: Bool) {
    for end in [link.near, link.far] {
      if abruptly { reset(end) } else { Glibc.close(end) }
    }
  }

  /// Closes with RST: the other end learns that the connection broke.
  private static func reset(_ fd: Int32) {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    Glibc.close(fd)
  }
}

/// TCP sockets on 127.0.0.1.
enum Loopback {
  static func listen() throws -> Int32 {
    let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    let isBound = with(port: 0) { bind(fd, $0, $1) } == 0
    guard fd >= 0, isBound, Glibc.listen(fd, 128) == 0 else { throw Surroundings.Trouble("listen on loopback", errno) }
    return fd
  }

  static func port(of fd: Int32) throws -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &size) }
    }
    guard result == 0 else { throw Surroundings.Trouble("getsockname", errno) }
    return UInt16(bigEndian: address.sin_port)
  }

  /// - Returns: nil when nobody listens there.
  static func connect(_ port: UInt16) -> Int32? {
    let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // On loopback this does not wait.
    guard fd >= 0, with(port: port, { Glibc.connect(fd, $0, $1) }) == 0 else {
      close(fd)
      return nil
    }
    _ = fcntl(fd, F_SETFL, O_NONBLOCK)
    return fd
  }

  private static func with<Result>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
