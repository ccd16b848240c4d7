import Shipping

// For frames that no spool file held.
@testable package import Events

/// What crossed a recorder, and the messages that may come of it: the same events, cut in the ways that recorders and agents
/// cut. Whoever reads them is to come to the same, whichever way it was.
package struct CutStream {
  package enum Event {
    case output([UInt8])
    case input([UInt8])
    case window(Window)
  }

  package enum Cut: Equatable, Sendable, CustomStringConvertible {
    /// As few messages as may be.
    case whole
    /// A message for each so many bytes, in the middle of characters too.
    case bytes(Int)
    /// As an agent does that is started anew on the way.
    case agent

    package static let all: [Cut] = [.whole, .bytes(1), .bytes(7), .bytes(2048), .agent]

    package var description: String {
      switch self {
      case .whole: "whole"
      case .bytes(let count): "in messages of \(count) bytes"
      case .agent: "by the agent"
      }
    }
  }

  package var host = "h1"
  package var recording = "r-1"
  package var events: [(milliseconds: UInt64, event: Event)]

  package init(_ events: [(milliseconds: UInt64, event: Event)] = []) { self.events = events }

  /// The messages, each with its LF. All restate the window, as all recorders write them.
  ///
  /// - Parameter isEnded: Whether an `end` closes them.
  package func lines(_ cut: Cut, isEnded: Bool = false) -> [[UInt8]] {
    var cutting = Cutting(header)
    for (place, (milliseconds, event)) in events.enumerated() {
      if cut == .agent {
        cutting.pause(at: milliseconds)
        if place == events.count / 2 { cutting.restart() }
      }
      switch event {
      case .window(let window): cutting.take(.window(window), milliseconds, byteCount: 4)
      case .output(let bytes): cutting.take(bytes, .output, milliseconds, cut)
      case .input(let bytes): cutting.take(bytes, .input, milliseconds, cut)
      }
    }
    if isEnded {
      let end = SessionEnd(outcome: .exit(code: 0), why: .exit, inputByteCount: 0, outputByteCount: 0)
      cutting.take(.end(end, transfer: []), events.last?.milliseconds ?? 0, byteCount: 23)
    }
    return cutting.finished()
  }

  private var header: RecordingHeader {
    RecordingHeader(
      host: Array(host.utf8), recording: Array(recording.utf8), user: Array("ada".utf8), terminal: Array("xterm".utf8),
      session: 1, startMilliseconds: 1_700_000_000_000)
  }
}

private struct Cutting: ~Copyable {
  /// What an agent waits before it makes a message of what there is.
  private static let pauseMilliseconds: UInt64 = 50

  private let header: RecordingHeader
  private var cutter: Cutter
  private var messages: [Cutter.Message] = []
  private var offset = UInt64(SpoolHeader.byteCount)
  private var window: Window?
  private var begun: UInt64?

  init(_ header: RecordingHeader) {
    self.header = header
    cutter = Cutter(header: header, offset: offset, window: nil)
  }

  mutating func take(_ content: SpoolFrame.Content, _ milliseconds: UInt64, byteCount: Int) {
    if case .window(let window) = content { self.window = window }
    begun = begun ?? milliseconds
    offset += UInt64(SpoolFrame.headerByteCount + byteCount)
    cutter.take(
      SpoolFrame(elapsedNanoseconds: milliseconds * 1_000_000, content: content), start: nil, endingAt: offset,
      into: &messages)
  }

  mutating func take(_ bytes: [UInt8], _ stream: Events.Stream, _ milliseconds: UInt64, _ cut: CutStream.Cut) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = if case .bytes(let count) = cut { min(count, rest.count) } else { rest.count }
      Array(rest.prefix(count)).withUnsafeBufferPointer { bytes in
        take(.data(stream, .none, bytes), milliseconds, byteCount: count)
      }
      if case .bytes = cut { cutter.finish(into: &messages) }
      rest = rest.dropFirst(count)
    }
  }

  mutating func pause(at milliseconds: UInt64) {
    guard let begun, milliseconds > begun + Self.pauseMilliseconds else { return }
    self.begun = nil
    cutter.finish(into: &messages)
  }

  /// Another agent goes on, which knows the last message and the window.
  mutating func restart() {
    cutter.finish(into: &messages)
    guard let last = messages.last, last.isClean else { return }
    cutter = Cutter(header: header, offset: last.head.offset, window: window)
    cutter.goOn(behind: last.head)
  }

  consuming func finished() -> [[UInt8]] {
    cutter.finish(into: &messages)
    return messages.map(\.line)
  }
}
