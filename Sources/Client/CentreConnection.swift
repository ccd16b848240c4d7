import API
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A piece of an answer.
enum AnswerPart: Sendable {
  case head(HTTPResponseHead)
  case body([UInt8])
  case end
}

/// An answer with its whole body.
struct WholeAnswer: Sendable {
  var status = 0
  var retryAfter: Int?
  /// The centre closes the connection after it.
  var isLast = false
  var body: [UInt8] = []
}

/// One HTTP/1.1 connection, over TLS 1.3 to a network address, plain to a local socket.
///
/// A task of its own reads and writes it; requests are handed to that task and done one after the other.
final class CentreConnection: Sendable {
  private typealias Wire = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

  private struct Request: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    let take: @Sendable (AnswerPart) async throws -> Void
    let done: CheckedContinuation<Void, any Error>
  }

  private let channel: any Channel
  private let requests: AsyncStream<Request>.Continuation

  private init(_ wire: Wire, _ trouble: FirstError) {
    channel = wire.channel
    let (stream, requests) = AsyncStream.makeStream(of: Request.self)
    self.requests = requests
    Task { await Self.run(wire, trouble, stream) }
  }

  var isOpen: Bool { channel.isActive }

  /// What is under way fails.
  func close() async {
    requests.finish()
    // It may be closed already, which is as good.
    try? await channel.close()
  }

  static func open(
    _ address: CentreAddress, _ identity: ClientIdentity, timeout: Duration
  ) async throws -> CentreConnection {
    let tls = try address.isNetwork ? tlsContext(identity) : nil
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.nanoseconds(timeout.components.seconds * 1_000_000_000))
    let trouble = FirstError()
    let setUp: @Sendable (any Channel) -> EventLoopFuture<Wire> = { channel in
      channel.eventLoop.makeCompletedFuture {
        if let tls {
          let handler = try NIOSSLClientHandler(context: tls, serverHostname: address.serverName)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
        try channel.pipeline.syncOperations.addHandler(trouble)
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        return try Wire(wrappingChannelSynchronously: channel)
      }
    }
    switch address {
    case .network(let host, let port):
      return CentreConnection(try await bootstrap.connect(host: host, port: port, channelInitializer: setUp), trouble)
    case .local(let path):
      return CentreConnection(
        try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: setUp), trouble)
    }
  }

  private static func run(_ wire: Wire, _ trouble: FirstError, _ requests: AsyncStream<Request>) async {
    var under: Request?
    do {
      try await wire.executeThenClose { inbound, outbound in
        var parts = inbound.makeAsyncIterator()
        for await request in requests {
          under = request
          try await outbound.write(.head(request.head))
          if !request.body.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: request.body)))) }
          try await outbound.write(.end(nil))
          try await readAnswer(from: &parts, request)
          under = nil
          request.done.resume()
        }
      }
    } catch {
      under?.done.resume(throwing: trouble.value ?? error)
      under = nil
    }
    for await request in requests {
      request.done.resume(throwing: trouble.value ?? ClientError.unreachable("the connection is closed"))
    }
  }

  private static func readAnswer(
    from parts: inout NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator, _ request: Request
  ) async throws {
    while let part = try await parts.next() {
      switch part {
      case .head(let head): try await request.take(.head(head))
      case .body(let buffer): try await request.take(.body([UInt8](buffer.readableBytesView)))
      case .end:
        try await request.take(.end)
        return
      }
    }
    throw ClientError.unreachable("the connection ended before the answer did")
  }

  private static func tlsContext(_ identity: ClientIdentity) throws(ClientError) -> NIOSSLContext {
    do {
      return try NIOSSLContext(configuration: tlsConfiguration(identity))
    } catch {
      throw .local("what is given as authority, certificate or key is none")
    }
  }

  private static func tlsConfiguration(_ identity: ClientIdentity) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    configuration.certificateVerification = .fullVerification
    if let authority = identity.authorityPEM {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes([UInt8](authority.utf8)))
    }
    if let certificate = identity.certificatePEM, let key = identity.keyPEM {
      configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes([UInt8](certificate.utf8))
        .map { .certificate($0) }
      configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: [UInt8](key.utf8), format: .pem))
    }
    return configuration
  }

  /// Sends a request, and hands out the answer piece by piece. What is taken slowly is read slowly.
  func exchange(
    _ head: HTTPRequestHead, body: [UInt8], _ take: @escaping @Sendable (AnswerPart) async throws -> Void
  ) async throws {
    try await withCheckedThrowingContinuation { done in
      let request = Request(head: head, body: body, take: take, done: done)
      if case .terminated = requests.yield(request) {
        done.resume(throwing: ClientError.unreachable("the connection is closed"))
      }
    }
  }

  /// Sends a request and collects the answer.
  func whole(_ head: HTTPRequestHead, body: [UInt8]) async throws -> WholeAnswer {
    let collector = Collector()
    try await exchange(head, body: body) { try await collector.take($0) }
    return await collector.answer
  }
}

/// What went wrong with a connection first. Whoever writes after that hears only that it is closed.
private final class FirstError: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let error = Mutex<(any Error)?>(nil)
  var value: (any Error)? { error.withLock { $0 } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.error.withLock { $0 = $0 ?? error }
    context.fireErrorCaught(error)
  }
}

private actor Collector {
  var answer = WholeAnswer()

  func take(_ part: AnswerPart) throws {
    switch part {
    case .head(let head):
      answer.status = Int(head.status.code)
      answer.retryAfter = head.headers.first(name: "retry-after").flatMap { Int($0) }
      answer.isLast = head.headers[canonicalForm: "connection"].contains("close")
    case .body(let bytes):
      guard bytes.count <= CentreClient.answerByteCountMax - answer.body.count else {
        throw ClientError.answer("the answer is too long")
      }
      answer.body += bytes
    case .end: break
    }
  }
}

extension CentreAddress {
  fileprivate var isNetwork: Bool {
    if case .network = self { true } else { false }
  }

  /// The name that the certificate must have; nil for an address, which is then looked for among its addresses.
  fileprivate var serverName: String? {
    guard case .network(let host, _) = self else { return nil }
    return (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
  }
}

/// Why there is no connection, or it broke, in words; what a library says of it otherwise.
func reason(of error: any Error) -> String {
  switch error {
  case let error as NIOConnectionError:
    // One for each address that was tried; or none, and the name was not found.
    error.connectionErrors.first.map { reason(of: $0.error) } ?? "no address of \(error.host) is known"
  case let error as IOError: meaning(ofErrno: error.errnoCode)
  case NIOSSLError.handshakeFailed(let reason) where "\(reason)".contains("CERTIFICATE_VERIFY_FAILED"):
    "its certificate is not of the authority that it is to have, or not good now by the clock here"
  case let error as NIOSSLExtraError where error == .failedToValidateHostname:
    "its certificate is for other names than the one it was asked by"
  case is NIOSSLError: "it does not speak TLS as a centre does"
  case ChannelError.connectTimeout: "nobody answers there"
  case is ChannelError: "the connection is closed"
  default: sentence(of: error)
  }
}
