import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes
import NIOTLS

/// Gives up a connection, or a stream of one, whose request brings its body too slowly: a byte a minute would hold it,
/// and what it holds here, for ever.
///
/// Headers need none of this: until they are whole a connection is idle, and has its own bound.
final class SlowBodies: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What a body must bring in each window: some 70 bytes a second, of the slowest line.
  private static let byteCountMin = 4096

  private let window: TimeAmount
  private let given: @Sendable () -> Void
  private var timer: Scheduled<Void>?
  private var byteCount = 0
  /// Whether more was asked for and has not come. Where nothing is asked for, it is the centre that is slow.
  private var isWaiting = false

  /// - Parameter given: Told of each request that is given up.
  init(window: TimeAmount, given: @escaping @Sendable () -> Void) {
    self.window = window
    self.given = given
  }

  func read(context: ChannelHandlerContext) {
    isWaiting = true
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isWaiting = false
    switch unwrapInboundIn(data) {
    case .head: begin(context)
    case .body(let part): byteCount += part.readableBytes
    case .end: end()
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  private func begin(_ context: ChannelHandlerContext) {
    end()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: window) {
      let (handler, context) = bound.value
      handler.look(context)
    }
  }

  private func end() {
    timer?.cancel()
    timer = nil
    byteCount = 0
  }

  private func look(_ context: ChannelHandlerContext) {
    guard isWaiting && byteCount < Self.byteCountMin else { return begin(context) }
    given()
    context.close(promise: nil)
  }
}

/// Closes a connection whose TLS hand-shake is not over in time.
final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let patience: TimeAmount
  private let given: @Sendable () -> Void
  private var timer: Scheduled<Void>?

  init(patience: TimeAmount, given: @escaping @Sendable () -> Void) {
    self.patience = patience
    self.given = given
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: patience) {
      let (handler, context) = bound.value
      handler.given()
      context.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    context.fireUserInboundEventTriggered(event)
    guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }
}
