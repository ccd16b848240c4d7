/// An event as bytes of a spool file: what the recorder appends before it shows, and the agent reads.
///
///      0  4  magic F5 53 46 C1; F5 and C1 occur in no UTF-8, so looking for it behind damage is quick
///      4  2  bytes of payload, 0…65516
///      6  1  kind
///      7  1  mark of input, else 0
///      8  8  nanoseconds since the start of the recording
///     16  4  CRC-32C of bytes 0 to 15 and of the payload, started at the file's salt
///     20     payload
///
/// Numbers are little-endian. A frame is written by one append(2); a torn one is the last in its file unless something
/// is damaged (THREATS 12). The salt is why frames that a person has on their screen, and so in a payload, are not taken
/// for frames of the file by a reader that looks for the next one.
package struct SpoolFrame {
  package static let byteCountMax = 65_536
  package static let headerByteCount = 20
  package static let payloadByteCountMax = byteCountMax - headerByteCount
  static let magic: UInt32 = 0xc146_53f5

  /// Raw values of data are those of ``Stream``.
  enum Kind: UInt8 {
    case output = 1
    case errorOutput = 2
    case input = 3
    case start = 4
    case window = 5
    case gap = 6
    case end = 7
    case clock = 8
  }

  package enum Content {
    /// Bytes that crossed the recorder; they lie in what was read. Never empty.
    case data(Stream, InputMark, UnsafeBufferPointer<UInt8>)
    case start(RecordingHeader, SessionStart)
    case window(Window)
    case gap(Loss)
    /// With the JSON object that says what a transfer carried, or nothing. It is the recorder's word: who passes it on
    /// reads it as JSON first.
    case end(SessionEnd, transfer: [UInt8])
    /// The host's clock was set, and shows that now: milliseconds since the Epoch.
    case clock(wallMilliseconds: UInt64)
  }

  package let elapsedNanoseconds: UInt64
  package let content: Content
}

/// Writes the frames of one spool file. Nothing is allocated for an event once the builder has its room.
package struct SpoolEncoder: Sendable {
  private let salt: UInt32

  /// - Parameter salt: The file's, ``SpoolHeader/salt``.
  package init(salt: UInt32) { self.salt = salt }

  /// Appends the frames for `bytes`: one, or as many as it takes.
  ///
  /// - Parameter mark: What is known about input; `.none` for output.
  package func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stream: Stream, mark: InputMark = .none, at nanoseconds: UInt64,
    to frames: inout ByteBuilder
  ) {
    var rest = bytes
    while !rest.isEmpty {
      let count = min(rest.count, SpoolFrame.payloadByteCountMax)
      let start = begin(stream.rawValue, mark, nanoseconds, &frames)
      frames.append(UnsafeBufferPointer(rebasing: rest[..<count]))
      finish(start, &frames)
      rest = UnsafeBufferPointer(rebasing: rest[count...])
    }
  }

  package func append(_ window: Window, at nanoseconds: UInt64, to frames: inout ByteBuilder) {
    let start = begin(SpoolFrame.Kind.window.rawValue, .none, nanoseconds, &frames)
    frames.append(littleEndian: window.columns)
    frames.append(littleEndian: window.rows)
    finish(start, &frames)
  }

  package func append(
    _ header: RecordingHeader, _ facts: SessionStart, at nanoseconds: UInt64, to frames: inout ByteBuilder
  ) {
    let start = begin(SpoolFrame.Kind.start.rawValue, .none, nanoseconds, &frames)
    frames.append(header)
    frames.append(facts)
    finish(start, &frames)
  }

  package func append(_ loss: Loss, at nanoseconds: UInt64, to frames: inout ByteBuilder) {
    let start = begin(SpoolFrame.Kind.gap.rawValue, .none, nanoseconds, &frames)
    frames.append(loss)
    finish(start, &frames)
  }

  package func append(clock wallMilliseconds: UInt64, at nanoseconds: UInt64, to frames: inout ByteBuilder) {
    let start = begin(SpoolFrame.Kind.clock.rawValue, .none, nanoseconds, &frames)
    frames.append(littleEndian: wallMilliseconds)
    finish(start, &frames)
  }

  /// - Parameter transfer: A JSON object of at most ``RecordingHeader/fieldByteCountMax`` bytes, or nothing. A longer one
  ///   is left out: half of it would be no JSON.
  package func append(
    _ end: SessionEnd, transfer: [UInt8] = [], at nanoseconds: UInt64, to frames: inout ByteBuilder
  ) {
    let start = begin(SpoolFrame.Kind.end.rawValue, .none, nanoseconds, &frames)
    frames.append(end)
    frames.append(text: transfer.count > RecordingHeader.fieldByteCountMax ? [] : transfer)
    finish(start, &frames)
  }

  /// Appends a header whose length and sum are still to come.
  ///
  /// - Returns: Where the frame starts.
  private func begin(_ kind: UInt8, _ mark: InputMark, _ nanoseconds: UInt64, _ frames: inout ByteBuilder) -> Int {
    let start = frames.count
    frames.append(littleEndian: SpoolFrame.magic)
    frames.append(littleEndian: UInt16(0))
    frames.append(kind)
    frames.append(mark.rawValue)
    frames.append(littleEndian: nanoseconds)
    frames.append(littleEndian: UInt32(0))
    return start
  }

  private func finish(_ start: Int, _ frames: inout ByteBuilder) {
    let payload = frames.count - start - SpoolFrame.headerByteCount
    precondition(payload <= SpoolFrame.payloadByteCountMax, "a frame's payload is too long")
    frames.replace(at: start + 4, littleEndian: UInt16(truncatingIfNeeded: payload))
    let frame = UnsafeBufferPointer(rebasing: frames.bytes[start...])
    frames.replace(at: start + 16, littleEndian: spoolFrameSum(frame, salt: salt))
  }
}

/// The sum that belongs into `frame`, which is whole.
func spoolFrameSum(_ frame: UnsafeBufferPointer<UInt8>, salt: UInt32) -> UInt32 {
  var sum = CRC32C(seed: salt)
  sum.update(UnsafeBufferPointer(rebasing: frame[..<16]))
  sum.update(UnsafeBufferPointer(rebasing: frame[SpoolFrame.headerByteCount...]))
  return sum.value
}
