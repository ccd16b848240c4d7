import Access
import HTTPTypes
import Hummingbird
import NIOCore

/// Why a body breaks off: whoever asked no longer has the rights that they had then.
struct RightsChanged: Error {}

extension Routes {
  /// The body, which breaks off when the rights of whoever asked change while it is sent (THREATS 21).
  ///
  /// - Parameters:
  ///   - isUse: Whether it keeps a session from ending for want of use.
  ///   - farewell: What is sent last when it breaks off.
  func watched(_ body: ResponseBody, _ ask: Ask, isUse: Bool, farewell: ByteBuffer? = nil) -> ResponseBody {
    ResponseBody { writer in
      try await body.write(
        WatchedWriter(
          base: writer, interval: streamInterval, farewell: farewell,
          mayGoOn: { try await stillMay(ask, isUse: isUse) }))
    }
  }

  /// Whether the one who asked has the rights that they had then.
  private func stillMay(_ ask: Ask, isUse: Bool) async throws -> Bool {
    guard let asked = ask.person else { return true }
    guard let now = try await person(ask.request, ask.context, isUse: isUse) else { return false }
    return now.role == asked.role && now.scope == asked.scope
  }
}

/// Looks again who asked before it passes on what comes a mebibyte or half an interval after the last look. A stream
/// that has nothing to say for an interval writes something, or nothing, so that it is looked at.
private struct WatchedWriter: ResponseBodyWriter {
  private static let byteCountMax = 1 << 20

  var base: any ResponseBodyWriter
  let interval: Duration
  let farewell: ByteBuffer?
  let mayGoOn: @Sendable () async throws -> Bool
  private var byteCount = 0
  private var looked = ContinuousClock.now

  init(
    base: any ResponseBodyWriter, interval: Duration, farewell: ByteBuffer?,
    mayGoOn: @escaping @Sendable () async throws -> Bool
  ) {
    self.base = base
    self.interval = interval
    self.farewell = farewell
    self.mayGoOn = mayGoOn
  }

  mutating func write(_ buffer: ByteBuffer) async throws {
    byteCount += buffer.readableBytes
    if byteCount >= Self.byteCountMax || ContinuousClock.now - looked >= interval / 2 {
      (byteCount, looked) = (0, .now)
      guard try await mayGoOn() else {
        if let farewell { try await base.write(farewell) }
        throw RightsChanged()
      }
    }
    // Without bytes it would be the end of a chunked body (RFC 9112, 7.1).
    if buffer.readableBytes > 0 { try await base.write(buffer) }
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await base.finish(trailingHeaders) }
}
