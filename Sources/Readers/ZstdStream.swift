import CZstd
import Events
import SystemCalls

/// The contents of a zstd file, of all its frames (RFC 8878).
final class ZstdStream: ByteStream {
  /// 8 MiB, what the RFC asks every reader to have; more is for the file to ask and for us to refuse.
  private static let windowLogMax: Int32 = 23

  private let inflow: Inflow
  private let context: OpaquePointer
  private var isInFrame = false
  private var hasFailed = false

  init(_ inflow: Inflow) throws(ReadError) {
    self.inflow = inflow
    guard let context = ZSTD_createDStream() else { throw ReadError(lines: [bytes("Cannot allocate memory")]) }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax)
  }

  deinit { ZSTD_freeDStream(context) }

  var awaited: Int32? { inflow.awaited }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    while !hasFailed {
      // Also without input: what did not fit last time may still be inside.
      let count = try decompress(into: buffer)
      if count > 0 { return .bytes(count) }
      guard inflow.available.isEmpty else { continue }
      let transfer = try inflow.fill()
      if transfer == .end { return try end() }
      if transfer == .wouldBlock { return .wouldBlock }
    }
    return .end
  }

  private func decompress(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    let available = inflow.available
    if available.isEmpty && !isInFrame { return 0 }
    var input = ZSTD_inBuffer(src: available.baseAddress, size: available.count, pos: 0)
    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    let result = ZSTD_decompressStream(context, &output, &input)
    guard ZSTD_isError(result) == 0 else {
      hasFailed = true
      throw ReadError(
        lines: [bytes("The zstd data is damaged: ") + SystemCalls.bytes(ofC: ZSTD_getErrorName(result))],
        hint: bytes("windows of more than 8 MiB, as made by zstd --long or --ultra, are not read"))
    }
    inflow.take(input.pos)
    isInFrame = result != 0
    return output.pos
  }

  private func end() throws(ReadError) -> Transfer {
    guard isInFrame else { return .end }
    hasFailed = true
    throw ReadError(
      lines: [bytes("The zstd data ends too early")],
      hint: bytes("the file was cut, or is still being written; what it holds was read"))
  }
}
