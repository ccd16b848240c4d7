import CSys
import Events
import Glibc
import SystemCalls

/// Bytes that come once and in order.
protocol ByteStream: AnyObject {
  /// The next bytes, at most `buffer.count`, which is at least 1.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer

  /// What poll(2) is to wait for after `.wouldBlock`; nil when reading never waits, and at the end.
  var awaited: Int32? { get }
}

/// The bytes of a descriptor, a block of them at hand. Never waits for a pipe that is empty.
final class Inflow: ByteStream {
  private static let blockByteCount = 64 * 1024

  private let file: Descriptor
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockByteCount, alignment: 16)
  private var start = 0
  private var end = 0
  private(set) var hasEnded = false

  init(_ file: consuming Descriptor) { self.file = file }

  deinit { block.deallocate() }

  var awaited: Int32? { hasEnded ? nil : file.raw }

  /// What is at hand and not taken yet.
  var available: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: block[start..<end]) }

  func take(_ byteCount: Int) { start += byteCount }

  /// Reads more behind what is at hand, if there is room.
  func fill() throws(ReadError) -> Transfer {
    if hasEnded { return .end }
    if start > 0 {
      block.copyMemory(from: UnsafeRawBufferPointer(available))
      end -= start
      start = 0
    }
    var ready = pollfd(fd: file.raw, events: Int16(POLLIN), revents: 0)
    if csys_poll(&ready, 1, 0) == 0 { return .wouldBlock }
    let transfer: Transfer
    do throws(SystemError) {
      transfer = try readNow(file.raw, into: UnsafeMutableRawBufferPointer(rebasing: block[end...]))
    } catch {
      hasEnded = true
      throw ReadError(error)
    }
    if case .bytes(let count) = transfer { end += count }
    if transfer == .end { hasEnded = true }
    return transfer
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    if available.isEmpty {
      let transfer = try fill()
      guard case .bytes = transfer else { return transfer }
    }
    let count = min(available.count, buffer.count)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: available[..<count]))
    take(count)
    return .bytes(count)
  }
}

/// What comes from a descriptor, decompressed if its first bytes say that it is compressed.
final class RecognisedStream: ByteStream {
  private let inflow: Inflow
  private var content: (any ByteStream)?

  init(_ inflow: Inflow) { self.inflow = inflow }

  var awaited: Int32? { inflow.awaited }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    if let content { return try content.read(into: buffer) }
    while inflow.available.count < Compression.magicByteCount && !inflow.hasEnded {
      if try inflow.fill() == .wouldBlock { return .wouldBlock }
    }
    let content: any ByteStream =
      switch Compression(inflow.available) {
      case .gzip: try GzipStream(inflow)
      case .zstd: try ZstdStream(inflow)
      case nil: inflow
      }
    self.content = content
    return try content.read(into: buffer)
  }
}

/// The ways of compression that are read.
enum Compression {
  case gzip
  case zstd

  static let magicByteCount = 4

  /// - Parameter start: The first bytes of a file.
  init?(_ start: UnsafeRawBufferPointer) {
    if start.count >= 2 && start[0] == 0x1f && start[1] == 0x8b {
      self = .gzip
    } else if start.count >= 4 && (isZstdFrame(start) || isSkippableFrame(start)) {
      self = .zstd
    } else {
      return nil
    }
  }
}

private func isZstdFrame(_ start: UnsafeRawBufferPointer) -> Bool {
  start[0] == 0x28 && start[1] == 0xb5 && start[2] == 0x2f && start[3] == 0xfd
}

/// RFC 8878, 3.1.2: what pzstd begins its files with.
private func isSkippableFrame(_ start: UnsafeRawBufferPointer) -> Bool {
  start[0] & 0xf0 == 0x50 && start[1] == 0x2a && start[2] == 0x4d && start[3] == 0x18
}
