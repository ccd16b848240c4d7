import CZlib
import Events
import SystemCalls

/// The contents of a gzip file, of all its members (RFC 1952).
final class GzipStream: ByteStream {
  private let inflow: Inflow
  /// zlib keeps the address, so that it must not move.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var isInMember = true
  private var hasFailed = false

  init(_ inflow: Inflow) throws(ReadError) {
    self.inflow = inflow
    stream.initialize(to: z_stream())
    let gzipOnly: Int32 = 16 + MAX_WBITS
    let result = inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if result != Z_OK { throw ReadError(lines: [bytes("Cannot allocate memory")]) }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  var awaited: Int32? { inflow.awaited }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    while !hasFailed {
      if inflow.available.isEmpty {
        let transfer = try inflow.fill()
        if transfer == .end { return try end() }
        if transfer == .wouldBlock { return .wouldBlock }
      }
      if !isInMember && !beginMember() { continue }
      let count = try inflate(into: buffer)
      if count > 0 { return .bytes(count) }
    }
    return .end
  }

  /// Between members: zeros are padding, as gzip(1) takes them.
  ///
  /// - Returns: Whether a member begins.
  private func beginMember() -> Bool {
    let available = inflow.available
    inflow.take(available.firstIndex { $0 != 0 } ?? available.count)
    guard !inflow.available.isEmpty else { return false }
    isInMember = true
    inflateReset(stream)
    return true
  }

  private func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    let input = inflow.available
    // zlib does not write to its input; its interface is older than const.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(clamping: input.count)
    stream.pointee.next_out = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(clamping: buffer.count)
    let result = CZlib.inflate(stream, Z_NO_FLUSH)
    inflow.take(input.count - Int(stream.pointee.avail_in))
    let count = buffer.count - Int(stream.pointee.avail_out)
    switch result {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isInMember = false
    // What came out before the damage is worth having; zlib says the same again at the next call.
    case _ where count > 0: break
    default:
      hasFailed = true
      throw ReadError(lines: [bytes("The gzip data is damaged")])
    }
    return count
  }

  private func end() throws(ReadError) -> Transfer {
    guard isInMember else { return .end }
    hasFailed = true
    throw ReadError(
      lines: [bytes("The gzip data ends too early")],
      hint: bytes("the file was cut, or is still being written; what it holds was read"))
  }
}
