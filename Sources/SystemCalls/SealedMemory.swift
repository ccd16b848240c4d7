import CSys

/// Bytes in a file that has no name and that nobody can change any more, to be handed to another process
/// (memfd_create(2), F_ADD_SEALS of fcntl(2)).
package struct SealedMemory: ~Copyable {
  private let descriptor: Descriptor

  package var raw: Int32 { descriptor.raw }

  /// Holds `head` and then `body`.
  package init(
    _ head: UnsafeBufferPointer<UInt8>, _ body: UnsafeBufferPointer<UInt8>
  ) throws(SystemError) {
    let raw = csys_memory_file()
    guard raw >= 0 else { throw SystemError("memfd_create") }
    let file = Descriptor(owning: raw)
    try Self.write(head, to: raw)
    try Self.write(body, to: raw)
    if csys_seal(raw) < 0 { throw SystemError("fcntl") }
    descriptor = file
  }

  private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to raw: Int32) throws(SystemError) {
    var rest = UnsafeRawBufferPointer(bytes)[...]
    while !rest.isEmpty {
      let count = csys_write(raw, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count <= 0 { throw SystemError("write") }
      rest = rest.dropFirst(count)
    }
  }
}
