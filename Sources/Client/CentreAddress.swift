/// Where a centre is: `https://HOST:PORT`, or `unix:PATH` on its own machine.
package enum CentreAddress: Equatable, Sendable {
  case network(host: String, port: Int)
  case local(path: String)

  package static let portDefault = 8443

  /// - Returns: nil when `text` is neither. Anything but https is refused: the centre speaks nothing else.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      if path.isEmpty { return nil }
      self = .local(path: path)
      return
    }
    guard text.hasPrefix("https://") else { return nil }
    var rest = text.dropFirst(8)
    if rest.last == "/" { rest = rest.dropLast() }
    guard !rest.isEmpty, !rest.contains("/"), !rest.contains("@") else { return nil }
    let bracket = rest.lastIndex(of: "]")
    guard let colon = rest.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true else {
      self = .network(host: Self.bare(rest), port: Self.portDefault)
      return
    }
    guard let port = Int(rest[rest.index(after: colon)...]), (1...65535).contains(port) else { return nil }
    self = .network(host: Self.bare(rest[..<colon]), port: port)
  }

  private static func bare(_ host: Substring) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
  }
}

/// How a client shows who it is, and whom it trusts.
package struct ClientIdentity: Sendable {
  /// The centre's authority, PEM. nil only towards a local socket.
  package var authorityPEM: String?
  /// A host's certificate and its key, PEM.
  package var certificatePEM: String?
  package var keyPEM: String?
  /// An access token.
  package var token: String?

  package init(
    authorityPEM: String? = nil, certificatePEM: String? = nil, keyPEM: String? = nil, token: String? = nil
  ) {
    self.authorityPEM = authorityPEM
    self.certificatePEM = certificatePEM
    self.keyPEM = keyPEM
    self.token = token
  }
}
