import Events

/// A recording's name at any centre: the same after a restore, and safe as a part of a file name.
///
/// The first 16 characters of base32 (RFC 4648 §6, lower case) of SHA-256 over host, a zero byte, rec.
package struct RecordingID: Hashable, Sendable, CustomStringConvertible {
  package static let characterCount = 16
  private static let alphabet = [UInt8]("abcdefghijklmnopqrstuvwxyz234567".utf8)

  package let description: String

  package init(host: [UInt8], rec: [UInt8]) {
    var hash = SHA256()
    hash.update(host)
    hash.update([0])
    hash.update(rec)
    let digest = hash.digest()
    var characters: [UInt8] = []
    // 16 characters of 5 bits are the first ten bytes.
    var bits: UInt64 = 0
    for index in 0..<10 {
      bits = bits << 8 | UInt64(digest[index])
      if index % 5 == 4 {
        for shift in stride(from: UInt64(35), through: 0, by: -5) {
          characters.append(Self.alphabet[Int(bits >> shift & 31)])
        }
        bits = 0
      }
    }
    description = String(decoding: characters, as: UTF8.self)
  }

  /// Whether `text` can stand for a recording: a name, or enough of its beginning to be worth a look.
  package static func isPrefix(_ text: String) -> Bool {
    prefixCounts.contains(text.utf8.count) && text.utf8.allSatisfy { alphabet.contains($0) }
  }

  /// Characters that a beginning has.
  private static let prefixCounts = 4...characterCount

  /// - Returns: nil when `text` is not such a name.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.count == Self.characterCount, text.utf8.allSatisfy({ Self.alphabet.contains($0) }) else {
      return nil
    }
    description = String(text)
  }
}

/// The hash by which the next message names this one: base64url of SHA-256 over the line without its LF.
package func linkHash(of line: UnsafeBufferPointer<UInt8>) -> String {
  var hash = SHA256()
  hash.update(line)
  var text = ByteBuilder(capacity: 43)
  hash.digest().appendBase64URL(to: &text)
  return String(decoding: text.bytes, as: UTF8.self)
}
