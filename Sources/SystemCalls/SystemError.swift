import CSys
import Events

/// A system call that failed: which one, why, and on what.
///
/// `path` is a file name of the administrator's or of the system's, never something a person typed or saw.
package struct SystemError: Error {
  /// The call's name as in its manual page, section 2 or 3.
  package let call: StaticString
  /// errno(3).
  package let code: Int32
  /// The file it was about; empty when there is none.
  package let path: [UInt8]

  /// - Parameter code: errno(3); nil for what the call that just failed left there.
  package init(_ call: StaticString, path: [UInt8] = [], code: Int32? = nil) {
    self.call = call
    self.code = code ?? csys_errno()
    self.path = path
  }

  /// The system's sentence for ``code``, in English: no program of ours calls setlocale(3).
  package var reason: [UInt8] { bytes(ofC: csys_strerror(code)) }

  /// ``reason`` as it stands inside a sentence: `no space left on device`.
  package var meaning: [UInt8] {
    var text = reason
    // Not of an abbreviation, such as "RFS specific error".
    if text.count > 1, text[0] >= 0x41, text[0] <= 0x5a, text[1] >= 0x61 { text[0] |= 0x20 }
    return text
  }

  /// `open /etc/steno/ca.pem: permission denied`.
  package var text: [UInt8] {
    let subject = path.isEmpty ? [] : bytes(" ") + path
    return bytes(call) + subject + bytes(": ") + meaning
  }
}

/// A copy of a NUL-terminated C string, without the NUL; empty for nil.
package func bytes(ofC string: UnsafePointer<CChar>?) -> [UInt8] {
  guard let string else { return [] }
  let count = Int(csys_strlen(string))
  return string.withMemoryRebound(to: UInt8.self, capacity: count) {
    [UInt8](UnsafeBufferPointer(start: $0, count: count))
  }
}
