package import Foundation
import NIOSSL
import Synchronization

/// The certificate that the centre shows, made anew when a third of its life is left: a centre may run for years.
///
/// Looked at with each hand-shake; connections that are open keep what they have.
package final class ServerIdentity: Sendable {
  private struct Kept {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    let renewAt: Date
  }

  /// What is shown, in PEM, and until when it may be.
  package struct Made: Sendable {
    let certificatePEM: String
    let keyPEM: String
    let renewAt: Date

    package init(certificatePEM: String, keyPEM: String, renewAt: Date) {
      self.certificatePEM = certificatePEM
      self.keyPEM = keyPEM
      self.renewAt = renewAt
    }
  }

  private let now: @Sendable () -> Date
  private let make: @Sendable (Date) throws -> Made
  private let kept: Mutex<Kept>

  /// - Parameter make: Makes key and certificate; given the time.
  package init(now: @escaping @Sendable () -> Date, make: @escaping @Sendable (Date) throws -> Made) throws {
    self.now = now
    self.make = make
    kept = Mutex(try Self.read(try make(now())))
  }

  /// For the next hand-shake. When a new one cannot be made the old one serves on: it may still be valid.
  var current: (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource) {
    kept.withLock { kept in
      let time = now()
      if time >= kept.renewAt, let made = try? Self.read(make(time)) { kept = made }
      return (kept.chain.map { .certificate($0) }, .privateKey(kept.key))
    }
  }

  private static func read(_ made: Made) throws -> Kept {
    Kept(
      chain: try NIOSSLCertificate.fromPEMBytes([UInt8](made.certificatePEM.utf8)),
      key: try NIOSSLPrivateKey(bytes: [UInt8](made.keyPEM.utf8), format: .pem), renewAt: made.renewAt)
  }
}
