import API
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
package import Logging
package import NIOCore
import NIOSSL
package import ServiceLifecycle

/// The centre's two listeners: TLS 1.3 for hosts and people, with HTTP/2 for who offers it, and a socket in the data directory for this machine.
package struct CentreServer: Sendable {
  private let routes: Routes
  private let logger: Logger

  package init(routes: Routes, logger: Logger) {
    self.routes = routes
    self.logger = logger
  }

  /// The listener of the network. Client certificates are asked for and not required: routes look at them.
  ///
  /// - Parameters:
  ///   - identity: What the centre shows; asked at each hand-shake.
  ///   - listening: Called with the port once connections are taken.
  package func network(
    host: String, port: Int, authorityPEM: String, identity: ServerIdentity,
    bounds: ConnectionBounds = ConnectionBounds(), listening: @escaping @Sendable (Int) -> Void
  ) throws -> some Service {
    let first = identity.current
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: first.chain, privateKey: first.key)
    configuration.sslContextCallback = { _, promise in
      var change = NIOSSLContextConfigurationOverride()
      let current = identity.current
      change.certificateChain = current.chain
      change.privateKey = current.key
      promise.succeed(change)
    }
    configuration.minimumTLSVersion = .tlsv13
    // Whoever closes without a word of TLS holds a centre that stops for so long.
    configuration.shutdownTimeout = .seconds(1)
    configuration.certificateVerification = .optionalVerification
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes([UInt8](authorityPEM.utf8)))
    let tls = configuration
    let counts = AddressCounts(max: bounds.perAddress)
    let metrics = routes.metrics
    let slow = TimeAmount.seconds(Int64(bounds.slowSeconds))
    let http = HTTP1Channel.Configuration(
      additionalChannelHandlers: [SlowBodies(window: slow) { metrics.count(refusal: "slow") }],
      idleTimeout: Self.idleTimeout)
    // For the connection and each of its streams. A centre that stops does not wait for those who never end.
    let http2 = HTTP2Channel.Configuration(
      idleTimeout: .seconds(300), gracefulCloseTimeout: .seconds(1), streamConfiguration: http)
    return Application(
      router: routes.router,
      server: HTTPServerBuilder { responder in
        BoundedChannel(
          base: try HTTP2UpgradeChannel(tlsConfiguration: tls, configuration: http2, responder: responder),
          counts: counts, handshakePatience: slow,
          refused: { isSlow in metrics.count(refusal: isSlow ? "slow" : "connections") })
      },
      configuration: .init(
        address: .hostname(host, port: port), serverName: nil,
        availableConnectionsDelegate: MaximumAvailableConnections(bounds.total)),
      onServerRunning: { listening($0.localAddress?.port ?? port) }, logger: logger)
  }

  /// The listener of this machine, for root and the group `steno`.
  ///
  /// Call it with a umask that lets nobody else in: the socket is there before it has its group and its mode.
  ///
  /// - Parameters:
  ///   - listening: Called once connections are taken.
  package func local(path: String, listening: @escaping @Sendable () -> Void) -> some Service {
    Application(
      router: routes.router, server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
      configuration: .init(address: .unixDomainSocket(path: path), serverName: nil),
      onServerRunning: { [logger] _ in
        if let group = LocalPeer.group, chown(path, uid_t.max, group) == 0 {
          chmod(path, 0o660)
        } else {
          logger.info("the socket is for root and this user only: it cannot be given to a group steno")
        }
        listening()
      }, logger: logger)
  }

  /// A connection that says nothing for so long is closed: thousands of them must not be held open by nobody.
  private static let idleTimeout = TimeAmount.seconds(300)
}

extension IOError: DescribedError {
  /// Mostly that an address is taken, or not this machine's.
  package var sentence: String { meaning(ofErrno: errnoCode) }
}

extension SocketAddressError: DescribedError {
  package var sentence: String {
    switch self {
    case .unknown(let host, _): "no address of \(host) is known"
    case .unixDomainSocketPathTooLong: "the path of the socket is too long"
    default: "it is no address to listen at"
    }
  }
}
