import CZstd

/// What is wrong with compressed bytes, or with how much they hold.
package enum ZstdError: Error, Equatable {
  /// More comes out than the caller allows.
  case tooLong(limit: Int)
  /// Not zstd, damaged, or a window above ``ZstdDecoder/windowLogMax``.
  case damaged
  /// The last frame has no end.
  case incomplete
  case noMemory
}

/// Unpacks zstd frames, and never makes more bytes than it was told to (THREATS 17).
package struct ZstdDecoder: ~Copyable {
  /// A window of 8 MiB: what `zstd -19` uses, and the most a stranger may have us allocate.
  package static let windowLogMax: Int32 = 23
  /// Bytes unpacked between two looks at the bound.
  private static let stepByteCount = 128 * 1024

  private let context: OpaquePointer

  package init() throws(ZstdError) {
    guard let context = ZSTD_createDCtx() else { throw .noMemory }
    self.context = context
    _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax)
  }

  deinit { ZSTD_freeDCtx(context) }

  /// What all frames in `bytes` hold together.
  ///
  /// - Parameter limit: Bytes that may come out; the first one beyond ends the work.
  package mutating func decode(_ bytes: [UInt8], limit: Int) throws(ZstdError) -> [UInt8] {
    _ = ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    var result: [UInt8] = []
    var step = [UInt8](repeating: 0, count: Self.stepByteCount)
    var place = 0
    var isWhole = bytes.isEmpty
    while place < bytes.count || !isWhole {
      let (left, taken, made) = advance(bytes, from: place, into: &step)
      guard ZSTD_isError(left) == 0 else { throw .damaged }
      guard made <= limit - result.count else { throw .tooLong(limit: limit) }
      result.append(contentsOf: step[..<made])
      place += taken
      isWhole = left == 0
      if taken == 0 && made == 0 && !isWhole { throw .incomplete }
    }
    return result
  }

  /// - Returns: zstd's answer (0: a frame ended), and the bytes it took and made.
  private func advance(_ bytes: [UInt8], from place: Int, into step: inout [UInt8]) -> (Int, taken: Int, made: Int) {
    bytes.withUnsafeBytes { source in
      step.withUnsafeMutableBytes { room in
        var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: place)
        var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let left = ZSTD_decompressStream(context, &output, &input)
        return (left, input.pos - place, output.pos)
      }
    }
  }
}

/// One zstd frame that holds `bytes`, with its length in the header and a checksum.
///
/// - Parameter level: zstd's, 1 to 19.
package func zstdFrame(of bytes: [UInt8], level: Int32 = 3) throws(ZstdError) -> [UInt8] {
  guard let context = ZSTD_createCCtx() else { throw .noMemory }
  defer { ZSTD_freeCCtx(context) }
  _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
  _ = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { room, count in
    let made = bytes.withUnsafeBytes { ZSTD_compress2(context, room.baseAddress, room.count, $0.baseAddress, $0.count) }
    count = ZSTD_isError(made) == 0 ? made : 0
  }
  guard !frame.isEmpty else { throw .noMemory }
  return frame
}
