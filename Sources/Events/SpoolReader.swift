/// Reads the frames of one spool file out of whatever part of it is in memory.
///
/// A file may end in a torn frame, and may be damaged anywhere; both are said, with their size, and reading goes on at the
/// next frame whose sum is right. Nothing is remembered between calls but the salt: the caller keeps the offset.
package struct SpoolReader: Sendable {
  private let salt: UInt32

  /// - Parameter salt: The file's, ``SpoolHeader/salt``.
  package init(salt: UInt32) { self.salt = salt }

  package enum Step {
    case frame(SpoolFrame, byteCount: Int)
    /// A whole frame that means nothing here: of a kind that a later version added, or written by something that lies.
    case foreign(byteCount: Int)
    /// What is there may become a frame when more of the file is.
    case needMore
    /// The file ends inside its last frame, which was never shown.
    case torn(byteCount: Int)
    /// That many bytes are no frames: a hole. What comes after them is another step, which may be a hole again.
    case damaged(byteCount: Int)
  }

  /// How much is summed in one step to find where damage ends: a file of nothing but magics keeps nobody busy for long.
  private static let searchByteCountMax = 16 * SpoolFrame.byteCountMax

  private enum Look {
    case whole(byteCount: Int)
    case incomplete
    /// It begins as a frame of that many bytes does, and its sum is wrong.
    case wrong(byteCount: Int)
    case none
  }

  /// What `bytes` begin with. Every step but `.needMore` takes at least one byte.
  ///
  /// Looking past damage costs one sum for each magic in `bytes`, up to a bound; 64 KiB of `bytes` suffice to make headway.
  ///
  /// - Parameter isEnd: Whether the file will never have more than `bytes`; then no step is `.needMore`.
  package func next(in bytes: UnsafeBufferPointer<UInt8>, isEnd: Bool) -> Step {
    if bytes.isEmpty { return isEnd ? .torn(byteCount: 0) : .needMore }
    let first = look(in: bytes)
    switch first {
    case .whole(let count): return decode(UnsafeBufferPointer(rebasing: bytes[..<count]))
    case .incomplete where !isEnd: return .needMore
    case .incomplete, .wrong, .none: break
    }
    var incomplete: Int?
    var searched = 0
    for place in 1..<max(bytes.count, 1) where bytes[place] == UInt8(truncatingIfNeeded: SpoolFrame.magic) {
      switch look(in: UnsafeBufferPointer(rebasing: bytes[place...])) {
      case .whole: return .damaged(byteCount: place)
      case .incomplete: incomplete = incomplete ?? place
      case .wrong(let count):
        searched += count
        if searched > Self.searchByteCountMax { return .damaged(byteCount: incomplete ?? place) }
      case .none: continue
      }
    }
    if case .incomplete = first { return .torn(byteCount: bytes.count) }
    return .damaged(byteCount: incomplete ?? bytes.count)
  }

  /// Whether `bytes`, which are not empty, begin with a frame whose sum is right, or with what may become one.
  private func look(in bytes: UnsafeBufferPointer<UInt8>) -> Look {
    for place in 0..<min(bytes.count, 4)
    where bytes[place] != UInt8(truncatingIfNeeded: SpoolFrame.magic >> UInt32(truncatingIfNeeded: place &* 8)) {
      return .none
    }
    guard bytes.count >= SpoolFrame.headerByteCount else { return .incomplete }
    let count = SpoolFrame.headerByteCount &+ Int(bytes[4]) &+ Int(bytes[5]) << 8
    guard count <= SpoolFrame.byteCountMax else { return .none }
    guard bytes.count >= count else { return .incomplete }
    let frame = UnsafeBufferPointer(rebasing: bytes[..<count])
    return spoolFrameSum(frame, salt: salt) == sum(of: frame) ? .whole(byteCount: count) : .wrong(byteCount: count)
  }

  private func sum(of frame: UnsafeBufferPointer<UInt8>) -> UInt32 {
    UInt32(frame[16]) | UInt32(frame[17]) << 8 | UInt32(frame[18]) << 16 | UInt32(frame[19]) << 24
  }

  /// - Parameter frame: Whole, its sum right.
  private func decode(_ frame: UnsafeBufferPointer<UInt8>) -> Step {
    do throws(WireError) {
      var header = WireCursor(UnsafeBufferPointer(rebasing: frame[8..<16]))
      let nanoseconds = try header.number(UInt64.self)
      let payload = UnsafeBufferPointer(rebasing: frame[SpoolFrame.headerByteCount...])
      guard nanoseconds / 1_000_000 <= MessageReader.millisecondsMax, let mark = InputMark(rawValue: frame[7]),
        let content = try content(frame[6], mark, payload)
      else {
        return .foreign(byteCount: frame.count)
      }
      return .frame(SpoolFrame(elapsedNanoseconds: nanoseconds, content: content), byteCount: frame.count)
    } catch {
      return .foreign(byteCount: frame.count)
    }
  }

  /// - Returns: nil where the kind, or its mark, is none of ours.
  private func content(
    _ kind: UInt8, _ mark: InputMark, _ payload: UnsafeBufferPointer<UInt8>
  ) throws(WireError) -> SpoolFrame.Content? {
    guard let kind = SpoolFrame.Kind(rawValue: kind), mark == .none || kind == .input else { return nil }
    var cursor = WireCursor(payload)
    switch kind {
    case .output: return payload.isEmpty ? nil : .data(.output, .none, payload)
    case .errorOutput: return payload.isEmpty ? nil : .data(.errorOutput, .none, payload)
    case .input: return payload.isEmpty ? nil : .data(.input, mark, payload)
    case .start: return .start(try cursor.header(), try cursor.start())
    case .window:
      return .window(Window(columns: try cursor.number(UInt16.self), rows: try cursor.number(UInt16.self)))
    case .gap: return .gap(try cursor.loss())
    case .end: return .end(try cursor.end(), transfer: try cursor.text())
    case .clock: return .clock(wallMilliseconds: try cursor.wallMilliseconds())
    }
  }
}
