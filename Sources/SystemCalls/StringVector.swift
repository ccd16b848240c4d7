/// A NULL-terminated array of C strings, as execve(2) takes arguments and environment.
public struct StringVector: ~Copyable {
  private var strings: [UnsafeMutablePointer<CChar>?]

  /// Copies `texts`; what stands behind a NUL in one of them is cut off by whoever reads it.
  package init(_ texts: [[UInt8]]) {
    strings = []
    for text in texts { strings.append(Self.copy(text)) }
    strings.append(nil)
  }

  deinit { for string in strings { string?.deallocate() } }

  package func withPointer<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
    strings.withUnsafeBufferPointer { body($0.baseAddress!) }  // never empty: it ends in NULL
  }

  private static func copy(_ text: [UInt8]) -> UnsafeMutablePointer<CChar> {
    let string = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
    for (place, byte) in text.enumerated() { string[place] = CChar(bitPattern: byte) }
    string[text.count] = 0
    return string
  }
}

/// The strings of a NULL-terminated array, copied.
package func strings(of vector: UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> [[UInt8]] {
  var texts: [[UInt8]] = []
  guard var next = vector else { return texts }
  while let string = next.pointee {
    texts.append(bytes(ofC: string))
    next += 1
  }
  return texts
}
