import Hummingbird
import Identity
import Logging
import NIOCore
import NIOSSL

/// What a route knows about a request beside its words: over which channel it came.
struct CentreContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// Requests that are decoded are small; a batch has its own bound.
  var maxUploadSize: Int { 64 * 1024 }

  /// The host for which the sender's certificate speaks, and which our authority signed; nil without one.
  var hostCertificate: HostCertificate? {
    get async {
      guard let certificate = await peerCertificate(of: channel), let der = try? certificate.toDERBytes() else {
        return nil
      }
      return HostCertificate(der: der)
    }
  }

  /// A stream of HTTP/2 is a channel of its own, on the connection that has the TLS.
  private func peerCertificate(of channel: any Channel) async -> NIOSSLCertificate? {
    // Fails where there is no TLS, as on the local socket: then there is no certificate.
    if let certificate = try? await channel.nioSSL_peerCertificate().get() { return certificate }
    return try? await channel.parent?.nioSSL_peerCertificate().get()
  }

  /// Where the request came from: an IP address, or nothing for the local socket.
  var address: String { channel.remoteAddress?.ipAddress ?? "" }

  /// Whether the request came over the socket in the data directory, and from somebody who needs no token there.
  var isLocal: Bool {
    get async {
      guard case .unixDomainSocket? = channel.localAddress else { return false }
      return await LocalPeer.isAdmitted(channel)
    }
  }
}
