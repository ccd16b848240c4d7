// Feeds the terminal emulator with bytes that libFuzzer makes up.
//
// The first two bytes are the window, the third where the output is cut. What must hold for any bytes: nothing traps; the
// cursor and the halves of wide characters are where they may be; and an emulator that resumes from a dump at the cut ends
// up as the one that never stopped. Byte FF in the output is a resize to what the two bytes after it say.

import Events
import Screen

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = UnsafeBufferPointer(start: data, count: count)
  guard input.count > 3 else { return 0 }
  let window = Window(columns: UInt16(input[0] % 40), rows: UInt16(input[1] % 16))
  let output = [UInt8](input.dropFirst(3))
  let cut = min(Int(input[2]), output.count)
  var whole = Emulator(window: window)
  put(output[..<cut], into: &whole)
  if whole.isBetweenSequences {
    var state = ByteBuilder(capacity: 1024)
    whole.dump(into: &state)
    var resumed = Emulator(window: whole.window)
    resumed.feed(state.bytes, at: 0)
    put(output[cut...], into: &resumed)
    put(output[cut...], into: &whole)
    expectSame(&whole, &resumed)
  } else {
    put(output[cut...], into: &whole)
  }
  expectWhole(whole)
  return 0
}

private func put(_ output: ArraySlice<UInt8>, into emulator: inout Emulator) {
  var rest = output
  while let mark = rest.firstIndex(of: 0xff) {
    feed(rest[..<mark], to: &emulator)
    rest = rest[(mark + 1)...]
    guard rest.count >= 2 else { return }
    let (columns, rows) = (rest[rest.startIndex], rest[rest.startIndex + 1])
    emulator.resize(to: Window(columns: UInt16(columns % 40), rows: UInt16(rows % 16)))
    rest = rest.dropFirst(2)
  }
  feed(rest, to: &emulator)
}

private func feed(_ bytes: ArraySlice<UInt8>, to emulator: inout Emulator) {
  bytes.withUnsafeBufferPointer { emulator.feed($0, at: 0) }
}

private func expectSame(_ one: inout Emulator, _ other: inout Emulator) {
  // CAN, so that both are between sequences.
  feed([0x18], to: &one)
  feed([0x18], to: &other)
  var first = ByteBuilder(capacity: 1024)
  var second = ByteBuilder(capacity: 1024)
  one.dump(into: &first)
  other.dump(into: &second)
  precondition(first.array == second.array, "resumed from a dump, and different")
}

private func expectWhole(_ emulator: borrowing Emulator) {
  let (columns, rows) = (Int(emulator.window.columns), Int(emulator.window.rows))
  let cursor = emulator.cursor
  precondition(cursor.column >= 0 && cursor.column < columns && cursor.row >= 0 && cursor.row < rows)
  for row in 0..<rows {
    var before = 1
    for column in 0..<columns {
      let width = emulator.width(column: column, row: row)
      precondition((before == 2) == (width == 0), "half of a wide character")
      before = width
    }
    precondition(before != 2, "a wide character over the edge")
  }
}
