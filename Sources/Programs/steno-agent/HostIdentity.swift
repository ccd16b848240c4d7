import Crypto
import Events
import FoundationEssentials
import Identity
import Shipping
import SystemCalls

/// Who this host is to its centre: two keys that never leave it, and the centre's certificate for the first of them.
///
/// Files in the agent's directory, which is its own: `host-key.pem` (P-256, for TLS), `ledger-key` (Ed25519, 32 bytes in
/// base64), `host.pem`. Keys are on disk before the centre is told of them: a certificate without its key is of no use.
final class HostIdentity {
  let key: P256.Signing.PrivateKey
  let ledgerKey: Curve25519.Signing.PrivateKey
  private(set) var certificate: HostCertificate?
  private(set) var certificatePEM: String?
  private let directory: HostDisk

  /// Reads what is there, and makes the keys that are not.
  init(_ path: String) throws {
    let directory = try HostDisk(path, makes: true)
    key = try Self.kept("host-key.pem", in: directory) ?? P256.Signing.PrivateKey()
    if let text = directory.load("ledger-key"), let raw = Data(base64Encoded: Data(text)) {
      ledgerKey = try Self.read("ledger-key") { try Curve25519.Signing.PrivateKey(rawRepresentation: raw) }
    } else {
      ledgerKey = Curve25519.Signing.PrivateKey()
      try directory.save(Array(ledgerKey.rawRepresentation.base64EncodedData()), as: "ledger-key")
    }
    self.directory = directory
    try directory.save(Array(key.pemRepresentation.utf8), as: "host-key.pem")
    if let text = directory.load("host.pem") { take(String(decoding: text, as: UTF8.self)) }
  }

  private static func kept(_ name: String, in directory: HostDisk) throws -> P256.Signing.PrivateKey? {
    guard let text = directory.load(name) else { return nil }
    return try read(name) { try P256.Signing.PrivateKey(pemRepresentation: String(decoding: text, as: UTF8.self)) }
  }

  /// What is damaged is not made anew: that would be another host to the centre.
  private static func read<Key>(_ name: String, _ make: () throws -> Key) throws -> Key {
    do { return try make() } catch { throw AgentSettings.Problem(text: "\(name) in the agent's folder is not a key") }
  }

  /// What is sent to the centre for its next certificate.
  var signingRequest: String {
    get throws { try SigningRequest.pem(for: key) }
  }

  /// Keeps the certificate that the centre gave.
  func save(_ pem: String) throws {
    try directory.save(Array(pem.utf8), as: "host.pem")
    try directory.sync()
    take(pem)
  }

  /// A certificate that is not for this key is as good as none: it is asked for again.
  private func take(_ pem: String) {
    guard let certificate = HostCertificate(pem: pem, for: key.publicKey) else { return }
    self.certificate = certificate
    certificatePEM = pem
  }

  /// Whether a third of the certificate's life is left, or less.
  func isToRenew(at now: Date) -> Bool {
    guard let certificate else { return false }
    return now >= certificate.ends.addingTimeInterval(-Authority.lifetime / 3)
  }
}
