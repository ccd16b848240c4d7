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
      // Fails on the local socket, which has no TLS: then there is no certificate.
      guard let certificate = try? await channel.nioSSL_peerCertificate().get(),
        let der = try? certificate.toDERBytes()
      else { return nil }
      return HostCertificate(der: der)
    }
  }

  /// Where the request came from: an IP address, or nothing for the local socket.
  var address: String { channel.remoteAddress?.ipAddress ?? "" }

  /// Whether the request came over the socket in the data directory, to which the file system lets only its owner.
  var isLocal: Bool {
    if case .unixDomainSocket? = channel.localAddress { true } else { false }
  }
}
