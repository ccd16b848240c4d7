/// Numbers and texts as bytes, little-endian, as spool frames and the hand-shake hold them.
///
/// A text is two bytes of length and then its bytes. Whoever reads checks each length against what is there and against
/// the field's own limit before anything is copied.
extension ByteBuilder {
  mutating func append(littleEndian number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { append($0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// Puts `number` in the place of bytes that are there already.
  mutating func replace(at place: Int, littleEndian number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { number in
      precondition(place >= 0 && place + number.count <= count)
      UnsafeMutableRawPointer(base + place).copyMemory(from: number.baseAddress!, byteCount: number.count)
    }
  }

  /// Appends `text`, cut to `limit` bytes when it is longer: a reader refuses what is.
  mutating func append(text: [UInt8], limit: Int = RecordingHeader.fieldByteCountMax) {
    let text = bounded(text, to: limit)
    append(littleEndian: UInt16(truncatingIfNeeded: text.count))
    append(text)
  }
}

/// What is wrong with bytes that a peer wrote.
package struct WireError: Error, Equatable {
  package enum Rule: Equatable, Sendable {
    /// They end too early.
    case short
    /// A length is over the limit.
    case tooLong(limit: Int)
    /// A number that means nothing here.
    case value
  }

  package let rule: Rule
  /// From the start of what is read: a payload, for a frame or a packet.
  package let offset: Int

  package init(_ rule: Rule, at offset: Int) {
    self.rule = rule
    self.offset = offset
  }
}

/// Reads numbers and texts one after the other, and never past the end.
struct WireCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var offset = 0

  /// - Parameter bytes: Kept alive by the caller as long as the cursor is used.
  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(WireError) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count &- offset >= size else { throw WireError(.short, at: offset) }
    let number = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: offset, as: Number.self)
    offset &+= size
    return Number(littleEndian: number)
  }

  mutating func text(limit: Int = RecordingHeader.fieldByteCountMax) throws(WireError) -> [UInt8] {
    let start = offset
    let count = Int(try number(UInt16.self))
    guard count <= limit else { throw WireError(.tooLong(limit: limit), at: start) }
    return [UInt8](try self.bytes(count))
  }

  mutating func bytes(_ count: Int) throws(WireError) -> UnsafeBufferPointer<UInt8> {
    let start = offset
    guard count <= bytes.count &- start else { throw WireError(.short, at: start) }
    offset = start &+ count
    return UnsafeBufferPointer(rebasing: bytes[start..<offset])
  }
}
