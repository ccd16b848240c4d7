package import API
package import Archive
import Compression
import Events
import Identity

/// A batch of messages as a host sends it: lines of any of its recordings, those of one recording in order.
///
/// ``read(_:isCompressed:host:)`` looks at every line before anything is kept: a batch that breaks a rule is refused as
/// a whole, and names the line. What a recording's head makes of its lines is the archive's to say.
package struct Batch: Sendable {
  /// Bytes of a batch after unpacking; also the most that may arrive packed (DESIGN §10).
  package static let byteCountMax = 8 << 20

  /// One for each recording, in the order in which they first occur.
  package let submissions: [Submission]

  /// - Parameters:
  ///   - host: For whom the sender's certificate speaks: the only host whose lines it may bring.
  ///   - sentMilliseconds: The host's clock when it sent the batch, since the Epoch; nil where it did not say.
  /// - Throws: The rule that the batch breaks.
  package static func read(
    _ body: [UInt8], isCompressed: Bool, host: String, sentMilliseconds: UInt64? = nil
  ) throws(Problem) -> Batch {
    let bytes = isCompressed ? try unpack(body) : body
    guard bytes.count <= byteCountMax else { throw Problem.tooLong }
    guard bytes.last == UInt8(ascii: "\n") else {
      throw Problem(error: "malformed", why: "the batch is empty, or its last line has no LF")
    }
    var reader = BatchReader(host: host)
    try reader.read(bytes)
    return Batch(submissions: try reader.finish(sentMilliseconds))
  }

  private static func unpack(_ body: [UInt8]) throws(Problem) -> [UInt8] {
    do throws(ZstdError) {
      var decoder = try ZstdDecoder()
      return try decoder.decode(body, limit: byteCountMax)
    } catch {
      switch error {
      case .tooLong: throw Problem.tooLong
      case .noMemory: throw Problem(error: "busy", why: "no memory to unpack the batch")
      case .damaged: throw Problem(error: "malformed", why: "not zstd, damaged, or a window above 8 MiB")
      case .incomplete: throw Problem(error: "malformed", why: "the last zstd frame has no end")
      }
    }
  }
}

extension Problem {
  static let tooLong = Problem(error: "too-long", why: "the batch is longer than \(Batch.byteCountMax) bytes")
}
