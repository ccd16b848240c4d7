package import API
import Events
import FoundationEssentials

/// How far an agent has written its host's ledger, kept in a file of its own.
///
/// The next entry is made only when the centre has the last: an entry proves nothing before it is there, and so there is
/// at most one to be sent again after a crash, byte for byte.
package struct Ledger: Codable, Equatable, Sendable {
  package private(set) var epoch: String
  package private(set) var n: UInt64 = 0
  /// Hash of entry `n`.
  package private(set) var previous = ""
  /// Entry `n`, until the centre has it.
  package private(set) var outstanding: String?

  package init(epoch: String) { self.epoch = epoch }

  package init?(json: [UInt8]) {
    // One that is damaged is as good as none: a new epoch begins, and the centre notes it.
    guard let ledger = try? JSONDecoder().decode(Ledger.self, from: Data(json)) else { return nil }
    self = ledger
  }

  package var json: [UInt8] { Self.encoded(self) }

  /// Makes the next entry.
  ///
  /// - Parameter facts: All of it but epoch, number and link.
  package mutating func append(_ facts: LedgerEntry) -> String {
    var entry = facts
    entry.epoch = epoch
    entry.n = n + 1
    entry.prev = previous
    let bytes = Self.encoded(entry)
    n += 1
    previous = Self.hash(of: bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    outstanding = text
    return text
  }

  package mutating func held() { outstanding = nil }

  /// base64url of SHA-256.
  package static func hash(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    var text = ByteBuilder(capacity: 43)
    hash.digest().appendBase64URL(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private static func encoded(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers and strings: there is nothing in it that JSON cannot say.
    guard let data = try? encoder.encode(value) else { preconditionFailure("a ledger that is no JSON") }
    return [UInt8](data)
  }
}
