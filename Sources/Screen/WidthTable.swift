/// Columns of each code point: two bits, in blocks of 256 code points, equal blocks once.
struct WidthTable: Sendable {
  static let shared = WidthTable()

  private static let blockSize = 256

  /// Which block, for each 256 code points.
  private var index: [UInt16] = []
  private var widths: [UInt8] = []

  private init() {
    var all = [UInt8](repeating: 1, count: 0x110000)
    Self.mark(&all, zeroWidthRanges, 0)
    Self.mark(&all, wideRanges, 2)
    var known: [[UInt8]: UInt16] = [:]
    for start in stride(from: 0, to: all.count, by: Self.blockSize) {
      let block = Array(all[start..<start + Self.blockSize])
      if let place = known[block] {
        index.append(place)
      } else {
        let place = UInt16(known.count)
        known[block] = place
        index.append(place)
        widths += block
      }
    }
  }

  private static func mark(_ all: inout [UInt8], _ ranges: [UInt32], _ width: UInt8) {
    for place in stride(from: 0, to: ranges.count, by: 2) {
      for code in ranges[place]...ranges[place + 1] { all[Int(code)] = width }
    }
  }

  /// - Parameter scalar: Below 0x110000, as the reader hands them out.
  @inline(__always)
  subscript(scalar: UInt32) -> Int {
    let scalar = Int(scalar)
    return Int(widths[Int(index[scalar >> 8]) << 8 | scalar & 0xff])
  }
}

/// Columns that `text` takes on a terminal, by the width of its code points.
package func columnCount(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { $0 + WidthTable.shared[$1.value] }
}
