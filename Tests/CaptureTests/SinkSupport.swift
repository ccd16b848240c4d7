import Capture
import Foundation
import Glibc
import Options
import SystemCalls
import TestSupport

/// What came of giving a sink a message.
enum Outcome: Equatable, CustomStringConvertible {
  case taken, busy
  case tooLong([String])
  case failed([String])

  var description: String {
    switch self {
    case .taken: "taken"
    case .busy: "busy"
    case .tooLong(let lines): "too long: \(lines)"
    case .failed(let lines): "failed: \(lines)"
    }
  }
}

extension Failure {
  var text: [String] { lines.map { String(decoding: $0, as: UTF8.self) } }
}

extension Sink {
  mutating func give(_ text: String, id: UInt64) -> Outcome { give(Array(text.utf8), id: id) }

  mutating func give(_ bytes: [UInt8], id: UInt64) -> Outcome {
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { buffer.deallocate() }
    _ = buffer.initialize(from: bytes)
    do throws(SinkError) {
      try write(UnsafeBufferPointer(buffer), id: id)
      return .taken
    } catch {
      switch error {
      case .busy: return .busy
      case .tooLong(let failure): return .tooLong(failure.text)
      case .failed(let failure): return .failed(failure.text)
      }
    }
  }

  /// The lines of the failure; nil when it opened.
  mutating func open() -> [String]? {
    do throws(Failure) {
      try reopen()
      return nil
    } catch {
      return error.text
    }
  }

  /// Whether poll(2) says now that there is room.
  var hasRoom: Bool {
    var watched = pollfd(fd: descriptor ?? -1, events: Int16(POLLOUT), revents: 0)
    return poll(&watched, 1, 0) == 1 && watched.revents & Int16(POLLOUT) != 0
  }
}

/// A log service on a Unix socket of the test's own, which reads when the test says so.
final class LocalService {
  enum Kind: CaseIterable {
    case datagram, stream
  }

  struct Message {
    var bytes: [UInt8]
    /// What the file holds that came along, with its seals as F_GET_SEALS has them.
    var passed: (bytes: [UInt8], seals: Int32)?
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  let path: String
  private let kind: Kind
  private let listener: Int32
  private var connection: Int32 = -1
  private var block = [UInt8](repeating: 0, count: 4 << 20)

  init(_ kind: Kind, at path: String) throws {
    self.kind = kind
    self.path = path
    let type = kind == .datagram ? SOCK_DGRAM : SOCK_STREAM
    listener = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout.size(ofValue: address))
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(listener, $0, size) }
    }
    guard bound == 0 else { throw Surroundings.Trouble("bind \(path)", errno) }
    guard kind == .datagram || listen(listener, 4) == 0 else { throw Surroundings.Trouble("listen", errno) }
  }

  /// Ends the service. Whoever is connected notices with the next message, even if a process that was just forked still
  /// has the socket open.
  deinit {
    for end in [connection, listener] where end >= 0 {
      shutdown(end, Int32(SHUT_RDWR))
      close(end)
    }
    unlink(path)
  }

  /// The next datagram, or what a stream has; nil when there is nothing.
  func receive() -> Message? {
    if kind == .stream && connection < 0 {
      connection = accept(listener, nil, nil)
      if connection < 0 { return nil }
      _ = fcntl(connection, F_SETFL, O_NONBLOCK)
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    }
    // A cmsghdr of unix(7) with room for one descriptor: length, level, type, descriptor.
    var control: (Int, Int32, Int32, Int32, Int32) = (0, 0, 0, -1, -1)
    let count = block.withUnsafeMutableBytes { bytes in
      withUnsafeMutableBytes(of: &control) { control in
        var piece = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafeMutablePointer(to: &piece) { piece in
          var header = msghdr()
          header.msg_iov = piece
          header.msg_iovlen = 1
          header.msg_control = control.baseAddress
          header.msg_controllen = control.count
          return recvmsg(kind == .stream ? connection : listener, &header, Int32(MSG_CMSG_CLOEXEC))
        }
      }
    }
    if count < 0 || (kind == .stream && count == 0) { return nil }
    return Message(bytes: [UInt8](block[..<count]), passed: control.3 < 0 ? nil : Self.contents(of: control.3))
  }

  /// Everything that is there, in one piece.
  func receiveAll() -> [Message] {
    var all: [Message] = []
    while let next = receive() { all.append(next) }
    return all
  }

  private static func contents(of file: Int32) -> (bytes: [UInt8], seals: Int32) {
    defer { close(file) }
    let getSeals: Int32 = 1034  // F_GET_SEALS, fcntl(2)
    let seals = fcntl(file, getSeals)
    var bytes = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
    let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    return ([UInt8](bytes[..<max(count, 0)]), seals)
  }
}
