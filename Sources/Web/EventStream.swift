import API
import Access
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// A stream of server-sent events (WHATWG HTML, 9.2): written while something rings, with a word now and then so that a
/// broken connection is noticed, and ended when the centre stops.
final class EventStream {
  static let contentType = "text/event-stream"

  private let interval: Duration
  private var writer: any ResponseBodyWriter
  private let bells: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation

  init(each interval: Duration, _ writer: any ResponseBodyWriter) {
    self.interval = interval
    self.writer = writer
    (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// For whoever has something to tell.
  nonisolated var ring: @Sendable () -> Void { { [bell] in bell.yield() } }

  func write(event: String, id: String? = nil, data: [UInt8]) async throws {
    try await writer.write(Self.encoded(event: event, id: id, data: data))
  }

  private static func encoded(event: String, id: String? = nil, data: [UInt8]) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeString("event: \(event)\n")
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("data: ")
    buffer.writeBytes(data)
    buffer.writeString("\n\n")
    return buffer
  }

  /// Says that the viewer's rights have changed: whoever still has some comes again.
  static var rightsChanged: ByteBuffer? {
    let problem = Problem(error: "no-token", why: "the session has ended, or its rights have changed")
    return (try? Web.encoded(problem)).map { encoded(event: "problem", data: $0) }
  }

  /// Calls `body` now, and each time that it rings.
  ///
  /// - Parameter body: Returns false to end the stream.
  func eachBell(_ body: () async throws -> Bool) async throws {
    try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
    var saidAt = ContinuousClock.now
    let clock = Task { [bell, interval] in
      while !Task.isCancelled {
        // Cancelled: the loop ends.
        try? await Task.sleep(for: interval)
        bell.yield()
      }
    }
    defer { clock.cancel() }
    bell.yield()
    try await withGracefulShutdownHandler {
      for await _ in bells {
        if ContinuousClock.now - saidAt >= interval {
          saidAt = .now
          try await writer.write(ByteBuffer(string: ":\n\n"))
        }
        guard try await body() else { return }
      }
    } onGracefulShutdown: { [bell] in
      bell.finish()
    }
  }

  func finish() async throws { try await writer.finish(nil) }
}

extension Routes {
  /// An answer that is a stream of events.
  func stream(_ body: @escaping @Sendable (EventStream) async throws -> Void) -> Response {
    let answer = ResponseBody { writer in
      let stream = EventStream(each: streamInterval, writer)
      do {
        try await body(stream)
      } catch is RightsChanged {
        // Its farewell has been sent, and is to arrive.
      }
      try await stream.finish()
    }
    return Response(
      status: .ok, headers: [.contentType: EventStream.contentType, .cacheControl: "no-store"], body: answer)
  }
}
