import Events
package import SystemCalls

/// Lines that are delivered through a pipe, beginning with any of them: what lies elsewhere and need not come whole.
package final class DeliveredSource: LineSource {
  /// A delivery that has begun.
  package struct Delivery: ~Copyable {
    /// The pipe's end for whoever reads.
    package let reader: Descriptor
    /// Ends the delivery when it is let go.
    package let sender: AnyObject

    package init(reader: consuming Descriptor, sender: AnyObject) {
      self.reader = reader
      self.sender = sender
    }
  }

  private let count: UInt64
  private let begin: (UInt64) throws(ReadError) -> Delivery
  private var sender: AnyObject
  private var lines: FileSource
  /// Number of the line with which the delivery began.
  private var first: UInt64 = 1

  /// - Parameters:
  ///   - count: Lines that there are for certain.
  ///   - begin: Begins a delivery with the line of that number, from 1.
  package init(
    count: UInt64, _ begin: @escaping (UInt64) throws(ReadError) -> Delivery
  ) throws(ReadError) {
    self.count = count
    self.begin = begin
    let delivery = try begin(1)
    sender = delivery.sender
    lines = try FileSource(delivery.reader, keeps: false)
  }

  package func next() throws(ReadError) -> Line? {
    guard let line = try lines.next() else { return nil }
    return Line(bytes: line.bytes, number: first + line.number - 1)
  }

  package var position: LinePosition { LinePosition(number: first + lines.position.number - 1) }

  package func seek(to position: LinePosition) throws(ReadError) {
    if position == self.position { return }
    let delivery = try begin(position.number)
    sender = delivery.sender
    lines = try FileSource(delivery.reader, keeps: false)
    first = position.number
  }

  package var awaited: Int32? { lines.awaited }

  package var isBehind: Bool { awaited != nil && position.number <= count }

  package func attend() throws(ReadError) { try lines.attend() }

  package func placeName(ofLine number: UInt64) -> [UInt8] { lines.placeName(ofLine: number) }
}
