package import Crypto
package import FoundationEssentials
import SwiftASN1
package import X509

/// What a host's certificate says: whom it speaks for, and with which key.
package struct HostCertificate: Equatable, Sendable {
  package let host: String
  /// SHA-256 over the public key's SubjectPublicKeyInfo, in hexadecimal.
  package let keyFingerprint: String
  /// The last moment at which it is valid.
  package let ends: Date

  /// - Parameter der: A certificate whose signature the TLS layer has checked.
  /// - Returns: nil when it is not a host's.
  package init?(der: [UInt8]) {
    guard let certificate = try? Certificate(derEncoded: der) else { return nil }
    self.init(certificate)
  }

  /// The host's own, in PEM.
  ///
  /// - Returns: nil when it is not a host's, or for another key.
  package init?(pem: String, for key: P256.Signing.PublicKey) {
    guard let certificate = try? Certificate(pemEncoded: pem), certificate.publicKey == .init(key) else { return nil }
    self.init(certificate)
  }

  private init?(_ certificate: Certificate) {
    guard certificate.subject.hasRole(.host),
      let names = try? certificate.extensions.subjectAlternativeNames, names.count == 1,
      case .dnsName(let host)? = names.first
    else { return nil }
    self.host = host
    keyFingerprint = fingerprint(of: certificate.publicKey)
    ends = certificate.notValidAfter
  }

  /// Host names are labels of letters, digits, `-` and `_`, joined by dots; at most 253 bytes: they go into certificates.
  package static func isHostName(_ name: String) -> Bool {
    guard (1...253).contains(name.utf8.count) else { return false }
    return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.count)
        && label.allSatisfy {
          switch $0 {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
          case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
          default: false
          }
        }
    }
  }
}

/// The key that a certificate signing request asks for, after its signature was checked: whoever sent it has the key.
package struct SigningRequest {
  package let key: Certificate.PublicKey
  package let keyFingerprint: String

  /// Requests are some 500 bytes.
  package static let byteCountMax = 8192

  /// - Returns: nil when it is none, or not for a P-256 key (BoringSSL verifies no Ed25519 by default).
  package init?(pem: String) {
    guard pem.utf8.count <= Self.byteCountMax, let request = try? CertificateSigningRequest(pemEncoded: pem),
      request.publicKey.isValidSignature(request.signature, for: request),
      P256.Signing.PublicKey(request.publicKey) != nil
    else { return nil }
    key = request.publicKey
    keyFingerprint = fingerprint(of: request.publicKey)
  }

  /// Makes one, in PEM.
  package static func pem(for key: P256.Signing.PrivateKey) throws -> String {
    let request = try CertificateSigningRequest(
      version: .v1, subject: try DistinguishedName { OrganizationalUnitName(CertificateRole.host.rawValue) },
      privateKey: .init(key), attributes: .init(), signatureAlgorithm: .ecdsaWithSHA256)
    return try request.serializeAsPEM().pemString
  }
}

private func fingerprint(of key: Certificate.PublicKey) -> String {
  hexadecimal(Crypto.SHA256.hash(data: key.subjectPublicKeyInfoBytes))
}

extension DistinguishedName {
  fileprivate func hasRole(_ role: CertificateRole) -> Bool {
    contains {
      $0.contains { $0.type == .RDNAttributeType.organizationalUnitName && String($0.value) == role.rawValue }
    }
  }
}
