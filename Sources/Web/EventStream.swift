import API
import Access
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// A stream of server-sent events (WHATWG HTML, 9.2): written while something rings, with a word now and then so that a
/// broken connection is noticed, and ended when whoever reads may no more, or the centre stops.
final class EventStream {
  private let routes: Routes
  private let ask: Ask
  private var writer: any ResponseBodyWriter
  private let bells: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation

  init(_ routes: Routes, _ ask: Ask, _ writer: any ResponseBodyWriter) {
    self.routes = routes
    self.ask = ask
    self.writer = writer
    (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// For whoever has something to tell.
  nonisolated var ring: @Sendable () -> Void { { [bell] in bell.yield() } }

  func write(event: String, id: String? = nil, data: [UInt8]) async throws {
    var buffer = ByteBuffer()
    buffer.writeString("event: \(event)\n")
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("data: ")
    buffer.writeBytes(data)
    buffer.writeString("\n\n")
    try await writer.write(buffer)
  }

  /// Calls `body` now, and each time that it rings, while the one who asked still may.
  ///
  /// - Parameters:
  ///   - isUse: Whether the stream keeps a session from ending for want of use.
  ///   - body: Returns false to end the stream.
  func eachBell(isUse: Bool, _ body: () async throws -> Bool) async throws {
    try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
    var looked = ContinuousClock.now
    let clock = Task { [bell, interval = routes.streamInterval] in
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
        if ContinuousClock.now - looked >= routes.streamInterval {
          looked = .now
          guard try await routes.stillMay(ask, isUse: isUse) else { return try await refuse() }
          try await writer.write(ByteBuffer(string: ":\n\n"))
        }
        guard try await body() else { return }
      }
    } onGracefulShutdown: { [bell] in
      bell.finish()
    }
  }

  /// Says that the viewer's rights have changed: whoever still has some comes again.
  private func refuse() async throws {
    let problem = Problem(error: "no-token", why: "the session has ended, or its rights have changed")
    try await write(event: "problem", data: try encoded(problem))
  }

  func finish() async throws { try await writer.finish(nil) }
}

extension Routes {
  /// An answer that is a stream of events.
  func stream(_ ask: Ask, _ body: @escaping @Sendable (EventStream) async throws -> Void) -> Response {
    let answer = ResponseBody { writer in
      let stream = EventStream(self, ask, writer)
      try await body(stream)
      try await stream.finish()
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: answer)
  }
}
