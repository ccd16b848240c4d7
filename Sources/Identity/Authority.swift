package import Crypto
package import FoundationEssentials
import SwiftASN1
package import X509

/// The centre's own certificate authority. Its key lives in the enrolling part of the centre only.
package struct Authority: Sendable {
  /// 90 days: long enough for a laptop in a drawer, short enough that a lost key ends by itself.
  package static let lifetime: TimeInterval = 90 * 86_400
  /// Not-before lies a day back, for hosts whose clock is behind.
  package static let backdating: TimeInterval = 86_400
  /// The authority itself outlives every certificate: ten years.
  private static let ownLifetime: TimeInterval = 3650 * 86_400

  package let certificate: Certificate
  private let key: P256.Signing.PrivateKey

  /// Makes a new one.
  package init(now: Date) throws {
    let key = P256.Signing.PrivateKey()
    self.key = key
    let name = try DistinguishedName { CommonName("Steno centre") }
    certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey),
      notValidBefore: now - Self.backdating, notValidAfter: now + Self.ownLifetime, issuer: name, subject: name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
      }, issuerPrivateKey: .init(key))
  }

  /// The one that was kept.
  package init(certificatePEM: String, keyPEM: String) throws {
    certificate = try Certificate(pemEncoded: certificatePEM)
    key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
  }

  package var keyPEM: String { key.pemRepresentation }

  package var certificatePEM: String {
    get throws { try certificate.serializeAsPEM().pemString }
  }

  /// A certificate with which a host speaks for itself, and for no other.
  package func certificate(forHost host: String, key: Certificate.PublicKey, now: Date) throws -> Certificate {
    try issue(key, role: .host, names: [.dnsName(host)], usage: .clientAuth, now: now)
  }

  /// The centre's own, for the names and addresses under which it is reached.
  ///
  /// - Parameter addresses: IPv4 (4 bytes) or IPv6 (16).
  package func certificate(
    forServer names: [String], addresses: [[UInt8]], key: Certificate.PublicKey, now: Date
  ) throws -> Certificate {
    let names: [GeneralName] =
      names.map { .dnsName($0) } + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
    return try issue(key, role: .centre, names: names, usage: .serverAuth, now: now)
  }

  /// The same, in PEM, for a key of the caller's.
  package func serverCertificatePEM(
    names: [String], addresses: [[UInt8]], key: P256.Signing.PrivateKey, now: Date
  ) throws -> String {
    try certificate(forServer: names, addresses: addresses, key: .init(key.publicKey), now: now)
      .serializeAsPEM().pemString
  }

  private func issue(
    _ key: Certificate.PublicKey, role: CertificateRole, names: [GeneralName], usage: ExtendedKeyUsage.Usage, now: Date
  ) throws -> Certificate {
    try Certificate(
      version: .v3, serialNumber: .init(), publicKey: key,
      notValidBefore: now - Self.backdating, notValidAfter: now + Self.lifetime,
      issuer: certificate.subject,
      subject: try DistinguishedName { OrganizationalUnitName(role.rawValue) },
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([usage])
        SubjectAlternativeNames(names)
      }, issuerPrivateKey: .init(self.key))
  }
}

/// What a certificate of ours is good for: the organizational unit in its subject.
package enum CertificateRole: String, Sendable {
  case host = "steno host"
  case centre = "steno centre"
}
