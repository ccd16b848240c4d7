/// How a recording began, what it lacks and how it ended, as bytes: the same in a spool frame and in the hand-shake.
///
/// Later versions append; a reader that knows less stops before what it does not know.
extension ByteBuilder {
  mutating func append(_ header: RecordingHeader) {
    append(littleEndian: header.startMilliseconds)
    append(littleEndian: header.session)
    append(text: header.host)
    append(text: header.recording)
    append(text: header.user)
    append(text: header.terminal, limit: RecordingHeader.terminalByteCountMax)
  }

  mutating func append(_ start: SessionStart) {
    append(littleEndian: start.user)
    append(littleEndian: start.loginUser)
    append(text: start.parent)
    append(text: start.terminal)
    append(text: start.command)
    append(text: start.trust)
    append(text: start.terminalGuard)
  }

  mutating func append(_ loss: Loss) {
    append(littleEndian: loss.fromMilliseconds)
    append(littleEndian: loss.toMilliseconds)
    append(littleEndian: loss.byteCount)
    append(text: loss.why)
  }

  mutating func append(_ end: SessionEnd) {
    append(end.why.rawValue)
    switch end.outcome {
    case .unknown: append(littleEndian: UInt16(0))
    case .exit(let code): append(littleEndian: UInt16(1) | UInt16(code) << 8)
    case .signal(let number): append(littleEndian: UInt16(2) | UInt16(number) << 8)
    }
    append(littleEndian: end.inputByteCount)
    append(littleEndian: end.outputByteCount)
  }
}

extension WireCursor {
  /// A time, since the Epoch.
  mutating func wallMilliseconds() throws(WireError) -> UInt64 {
    let milliseconds = try number(UInt64.self)
    guard milliseconds <= wallMillisecondsMax else { throw WireError(.value, at: 0) }
    return milliseconds
  }

  mutating func header() throws(WireError) -> RecordingHeader {
    let startMilliseconds = try wallMilliseconds()
    let session = try number(UInt32.self)
    return RecordingHeader(
      host: try text(), recording: try text(), user: try text(),
      terminal: try text(limit: RecordingHeader.terminalByteCountMax), session: session,
      startMilliseconds: startMilliseconds)
  }

  mutating func start() throws(WireError) -> SessionStart {
    SessionStart(
      user: try number(UInt32.self), loginUser: try number(UInt32.self), parent: try text(), terminal: try text(),
      command: try text(), trust: try text(), terminalGuard: try text())
  }

  mutating func loss() throws(WireError) -> Loss {
    Loss(
      fromMilliseconds: try number(UInt64.self), toMilliseconds: try number(UInt64.self),
      byteCount: try number(UInt64.self), why: try text())
  }

  mutating func end() throws(WireError) -> SessionEnd {
    guard let why = SessionEnd.Why(rawValue: try number(UInt8.self)) else { throw WireError(.value, at: offset &- 1) }
    return SessionEnd(
      outcome: try outcome(), why: why, inputByteCount: try number(UInt64.self),
      outputByteCount: try number(UInt64.self))
  }

  private mutating func outcome() throws(WireError) -> SessionEnd.Outcome {
    let kind = try number(UInt8.self)
    let code = try number(UInt8.self)
    switch kind {
    case 0 where code == 0: return .unknown
    case 1: return .exit(code: code)
    case 2 where code > 0 && code < 128: return .signal(number: code)
    default: throw WireError(.value, at: offset &- 2)
    }
  }
}
