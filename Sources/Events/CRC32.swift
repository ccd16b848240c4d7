/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), taken in pieces: whether bytes of a spool file are those that were written.
///
/// Castagnoli's polynomial, because at the length of a frame it finds more damage than the one of zlib and Ethernet, and
/// because processors compute it (SSE 4.2, ARMv8), which an agent that reads for a hundred recorders may come to need.
/// Here it is eight tables and no special instructions: a table step takes eight bytes. It is no signature: what keeps
/// people from forging frames is who may write the file.
package struct CRC32C {
  private var register: UInt32

  /// - Parameter seed: Where to start; two sums over the same bytes agree only when they started at the same number. 0
  ///   is the standard's.
  package init(seed: UInt32 = 0) { register = ~seed }

  package var value: UInt32 { ~register }

  /// Takes `bytes`; any cut of the same bytes into pieces gives the same value.
  package mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    register = tables.withUnsafeBufferPointer { advance(register, over: bytes, $0) }
  }
}

private let polynomial: UInt32 = 0x82f6_3b78  // 0x1edc6f41, bits reversed

/// Row r, column b: what byte b does to the register once r more bytes have followed it.
private let tables: [UInt32] = {
  var tables = [UInt32](repeating: 0, count: 8 * 256)
  for byte in 0..<256 {
    var entry = UInt32(byte)
    for _ in 0..<8 { entry = entry & 1 == 1 ? entry >> 1 ^ polynomial : entry >> 1 }
    tables[byte] = entry
  }
  for place in 256..<tables.count {
    let entry = tables[place - 256]
    tables[place] = entry >> 8 ^ tables[Int(entry & 0xff)]
  }
  return tables
}()

private func advance(
  _ register: UInt32, over bytes: UnsafeBufferPointer<UInt8>, _ tables: UnsafeBufferPointer<UInt32>
) -> UInt32 {
  var register = register
  var place = 0
  while bytes.count &- place >= 8 {
    let word = bytes.word(at: place) ^ UInt64(register)
    register =
      tables[1792 &+ Int(word & 0xff)] ^ tables[1536 &+ Int(word >> 8 & 0xff)]
      ^ tables[1280 &+ Int(word >> 16 & 0xff)] ^ tables[1024 &+ Int(word >> 24 & 0xff)]
      ^ tables[768 &+ Int(word >> 32 & 0xff)] ^ tables[512 &+ Int(word >> 40 & 0xff)]
      ^ tables[256 &+ Int(word >> 48 & 0xff)] ^ tables[Int(word >> 56)]
    place &+= 8
  }
  while place < bytes.count {
    register = register >> 8 ^ tables[Int((register ^ UInt32(bytes[place])) & 0xff)]
    place &+= 1
  }
  return register
}
