import CZlib

/// `bytes` as one gzip member (RFC 1952).
///
/// - Parameter level: zlib's: 1 the fastest, 9 the smallest.
/// - Returns: nil when memory is short.
package func gzipped(_ bytes: UnsafeBufferPointer<UInt8>, level: Int32) -> [UInt8]? {
  var stream = z_stream()
  // 15 is the largest window; 16 more asks for gzip's header and trailer.
  let began = deflateInit2_(
    &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  guard began == Z_OK, let count = UInt32(exactly: bytes.count) else { return nil }
  defer { deflateEnd(&stream) }
  let bound = Int(deflateBound(&stream, uLong(count)))
  let packed = [UInt8](unsafeUninitializedCapacity: bound) { room, packedCount in
    // zlib reads through the pointer and does not write.
    stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
    stream.avail_in = count
    stream.next_out = room.baseAddress
    stream.avail_out = UInt32(bound)
    // There is room for all of it, so one call is enough.
    packedCount = deflate(&stream, Z_FINISH) == Z_STREAM_END ? bound - Int(stream.avail_out) : 0
  }
  return packed.isEmpty ? nil : packed
}
