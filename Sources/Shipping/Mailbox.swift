import CSys
import Synchronization
import SystemCalls

/// What other threads bring to the agent's: items in order, and a descriptor that becomes readable when there are any.
final class Mailbox<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  private let bell: Bell

  init() throws(SystemError) { bell = try Bell() }

  /// To poll(2) for input.
  var raw: Int32 { bell.reader }

  func put(_ item: Item) {
    items.withLock { $0.append(item) }
    bell.ring()
  }

  func takeAll() -> [Item] {
    bell.silence()
    return items.withLock { items in
      defer { items = [] }
      return items
    }
  }

  /// A pipe, both ends not blocking: that it is full already says the same.
  private final class Bell: Sendable {
    let reader: Int32
    private let writer: Int32

    init() throws(SystemError) {
      var ends: (Int32, Int32) = (-1, -1)
      guard csys_pipe(&ends.0, &ends.1) == 0 else { throw SystemError("pipe2") }
      (reader, writer) = ends
      _ = csys_forbid_waiting(reader)
      _ = csys_forbid_waiting(writer)
    }

    deinit {
      csys_close(reader)
      csys_close(writer)
    }

    func ring() { _ = csys_write(writer, "", 1) }

    func silence() {
      var block = InlineArray<64, UInt8>(repeating: 0)
      var bytes = block.mutableSpan
      bytes.withUnsafeMutableBytes { while csys_read(reader, $0.baseAddress, $0.count) > 0 {} }
    }
  }
}
