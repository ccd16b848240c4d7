/// Bytes being put together in one block of memory that is kept and used again.
///
/// The block grows when it must and is freed with the value. Growing is bounded by the callers, who know what they
/// build: nothing here takes a length from outside. Appending to a builder that has been given enough room with
/// ``reserve(_:)`` allocates nothing, which is what the recorder relies on for each event.
///
/// Public, and not `package` like the rest, because Embedded Swift shows other modules the `deinit` of public types only.
public struct ByteBuilder: ~Copyable {
  var base: UnsafeMutablePointer<UInt8>
  package private(set) var capacity: Int
  package internal(set) var count = 0

  /// - Parameter capacity: Bytes to make room for at once; at least 1 is taken.
  package init(capacity: Int) {
    self.capacity = max(capacity, 1)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  package var isEmpty: Bool { count == 0 }

  /// What has been built so far. Valid until the next change.
  package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

  /// A copy that owns its bytes, for values that outlive the builder; not for the path of an event.
  package var array: [UInt8] { [UInt8](bytes) }

  /// Makes room for `extra` more bytes.
  @inline(__always)
  package mutating func reserve(_ extra: Int) {
    if extra > capacity &- count { grow(by: extra) }
  }

  @inline(never)
  private mutating func grow(by extra: Int) {
    let larger = max(count + extra, capacity * 2)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    UnsafeMutableRawPointer(moved).copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = moved
    capacity = larger
  }

  /// Forgets the bytes and keeps the room.
  package mutating func clear() { count = 0 }

  /// Cuts back to the first `newCount` bytes.
  package mutating func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= count)
    count = newCount
  }

  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    if count == capacity { reserve(1) }
    base[count] = byte
    count &+= 1
  }

  @inline(__always)
  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
    count &+= bytes.count
  }

  package mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  package mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends `number` in decimal digits.
  package mutating func append(decimal number: UInt64) {
    let digits = decimalDigitCount(number)
    reserve(digits)
    var rest = number
    var place = count + digits
    repeat {
      place -= 1
      base[place] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
      rest /= 10
    } while rest > 0
    count += digits
  }

  /// Appends `number` in decimal digits, with a minus sign when it is below zero.
  package mutating func append(decimal number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(decimal: UInt64(number.magnitude))
  }
}

/// How many decimal digits `number` is written with.
@inline(__always)
package func decimalDigitCount(_ number: UInt64) -> Int {
  var digits = 1
  var rest = number
  while rest >= 10 {
    rest /= 10
    digits += 1
  }
  return digits
}

/// The bytes of a text that stands in the source.
package func bytes(_ text: StaticString) -> [UInt8] {
  [UInt8](UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
}
