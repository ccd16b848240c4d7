// Feeds the readers of spool files and of the hand-shake with bytes that libFuzzer makes up.
//
// The first byte says as what the rest is read: a spool file, which may go on or not; the contents of frames, which are
// sealed first, since libFuzzer finds no checksums; a file's header; packets of a recorder; packets of an agent. What must
// hold for any bytes: reading makes headway, never takes more than there is, and what was understood, written again, is
// what was read, but for what a later version may have appended.

import Events

private let salt: UInt32 = 0x5eed_5a17

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = UnsafeBufferPointer(start: data, count: count)
  guard let first = input.first else { return 0 }
  let rest = [UInt8](input.dropFirst())
  switch first % 6 {
  case 0: readFile(rest, isEnd: true)
  case 1: readFile(rest, isEnd: false)
  case 2: readFile(sealed(rest), isEnd: true)
  case 3: readHeader(rest)
  case 4: readRecorderPackets(rest)
  default: readAgentPackets(rest)
  }
  return 0
}

// MARK: - Spool files

private func readFile(_ file: [UInt8], isEnd: Bool) {
  walk(file) { step(in: $0, isEnd: isEnd) }
}

/// - Returns: How many bytes the step took; nil when more are needed.
private func step(in bytes: UnsafeBufferPointer<UInt8>, isEnd: Bool) -> Int? {
  switch SpoolReader(salt: salt).next(in: bytes, isEnd: isEnd) {
  case .needMore:
    precondition(!isEnd, "more is needed of a file that has ended")
    precondition(bytes.count < SpoolFrame.byteCountMax, "more is needed than a frame can have")
    return nil
  case .torn(let count):
    precondition(isEnd && count == bytes.count, "torn in the middle")
    return count
  case .damaged(let count), .foreign(let count): return count
  case .frame(let frame, let count):
    precondition(count <= SpoolFrame.byteCountMax)
    expectSame(written(frame), UnsafeBufferPointer(rebasing: bytes[..<count]), seals: [4, 5, 16, 17, 18, 19])
    return count
  }
}

private func written(_ frame: SpoolFrame) -> [UInt8] {
  let encoder = SpoolEncoder(salt: salt)
  var bytes = ByteBuilder(capacity: 64)
  switch frame.content {
  case .data(let stream, let mark, let data):
    encoder.append(data, stream, mark: mark, at: frame.elapsedNanoseconds, to: &bytes)
  case .start(let header, let start): encoder.append(header, start, at: frame.elapsedNanoseconds, to: &bytes)
  case .window(let window): encoder.append(window, at: frame.elapsedNanoseconds, to: &bytes)
  case .clock(let wallMilliseconds): encoder.append(clock: wallMilliseconds, at: frame.elapsedNanoseconds, to: &bytes)
  case .gap(let loss): encoder.append(loss, at: frame.elapsedNanoseconds, to: &bytes)
  case .end(let end, let transfer):
    encoder.append(end, transfer: transfer, at: frame.elapsedNanoseconds, to: &bytes)
  }
  return bytes.array
}

/// Frames with contents out of `recipe`, each with a right sum: kind, mark, length, payload, and again.
private func sealed(_ recipe: [UInt8]) -> [UInt8] {
  var file: [UInt8] = []
  var rest = recipe[...]
  while rest.count >= 3 {
    let (kind, mark) = (rest.removeFirst(), rest.removeFirst())
    let length = Int(rest.removeFirst())
    let payload = rest.prefix(length)
    rest = rest.dropFirst(length)
    let head: [UInt8] = [0xf5, 0x53, 0x46, 0xc1, UInt8(payload.count), 0, kind, mark, 1, 2, 3, 4, 5, 6, 7, 8]
    var sum = CRC32C(seed: salt)
    (head + payload).withUnsafeBufferPointer { sum.update($0) }
    file += head + littleEndian(sum.value) + payload
  }
  return file + rest
}

/// Reads a header with a right sum.
private func readHeader(_ file: [UInt8]) {
  guard file.count >= SpoolHeader.byteCount else { return }
  let head = [UInt8](file[..<(SpoolHeader.byteCount - 4)])
  var sum = CRC32C()
  head.withUnsafeBufferPointer { sum.update($0) }
  (head + littleEndian(sum.value)).withUnsafeBufferPointer { file in
    guard let header = try? SpoolHeader(file) else { return }
    var bytes = ByteBuilder(capacity: SpoolHeader.byteCount)
    header.append(to: &bytes)
    expectSame(bytes.array, file, free: (25 + header.recording.count)..<SpoolHeader.byteCount)
  }
}

private func littleEndian(_ number: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
}

// MARK: - Packets

private func readRecorderPackets(_ stream: [UInt8]) {
  walk(stream) { bytes in
    guard let (packet, count) = try? RecorderPacket.read(bytes) else { return nil }
    var again = ByteBuilder(capacity: 64)
    packet.append(to: &again)
    expectSame(again.array, UnsafeBufferPointer(rebasing: bytes[..<count]), seals: [0, 1, 2, 3], free: 5..<8)
    return count
  }
}

private func readAgentPackets(_ stream: [UInt8]) {
  walk(stream) { bytes in
    guard let (packet, count) = try? AgentPacket.read(bytes) else { return nil }
    var again = ByteBuilder(capacity: 64)
    packet.append(to: &again)
    // A reason to refuse that nobody knows becomes another.
    var free = 5..<8
    if case .refuse(let refusal) = packet, refusal.reason == .other { free = 5..<9 }
    expectSame(again.array, UnsafeBufferPointer(rebasing: bytes[..<count]), seals: [0, 1, 2, 3], free: free)
    return count
  }
}

// MARK: - Headway and sameness

/// Takes `step` after step from the front of `bytes`, until one says that it needs more.
private func walk(_ bytes: [UInt8], _ step: (UnsafeBufferPointer<UInt8>) -> Int?) {
  bytes.withUnsafeBufferPointer { bytes in
    var rest = bytes
    while !rest.isEmpty {
      guard let taken = step(rest) else { return }
      precondition(taken > 0 && taken <= rest.count, "a step of \(taken) bytes where \(rest.count) are")
      rest = UnsafeBufferPointer(rebasing: rest[taken...])
    }
  }
}

/// Expects that `bytes` begin with `again`.
///
/// - Parameters:
///   - seals: Bytes of lengths and sums, which differ when a later version has appended something.
///   - free: Bytes that nobody reads.
private func expectSame(
  _ again: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, seals: [Int] = [], free: Range<Int> = 0..<0
) {
  precondition(again.count <= bytes.count, "more is written than was read")
  let isLonger = again.count < bytes.count
  for place in again.indices where again[place] != bytes[place] && !free.contains(place) {
    precondition(isLonger && seals.contains(place), "byte \(place) is not what was read")
  }
}
