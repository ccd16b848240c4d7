/// Columns of each code point, in blocks of 256 code points: those that are all of one width share a block.
///
/// It is made when it is first asked for, before a player shows anything: so it costs what the ranges cost, and not what
/// a million code points would.
struct WidthTable: Sendable {
  static let shared = WidthTable()

  private static let blockSize = 256
  private static let codePointCount = 0x110000

  /// Which block, for each 256 code points. Block 0, 1 or 2: all of them have that width.
  private var index = [UInt16](repeating: 1, count: codePointCount / blockSize)
  private var widths: [UInt8] = []

  private init() {
    for width: UInt8 in 0...2 { append(width) }
    mark(zeroWidthRanges, 0)
    mark(wideRanges, 2)
  }

  private mutating func append(_ width: UInt8) {
    widths.append(contentsOf: repeatElement(width, count: Self.blockSize))
  }

  private mutating func mark(_ ranges: [UInt32], _ width: UInt8) {
    for place in stride(from: 0, to: ranges.count, by: 2) {
      mark(Int(ranges[place])...Int(ranges[place + 1]), width)
    }
  }

  private mutating func mark(_ codes: ClosedRange<Int>, _ width: UInt8) {
    for block in codes.lowerBound / Self.blockSize...codes.upperBound / Self.blockSize {
      let all = block * Self.blockSize...(block + 1) * Self.blockSize - 1
      let marked = codes.clamped(to: all)
      if marked == all {
        index[block] = UInt16(width)
        continue
      }
      if index[block] <= 2 {
        append(UInt8(index[block]))
        index[block] = UInt16(widths.count / Self.blockSize - 1)
      }
      let start = Int(index[block]) * Self.blockSize - all.lowerBound
      for code in marked { widths[start + code] = width }
    }
  }

  /// - Parameter scalar: Below 0x110000, as the reader hands them out.
  @inline(__always)
  subscript(scalar: UInt32) -> Int {
    let scalar = Int(scalar)
    return Int(widths[Int(index[scalar >> 8]) << 8 | scalar & 0xff])
  }
}
