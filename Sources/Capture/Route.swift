import CSys
package import Events
package import SystemCalls

/// One end of a route: a descriptor that is the recorder's own, or one of 0, 1, 2 that the caller gave.
package final class Endpoint {
  package let raw: Int32
  /// Nil for the caller's. One's own never blocks; the caller's may, and is read only when poll(2) said so.
  private var own: Descriptor?
  /// For one's own end of a terminal that is marked: given up first, or the mark would go over to the terminal that gets
  /// the number next.
  package var mark: TerminalLock?
  package private(set) var isOpen = true

  package var neverBlocks: Bool { own != nil }
  package let isSocket: Bool

  /// Takes over a descriptor that does not block.
  package init(_ own: consuming Descriptor) {
    raw = own.raw
    self.own = consume own
    isSocket = false
  }

  /// Borrows 0, 1 or 2.
  package init(standard: Int32) {
    raw = standard
    own = nil
    isSocket = csys_is_socket(standard)
  }

  deinit { mark = nil }

  /// Closes it for good, so that whoever holds the other end learns of it. The number of one of the caller's stays taken;
  /// the caller's terminal stays open, since it is to be restored, and has no end to tell.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    mark = nil
    if own == nil && !csys_is_terminal(raw) { csys_discard_standard(raw) }
    own = nil
  }
}

/// Bytes on their way from one descriptor to another: what has been read and not delivered yet, and nothing more.
///
/// The order is fixed: read, record, deliver. Nothing is read before the last of what was read has been delivered, so a
/// recording holds at most one read more than was shown, and never less. Where the session ends before all is delivered,
/// it holds what was left, too.
package final class Route {
  package let stream: Stream
  package let source: Endpoint
  package let target: Endpoint
  /// Whether the keyboard of the outer terminal is the source, or its screen the target.
  package let isTerminal: Bool
  /// Bytes delivered.
  package private(set) var deliveredByteCount: UInt64 = 0

  private let buffer: UnsafeMutableRawBufferPointer
  private var pending = 0..<0

  /// What a pseudo-terminal gives in one read is less than 4 KiB (N_TTY_BUF_SIZE); a pipe holds 64 KiB.
  private static let terminalByteCount = 4096
  private static let pipeByteCount = 65536
  /// What a pseudo-terminal holds at most between its two ends: 64 KiB (tty_buffer.c) and a buffer of the line discipline.
  private static let heldByTerminalMax = 128 * 1024
  /// What the largest pipe holds that a user may make (pipe(7)).
  private static let heldByPipeMax = 1 << 20
  /// How much of what nobody is to have any more is counted.
  package static let lostByteCountMax = 1 << 20

  package init(_ stream: Stream, from source: Endpoint, to target: Endpoint, isTerminal: Bool) {
    self.stream = stream
    self.source = source
    self.target = target
    self.isTerminal = isTerminal
    let count = isTerminal ? Self.terminalByteCount : Self.pipeByteCount
    buffer = .allocate(byteCount: count, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// How much may still be in the source of what the program wrote before it ended; 0 once a read has found nothing, since
  /// the kernel hands over all that was written before it says so (n_tty_read waits for what is between the two ends).
  package private(set) var owedByteCount = 0

  /// From now on counts ``owedByteCount``, from the most that the source can hold.
  package func owe() { owedByteCount = isTerminal ? Self.heldByTerminalMax : Self.heldByPipeMax }

  /// The source is a terminal that no process has open: there is nothing to read, nor to wait for.
  package var isUnattended = false
  /// The source is a keyboard that is somebody else's for now.
  package var isHeld = false
  /// What the source has given already, to be read first.
  private var ahead: ArraySlice<UInt8> = []
  package var isDelivering: Bool { !pending.isEmpty }
  /// Nothing more will be read.
  package var isClosed: Bool { !source.isOpen || !target.isOpen }

  package enum Progress: Equatable {
    /// Bytes crossed, that many.
    case moved(Int)
    /// The source has nothing, or the target takes nothing, for now.
    case waiting
    case sourceEnded
    case targetEnded
  }

  /// Whether there is something to read that poll(2) knows nothing of.
  package var hasAhead: Bool { !ahead.isEmpty }

  /// Has ``read()`` give `bytes` before anything that the source gives.
  package func putAhead(_ bytes: [UInt8]) { ahead = bytes[...] }

  /// Reads once; what was read is in ``unrecorded`` until ``deliver()``.
  package func read() throws(SystemError) -> Progress {
    if hasAhead { return readAhead() }
    switch try readNow(source.raw, into: buffer) {
    case .bytes(let count):
      pending = 0..<count
      owedByteCount = max(owedByteCount - count, 0)
      return .moved(count)
    case .wouldBlock:
      owedByteCount = 0
      return .waiting
    case .end:
      owedByteCount = 0
      return .sourceEnded
    }
  }

  private func readAhead() -> Progress {
    let part = ahead.prefix(buffer.count)
    buffer.copyBytes(from: part)
    pending = 0..<part.count
    ahead = ahead.dropFirst(part.count)
    return .moved(part.count)
  }

  /// What the last ``read()`` brought.
  package var unrecorded: UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(rebasing: buffer[pending]).assumingMemoryBound(to: UInt8.self)
  }

  /// Delivers to the inner terminal the first bytes, which the outer one has echoed, without a second echo. What it does
  /// not hold remains for ``deliver()``.
  package func deliverEchoed(_ byteCount: Int, _ inner: Int32) throws(SystemError) {
    let count = csys_terminal_put_typed(target.raw, inner, buffer.baseAddress, min(byteCount, pending.count))
    if count < 0 { throw SystemError("tcsetattr") }
    pending = count..<pending.upperBound
    deliveredByteCount += UInt64(count)
  }

  /// Delivers as much as the target takes.
  package func deliver() throws(SystemError) -> Progress {
    var moved = 0
    while !pending.isEmpty {
      switch try writeNow(
        target.raw, UnsafeRawBufferPointer(rebasing: buffer[pending]), isSocket: target.isSocket)
      {
      case .bytes(let count):
        pending = (pending.lowerBound + count)..<pending.upperBound
        deliveredByteCount += UInt64(count)
        moved += count
      case .wouldBlock: return .waiting
      case .end:
        pending = 0..<0
        return .targetEnded
      }
    }
    return .moved(moved)
  }

  /// Drops what could not be delivered.
  package func abandon() { pending = 0..<0 }
}

extension [Route] {
  /// The way of what is typed on the outer terminal.
  var keyboard: Route? { first { $0.isTerminal && $0.stream == .input } }
}
