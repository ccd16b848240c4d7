import Events
import SystemCalls

/// A spool file as lines of messages, format 2.4 and 2.3: what a recorder would have written had it had no spool.
///
/// What is torn or damaged comes as a gap message. What has come so far is put into a message when there is no more of
/// the file, so that who follows it sees it at once.
final class SpoolStream: ByteStream {
  /// Two frames: ``SpoolReader`` makes headway with one, and is not kept busy by more.
  private static let windowByteCount = 2 * SpoolFrame.byteCountMax
  /// tlog's own size of a message.
  private static let payloadByteCount = 2048

  private let file: Descriptor
  private let follows: Bool
  private let reader: SpoolReader
  private let header: SpoolHeader
  private var encoder: MessageEncoder
  private var hasBegun = false
  private var milliseconds: UInt64 = 0

  private let window = UnsafeMutableRawBufferPointer.allocate(byteCount: windowByteCount, alignment: 16)
  private var start = 0
  private var end = 0
  private var offset = UInt64(SpoolHeader.byteCount)

  private var lines = ByteBuilder(capacity: 4096)
  private var linesStart = 0
  private var lostByteCount: UInt64 = 0
  private var isTorn = false

  /// - Parameter header: The file's.
  init(_ file: consuming Descriptor, _ header: SpoolHeader, follows: Bool) {
    self.file = file
    self.header = header
    self.follows = follows
    reader = SpoolReader(salt: header.salt)
    encoder = MessageEncoder(
      header: RecordingHeader(
        host: [], recording: header.recording, user: [], terminal: [], session: .max,
        startMilliseconds: header.madeAtMilliseconds), payload: Self.payloadByteCount)
  }

  deinit { window.deallocate() }

  /// The header of the spool file that is open as `file`.
  ///
  /// - Returns: nil when it is no spool file.
  static func header(of file: Int32) throws(ReadError) -> SpoolHeader? {
    var start = [UInt8](repeating: 0, count: SpoolHeader.byteCount)
    let count = start.withUnsafeMutableBytes { bytes in
      // A file that cannot be read is no spool file: what is wrong with it is said when it is read as another.
      guard case .bytes(let count)? = try? readAt(file, 0, into: bytes) else { return 0 }
      return count
    }
    guard count == SpoolHeader.byteCount else { return nil }
    do throws(SpoolHeader.Problem) {
      return try start.withUnsafeBufferPointer { bytes throws(SpoolHeader.Problem) in try SpoolHeader(bytes) }
    } catch {
      switch error {
      case .magic, .short: return nil
      case .version(let version):
        throw ReadError(lines: [bytes("The spool file has unsupported version ") + decimal(UInt64(version))])
      case .damaged:
        throw ReadError(
          lines: [bytes("The spool file's header is damaged")],
          hint: bytes("what its frames are sealed with stands there, so that none can be told from damage"))
      }
    }
  }

  var awaited: Int32? { nil }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Transfer {
    while linesStart == lines.count {
      lines.clear()
      linesStart = 0
      if try !step() && lines.isEmpty { return .end }
    }
    let rest = UnsafeBufferPointer(rebasing: lines.bytes[linesStart...])
    let count = min(rest.count, buffer.count)
    buffer.copyMemory(from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: rest[..<count])))
    linesStart += count
    return .bytes(count)
  }

  // MARK: - Frames

  /// Takes one step through the file.
  ///
  /// - Returns: False when there is no more of it now.
  private func step() throws(ReadError) -> Bool {
    let isEnd = try end - start >= SpoolFrame.byteCountMax ? false : fill()
    let bytes = UnsafeBufferPointer(rebasing: window.bindMemory(to: UInt8.self)[start..<end])
    if bytes.isEmpty {
      settle()
      return false
    }
    switch reader.next(in: bytes, isEnd: isEnd && !follows) {
    case .frame(let frame, let count):
      take(frame)
      start += count
    case .foreign(let count): start += count
    case .damaged(let count):
      lostByteCount += UInt64(count)
      start += count
    case .torn(let count):
      lostByteCount += UInt64(count)
      isTorn = true
      start += count
    case .needMore:
      if !isEnd { return true }
      settle()
      return false
    }
    return true
  }

  /// - Returns: Whether the window holds all that is left of the file now.
  private func fill() throws(ReadError) -> Bool {
    if start > 0 {
      window.copyMemory(from: UnsafeRawBufferPointer(rebasing: window[start..<end]))
      end -= start
      start = 0
    }
    while end < window.count {
      let transfer = try readAt(file.raw, offset, into: UnsafeMutableRawBufferPointer(rebasing: window[end...]))
      guard case .bytes(let count) = transfer else { return true }
      end += count
      offset += UInt64(count)
    }
    return false
  }

  private func take(_ frame: SpoolFrame) {
    let last = milliseconds
    milliseconds = min(max(frame.elapsedNanoseconds / 1_000_000, last), MessageReader.millisecondsMax)
    if case .start(let header, _) = frame.content { begin(header) }
    writeLoss(from: last)
    switch frame.content {
    case .start(_, let facts): write("start") { $0.append(fieldsOf: facts) }
    case .data(let stream, let mark, let data): append(data, stream, mark)
    case .window(let window): while !encoder.append(window, at: milliseconds) { finishMessage() }
    case .clock(let wallMilliseconds):
      finishMessage()
      encoder.setClock(to: wallMilliseconds, at: milliseconds)
    case .gap(let loss): write("gap") { $0.append(fieldsOf: loss) }
    case .end(let end, let transfer):
      while !encoder.cut() || !encoder.move(to: milliseconds) { finishMessage() }
      encoder.writeEnd(at: milliseconds, into: &lines) {
        $0.append(fieldsOf: end)
        guard isObject(transfer) else { return }
        $0.append(",\"transfer\":")
        $0.append(transfer)
      }
    }
  }

  /// What is the same in every message is only known now, unless the frame that says so was lost.
  private func begin(_ header: RecordingHeader) {
    guard !hasBegun, encoder.isEmpty else { return }
    encoder = MessageEncoder(header: header, payload: Self.payloadByteCount)
  }

  private func append(_ data: UnsafeBufferPointer<UInt8>, _ stream: Stream, _ mark: InputMark) {
    hasBegun = true
    var rest = data
    while true {
      let taken = encoder.append(rest, stream, mark: mark, at: milliseconds)
      if taken == rest.count { return }
      finishMessage()
      rest = UnsafeBufferPointer(rebasing: rest[taken...])
    }
  }

  // MARK: - Messages

  /// Writes a message of its own, behind all that came before it.
  private func write(_ kind: StaticString, _ fields: (inout ByteBuilder) -> Void) {
    hasBegun = true
    while !encoder.cut() { finishMessage() }
    finishMessage()
    encoder.write(kind: kind, at: milliseconds, into: &lines, fields: fields)
  }

  private func writeLoss(from last: UInt64) {
    guard lostByteCount > 0 else { return }
    let loss = Loss(
      fromMilliseconds: last, toMilliseconds: milliseconds, byteCount: lostByteCount,
      why: bytes(isTorn ? "torn" : "damaged"))
    lostByteCount = 0
    isTorn = false
    write("gap") { $0.append(fieldsOf: loss) }
  }

  private func finishMessage() {
    if !encoder.isEmpty { encoder.finish(into: &lines) }
  }

  /// There is no more now: what came so far is said.
  private func settle() {
    if !follows {
      writeLoss(from: milliseconds)
      while !encoder.cut() { finishMessage() }
    }
    finishMessage()
  }
}

/// Whether `text` is a JSON object and nothing else: what a recorder says of itself is not passed on unread.
private func isObject(_ text: [UInt8]) -> Bool {
  text.withUnsafeBufferPointer { text in
    var reader = JSONReader(text)
    do throws(JSONError) {
      guard case .object = try reader.value() else { return false }
      try reader.skipContainer()
    } catch {
      return false
    }
    return reader.offset == text.count && !text.contains(0x0a)
  }
}
