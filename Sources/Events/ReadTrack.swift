/// One direction of the message being read: its text, its bytes, and how far the timing has used them up.
///
/// Only ``MessageReader`` uses it, which keeps alive what it points to.
struct ReadTrack {
  private let text: UnsafeBufferPointer<UInt8>
  private let bytes: UnsafeBufferPointer<UInt8>
  private var textPlace = 0
  private var bytesPlace = 0
  /// Code points of the text used up.
  private(set) var character = 0

  init() {
    text = UnsafeBufferPointer(start: nil, count: 0)
    bytes = UnsafeBufferPointer(start: nil, count: 0)
  }

  init(text: UnsafeBufferPointer<UInt8>, bytes: UnsafeBufferPointer<UInt8>) {
    self.text = text
    self.bytes = bytes
  }

  /// The next `count` code points of the text; nil when it has fewer, or is not UTF-8 there.
  mutating func takeText(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
    let start = textPlace
    guard let end = end(of: count) else { return nil }
    textPlace = end
    character &+= count
    return UnsafeBufferPointer(rebasing: text[start..<end])
  }

  /// The next `count` bytes; nil when there are fewer.
  mutating func takeBytes(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
    guard count <= bytes.count &- bytesPlace else { return nil }
    let start = bytesPlace
    bytesPlace &+= count
    return UnsafeBufferPointer(rebasing: bytes[start..<bytesPlace])
  }

  private func end(of count: Int) -> Int? {
    // No code point is shorter than a byte.
    guard count <= text.count &- textPlace else { return nil }
    guard let start = text.baseAddress else { return textPlace }
    var place = textPlace
    var rest = count
    while rest > 0 {
      if rest >= 8, text.count &- place >= 8, text.word(at: place) & 0x8080_8080_8080_8080 == 0 {
        place &+= 8
        rest &-= 8
        continue
      }
      guard place < text.count else { return nil }
      let length =
        text[place] < 0x80 ? 1 : multibyteCharacterByteCount(start + place, available: text.count &- place)
      if length == 0 { return nil }
      place &+= length
      rest &-= 1
    }
    return place
  }
}
