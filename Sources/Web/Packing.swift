import Compression
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers in fewer bytes, for whoever can unpack them.
///
/// Packed are answers that are whole before they are sent; streams are not, since each of their events is to arrive at
/// once. What an answer's length could tell somebody who makes a browser ask (BREACH) is out of reach: the session's
/// cookie is not sent for another site.
enum Packing {
  /// Less is one packet anyhow.
  private static let byteCountMin = 1024
  /// Much of the gain for little time: an answer is packed while somebody waits.
  private static let level: Int32 = 3
  /// Files are packed once.
  private static let fileLevel: Int32 = 9

  static func isWanted(_ request: Request) -> Bool {
    request.headers[values: .acceptEncoding].contains { field in
      field.split(separator: ",").contains { word in
        let parts = word.split(separator: ";").map { $0.trimmingPrefix { $0 == " " } }
        return parts.first.map { $0.hasPrefix("gzip") || $0.hasPrefix("*") } ?? false
          && !parts.dropFirst().contains { $0 == "q=0" }
      }
    }
  }

  /// A file of the pages, packed; nil where that gains nothing.
  static func packed(file bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count >= byteCountMin else { return nil }
    let packed = bytes.withUnsafeBufferPointer { gzipped($0, level: fileLevel) }
    return packed.flatMap { $0.count < bytes.count ? $0 : nil }
  }

  static func packed(_ response: Response, for request: Request) async throws -> Response {
    guard response.headers[.contentEncoding] == nil, let count = response.body.contentLength, count >= byteCountMin
    else { return response }
    var response = response
    response.headers[.vary] = "accept-encoding"
    guard isWanted(request) else { return response }
    let whole = Whole()
    try await response.body.write(WholeWriter(whole: whole))
    let packed = whole.buffer.withUnsafeReadableBytes {
      gzipped($0.assumingMemoryBound(to: UInt8.self), level: level)
    }
    guard let packed else { return response }
    response.headers[.contentEncoding] = "gzip"
    response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: packed))
    return response
  }
}

private final class Whole {
  var buffer = ByteBuffer()
}

/// Takes a body that is whole already.
private struct WholeWriter: ResponseBodyWriter {
  let whole: Whole

  mutating func write(_ buffer: ByteBuffer) { whole.buffer.writeImmutableBuffer(buffer) }

  consuming func finish(_ trailingHeaders: HTTPFields?) {}
}
