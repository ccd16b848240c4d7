/// What a host says to become known: `POST /v1/enrol`.
package struct EnrolmentRequest: Codable, Sendable {
  /// The join token, as printed.
  package var token: String
  package var host: String
  /// PKCS #10 in PEM, for the host's P-256 key. Its subject is not looked at.
  package var csr: String
  /// Ed25519 public key with which the host signs its ledger: 32 bytes, base64.
  package var ledgerKey: String

  private enum CodingKeys: String, CodingKey {
    case token, host, csr
    case ledgerKey = "ledger_key"
  }

  package init(token: String, host: String, csr: String, ledgerKey: String) {
    self.token = token
    self.host = host
    self.csr = csr
    self.ledgerKey = ledgerKey
  }
}

/// A host whose key is known asks for its next certificate: `POST /v1/renew`.
package struct RenewalRequest: Codable, Sendable {
  package var csr: String

  package init(csr: String) { self.csr = csr }
}

/// The certificate, in PEM.
package struct CertificateAnswer: Codable, Sendable {
  package var certificate: String

  package init(certificate: String) { self.certificate = certificate }
}
