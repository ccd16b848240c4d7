import Events
import TestSupport
import Testing

@Suite struct SpoolFrameTests {
  // MARK: - Checksum

  @Test("CRC-32C gives the values that RFC 3720 gives, appendix B.4, and the check value of its catalogue entry")
  func checksumVectors() {
    #expect(checksum(Array("123456789".utf8)) == 0xe306_9283)
    #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(checksum(Array(0..<32)) == 0x46dd_794e)
    #expect(checksum(Array((0..<32).reversed())) == 0x113f_db5c)
    #expect(checksum([]) == 0)
  }

  @Test("a checksum is the same however the bytes are cut, and another one from another start")
  func checksumPieces() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for cut in 0...bytes.count {
      var sum = CRC32C()
      Array(bytes[..<cut]).withUnsafeBufferPointer { sum.update($0) }
      Array(bytes[cut...]).withUnsafeBufferPointer { sum.update($0) }
      #expect(sum.value == checksum(bytes))
    }
    #expect(checksum(bytes, seed: 1) != checksum(bytes))
  }

  // MARK: - Frames

  @Test("every kind of frame is read as it was written, one after the other")
  func roundTrip() {
    #expect(steps(everyFrame(), isEnd: true) == everyFrameSaid)
    #expect(steps(everyFrame(), isEnd: false) == everyFrameSaid)
  }

  @Test("a frame is the bytes that its documentation says")
  func layout() {
    var file = ByteBuilder(capacity: 64)
    bytes("hi") { SpoolEncoder(salt: 7).append($0, .input, mark: .masked, at: 0x0102_0304_0506_0708, to: &file) }
    let frame = file.array
    #expect(frame[..<16] == [0xf5, 0x53, 0x46, 0xc1, 2, 0, 3, 1, 8, 7, 6, 5, 4, 3, 2, 1])
    #expect(frame[20...] == [0x68, 0x69])
    let sum = checksum(frame[..<16] + frame[20...], seed: 7)
    #expect(frame[16..<20].elementsEqual([0, 8, 16, 24].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }))
  }

  @Test("bytes that do not fit one frame become several of the same time, each at most 64 KiB")
  func longData() {
    for count in [1, 65_515, 65_516, 65_517, 131_032, 200_000] {
      let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var file = ByteBuilder(capacity: 64)
      data.withUnsafeBufferPointer { SpoolEncoder(salt: ownSalt).append($0, .output, at: 5, to: &file) }
      var read: [UInt8] = []
      for step in steps(file.array, isEnd: true) {
        guard case .data(5, .output, .none, let bytes, let byteCount) = step else {
          Issue.record("\(step)")
          return
        }
        #expect(byteCount <= 65_536)
        read += bytes
      }
      #expect(read == data)
    }
  }

  @Test("no bytes are no frame")
  func noData() {
    var file = ByteBuilder(capacity: 64)
    bytes("") { SpoolEncoder(salt: ownSalt).append($0, .output, at: 5, to: &file) }
    let count = file.count
    #expect(count == 0)
  }

  @Test("texts that are too long are cut on the way out, and a transfer that is too long is left out")
  func longTexts() {
    let long = [UInt8](repeating: 0x78, count: 5000)
    var loss = Loss(fromMilliseconds: 0, toMilliseconds: 0, byteCount: 0, why: long)
    let end = SessionEnd(outcome: .unknown, why: .killed, inputByteCount: 0, outputByteCount: 0)
    var file = ByteBuilder(capacity: 64)
    SpoolEncoder(salt: ownSalt).append(loss, at: 0, to: &file)
    SpoolEncoder(salt: ownSalt).append(end, transfer: long, at: 0, to: &file)
    SpoolEncoder(salt: ownSalt).append(end, transfer: [UInt8](long[..<1024]), at: 0, to: &file)
    loss.why = [UInt8](repeating: 0x78, count: 1021) + Array("…".utf8)
    #expect(
      steps(file.array, isEnd: true) == [
        .gap(0, loss), .end(0, end, transfer: []), .end(0, end, transfer: [UInt8](long[..<1024])),
      ])
  }

  // MARK: - Tears and damage

  @Test("a spool file cut at any byte is reported torn, and every whole frame before it is read")
  func everyTruncation() {
    let file = everyFrame()
    let ends = frameEnds(file)
    for count in 0..<file.count {
      let cut = [UInt8](file[..<count])
      let whole = ends.filter { $0 <= count }
      let tail = count - (whole.last ?? 0)
      let atEnd = steps(cut, isEnd: true)
      let expected = Array(everyFrameSaid[..<whole.count]) + (tail > 0 ? [.torn(tail)] : [])
      #expect(atEnd == expected, "cut at \(count)")
      #expect(steps(cut, isEnd: false) == Array(everyFrameSaid[..<whole.count]), "cut at \(count)")
    }
  }

  @Test("any single bit that is flipped costs the frame it is in, is reported with that frame's size, and no other")
  func everyFlip() {
    let file = everyFrame()
    let ends = frameEnds(file)
    for place in file.indices {
      let index = ends.firstIndex { $0 > place }!
      let start = index == 0 ? 0 : ends[index - 1]
      for bit in 0..<8 {
        var damaged = file
        damaged[place] ^= 1 << UInt8(bit)
        var expected = everyFrameSaid
        // The last frame, if it says that it is longer, is what a torn one looks like.
        let said = 20 + Int(damaged[start + 4]) + Int(damaged[start + 5]) << 8
        let looksTorn = index == ends.count - 1 && said > ends[index] - start && said <= 65_536
        expected[index] = looksTorn ? .torn(ends[index] - start) : .damaged(ends[index] - start)
        #expect(steps(damaged, isEnd: true) == expected, "bit \(bit) of byte \(place)")
      }
    }
  }

  @Test("a stretch that is overwritten or lost anywhere is one hole of the right size between whole frames")
  func holes() {
    for _ in 0..<300 {
      var numbers = SeededNumbers()
      let file = everyFrame()
      let ends = [0] + frameEnds(file)
      let first = numbers.below(ends.count - 2)
      let last = first + 1 + numbers.below(ends.count - 2 - first)
      let pieces: [[UInt8]] = [[0], [0xf5], [0xf5, 0x53, 0x46, 0xc1], [UInt8(numbers.below(256))]]
      let junk = (0..<(1 + numbers.below(200))).flatMap { _ in pieces[numbers.below(4)] }
      let damaged = file[..<ends[first]] + junk + file[ends[last]...]
      let holed = Array(everyFrameSaid[..<first]) + [.damaged(junk.count)] + Array(everyFrameSaid[last...])
      #expect(merged(steps(Array(damaged), isEnd: true)) == holed, "seed \(numbers.seed)")
    }
  }

  @Test("garbage and then a torn frame are a hole and a tear")
  func garbageThenTear() {
    let file = everyFrame()
    let torn = [UInt8](file[..<(frameEnds(file)[0] - 1)])
    #expect(steps([1, 2, 3] + torn, isEnd: true) == [.damaged(3), .torn(torn.count)])
    #expect(steps([UInt8](repeating: 0, count: 4096), isEnd: true) == [.damaged(4096)])
  }

  @Test("while a file grows, what may become a frame is waited for and nothing else is")
  func growing() {
    let file = everyFrame()
    let frame = [UInt8](file[..<frameEnds(file)[0]])
    #expect(step([], isEnd: false) == .needMore)
    #expect(step([], isEnd: true) == .torn(0))
    for count in 1..<frame.count { #expect(step([UInt8](frame[..<count]), isEnd: false) == .needMore) }
    #expect(step([0xf5, 0x53, 0x46, 0xc0], isEnd: false) == .damaged(4))
    #expect(step([1, 2, 0xf5], isEnd: false) == .damaged(2))
    #expect(step([1, 2] + frame[..<7], isEnd: false) == .damaged(2))
    // 65 517 bytes of payload: one too many.
    #expect(
      step([0xf5, 0x53, 0x46, 0xc1, 0xed, 0xff] + [UInt8](repeating: 0, count: 14), isEnd: false) == .damaged(20))
    #expect(step([0xf5, 0x53, 0x46, 0xc1, 0xec, 0xff] + [UInt8](repeating: 0, count: 14), isEnd: false) == .needMore)
  }

  @Test("behind damage a whole frame is believed before one that only says how long it will be")
  func frameBehindClaim() {
    let claim: [UInt8] = [0, 0xf5, 0x53, 0x46, 0xc1, 0, 0x80]
    for isEnd in [true, false] {
      #expect(merged(steps(claim + everyFrame(), isEnd: isEnd)) == [.damaged(claim.count)] + everyFrameSaid)
    }
  }

  @Test(
    "frames shown on a terminal, and so inside a payload, are not taken for frames when the one around them is torn")
  func framesInFrames() {
    let planted = everyFrame(salt: 1)
    var file = ByteBuilder(capacity: 4096)
    planted.withUnsafeBufferPointer { SpoolEncoder(salt: ownSalt).append($0, .output, at: 0, to: &file) }
    let whole = file.array
    #expect(steps(whole, isEnd: true) == [.data(0, .output, .none, planted, byteCount: whole.count)])
    let torn = [UInt8](whole.dropLast())
    #expect(steps(torn, isEnd: true) == [.torn(torn.count)])
    // Sealed with the file's own salt they would be taken for frames: that is what the salt is for.
    #expect(steps(torn, isEnd: true, salt: 1).count > 2)
  }

  @Test(
    "a whole frame that means nothing here is passed over as such",
    arguments: [
      (0, 0, []), (8, 0, []), (255, 0, []), (1, 0, []), (2, 0, []), (3, 0, []), (3, 4, [0x61]), (1, 1, [0x61]),
      (5, 0, [1, 2, 3]), (5, 1, [1, 2, 3, 4]), (4, 0, []), (6, 0, [UInt8](repeating: 0, count: 25)),
      (6, 0, [UInt8](repeating: 0, count: 24) + [1, 4] + [UInt8](repeating: 0, count: 1025)),
      (7, 0, [0] + [UInt8](repeating: 0, count: 20)), (7, 0, [9] + [UInt8](repeating: 0, count: 20)),
      (7, 0, [1, 3] + [UInt8](repeating: 0, count: 19)), (7, 0, [1, 2, 0] + [UInt8](repeating: 0, count: 18)),
      (8, 0, [UInt8](repeating: 255, count: 8)), (8, 0, [0, 0xdc, 0x1f, 0xd2, 0x77, 0xe6, 0, 0]),
      (4, 0, [0, 0xdc, 0x1f, 0xd2, 0x77, 0xe6, 0, 0] + [UInt8](repeating: 0, count: 100)),
      (7, 0, [1, 0, 9] + [UInt8](repeating: 0, count: 18)), (7, 0, [1, 1, 0] + [UInt8](repeating: 0, count: 17)),
    ] as [(UInt8, UInt8, [UInt8])])
  func foreign(kind: UInt8, mark: UInt8, payload: [UInt8]) {
    let frame = sealed(kind: kind, mark: mark, payload)
    #expect(steps(frame + everyFrame(), isEnd: true).first == .foreign(frame.count))
  }

  @Test("an event that is later than a recording can be is passed over")
  func tooLate() {
    var file = ByteBuilder(capacity: 100)
    for time in [latest, latest + 1_000_000, .max] {
      SpoolEncoder(salt: ownSalt).append(Window(columns: 1, rows: 1), at: time, to: &file)
    }
    let window = Said.window(latest, Window(columns: 1, rows: 1))
    #expect(steps(Array(file.bytes), isEnd: true) == [window, .foreign(24), .foreign(24)])
  }

  @Test("what a later version appends to a payload is not looked at")
  func laterVersion() {
    #expect(
      steps(sealed(kind: 5, mark: 0, [80, 0, 24, 0, 9, 9]), isEnd: true) == [.window(0, Window(columns: 80, rows: 24))])
  }

  @Test("encoding an event into a builder that has room moves nothing")
  func room() {
    var file = ByteBuilder(capacity: 70_000)
    let start = file.bytes.baseAddress
    [UInt8](repeating: 1, count: 65_516).withUnsafeBufferPointer {
      SpoolEncoder(salt: ownSalt).append($0, .output, at: 0, to: &file)
    }
    let (count, end) = (file.count, file.bytes.baseAddress)
    #expect(count == 65_536)
    #expect(end == start)
  }

  // MARK: - Header

  @Test("a file's header is read as it was written, and is the bytes that its documentation says")
  func header() throws {
    for identifier in ["", "4d0c-1a2b-3c4d", String(repeating: "f", count: SpoolHeader.recordingByteCountMax)] {
      let header = SpoolHeader(
        salt: 0x0403_0201, madeAtMilliseconds: 0x1615_1413_1211, recording: Array(identifier.utf8))
      let file = headerBytes(header)
      #expect(file.count == SpoolHeader.byteCount)
      #expect(file[..<12] == [0xf5, 0x53, 0x54, 0x45, 0x4e, 0x4f, 13, 10, 1, 0, 96, 0])
      #expect(file[12..<24] == [1, 2, 3, 4, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0, 0])
      #expect(Int(file[24]) == identifier.utf8.count)
      #expect(try (file + [1, 2, 3]).withUnsafeBufferPointer { try SpoolHeader($0) } == header)
    }
  }

  @Test("a header that is cut, flipped anywhere, or of another version or kind is refused for what it is")
  func wrongHeader() {
    let file = headerBytes(SpoolHeader(salt: 1, madeAtMilliseconds: 2, recording: [0x61]))
    for count in 0..<file.count { #expect(problem([UInt8](file[..<count])) == .short) }
    for place in file.indices {
      for bit in 0..<8 {
        var damaged = file
        damaged[place] ^= 1 << UInt8(bit)
        let version = UInt16(damaged[8]) | UInt16(damaged[9]) << 8
        #expect(problem(damaged) == (place < 8 ? .magic : place < 10 ? .version(version) : .damaged))
      }
    }
  }

  @Test("a header whose sum is right and whose identifier is longer than its field is refused")
  func lyingHeader() {
    var file = headerBytes(SpoolHeader(salt: 1, madeAtMilliseconds: 2, recording: [0x61]))
    file[24] = 68
    let sum = checksum([UInt8](file[..<92]))
    for place in 0..<4 { file[92 + place] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * place)) }
    #expect(problem(file) == .damaged)
  }
}

// MARK: - Samples

private let ownSalt: UInt32 = 0xfeed_beef

private let latest = MessageReader.millisecondsMax * 1_000_000
private let sampleLoss = Loss(fromMilliseconds: 1, toMilliseconds: .max, byteCount: 3, why: Array("sink".utf8))
private let sampleEnds = [
  SessionEnd(outcome: .exit(code: 255), why: .exit, inputByteCount: 0, outputByteCount: 1),
  SessionEnd(outcome: .signal(number: 127), why: .hangup, inputByteCount: 4, outputByteCount: .max),
  SessionEnd(outcome: .unknown, why: .failed, inputByteCount: 2, outputByteCount: 3),
]
private let sampleStart = SessionStart(
  user: 1000, loginUser: .max, parent: [], terminal: Array("/dev/pts/7".utf8), command: Array("-bash".utf8),
  trust: Array("self-reported".utf8), terminalGuard: Array("none".utf8))

/// One frame of each kind, of each mark, and with each way to end.
private func everyFrame(salt: UInt32 = ownSalt) -> [UInt8] {
  let encoder = SpoolEncoder(salt: salt)
  let header = RecordingHeader(
    host: Array("host".utf8), recording: Array("b-1-2".utf8), user: Array("é".utf8), terminal: Array("xterm".utf8),
    session: 3, startMilliseconds: 1_700_000_000_250)
  var file = ByteBuilder(capacity: 64)
  encoder.append(header, sampleStart, at: 0, to: &file)
  encoder.append(Window(columns: 80, rows: .max), at: 1, to: &file)
  bytes("out\u{1b}") { encoder.append($0, .output, at: 2, to: &file) }
  bytes("err") { encoder.append($0, .errorOutput, at: 3, to: &file) }
  bytes("a") { encoder.append($0, .input, at: 4, to: &file) }
  bytes("**") { encoder.append($0, .input, mark: .masked, at: 5, to: &file) }
  bytes("b") { encoder.append($0, .input, mark: .echoOff, at: 6, to: &file) }
  bytes("c") { encoder.append($0, .input, mark: .secret, at: latest, to: &file) }
  encoder.append(sampleLoss, at: 7, to: &file)
  encoder.append(clock: 1_700_000_003_600, at: 8, to: &file)
  for (place, end) in sampleEnds.enumerated() {
    encoder.append(end, transfer: Array("{}".utf8), at: UInt64(place), to: &file)
  }
  return file.array
}

private let everyFrameSaid: [Said] =
  [
    .start(0, "host b-1-2 é xterm 3 1700000000250", sampleStart), .window(1, Window(columns: 80, rows: .max)),
    .data(2, .output, .none, Array("out\u{1b}".utf8), byteCount: 24),
    .data(3, .errorOutput, .none, Array("err".utf8), byteCount: 23), .data(4, .input, .none, [0x61], byteCount: 21),
    .data(5, .input, .masked, [0x2a, 0x2a], byteCount: 22), .data(6, .input, .echoOff, [0x62], byteCount: 21),
    .data(latest, .input, .secret, [0x63], byteCount: 21), .gap(7, sampleLoss),
    .clock(8, 1_700_000_003_600),
  ] + sampleEnds.enumerated().map { .end(UInt64($0), $1, transfer: Array("{}".utf8)) }

/// What a reader said, by value.
private enum Said: Equatable {
  case data(UInt64, Events.Stream, InputMark, [UInt8], byteCount: Int)
  case start(UInt64, String, SessionStart)
  case window(UInt64, Window)
  case gap(UInt64, Loss)
  case clock(UInt64, UInt64)
  case end(UInt64, SessionEnd, transfer: [UInt8])
  case foreign(Int)
  case needMore
  case torn(Int)
  case damaged(Int)
}

/// All steps until nothing is left, or more is needed.
private func steps(_ file: [UInt8], isEnd: Bool, salt: UInt32 = ownSalt) -> [Said] {
  var said: [Said] = []
  var rest = file[...]
  while !rest.isEmpty {
    let (step, byteCount) = step(rest, isEnd: isEnd, salt: salt)
    if step == .needMore { break }
    precondition(byteCount > 0 && byteCount <= rest.count, "\(step) took \(byteCount) bytes")
    said.append(step)
    rest = rest.dropFirst(byteCount)
  }
  return said
}

private func step(_ bytes: some Collection<UInt8>, isEnd: Bool) -> Said {
  step(bytes, isEnd: isEnd, salt: ownSalt).said
}

/// One step over a copy of `bytes` that ends where they end.
private func step(_ bytes: some Collection<UInt8>, isEnd: Bool, salt: UInt32) -> (said: Said, byteCount: Int) {
  Array(bytes).withUnsafeBufferPointer { bytes in
    switch SpoolReader(salt: salt).next(in: bytes, isEnd: isEnd) {
    case .needMore: (.needMore, 0)
    case .torn(let count): (.torn(count), count)
    case .damaged(let count): (.damaged(count), count)
    case .foreign(let count): (.foreign(count), count)
    case .frame(let frame, let count): (said(frame, count), count)
    }
  }
}

private func said(_ frame: SpoolFrame, _ byteCount: Int) -> Said {
  let time = frame.elapsedNanoseconds
  switch frame.content {
  case .data(let stream, let mark, let bytes): return .data(time, stream, mark, Array(bytes), byteCount: byteCount)
  case .window(let window): return .window(time, window)
  case .gap(let loss): return .gap(time, loss)
  case .clock(let wallMilliseconds): return .clock(time, wallMilliseconds)
  case .end(let end, let transfer): return .end(time, end, transfer: transfer)
  case .start(let header, let start):
    let texts = [header.host, header.recording, header.user, header.terminal].map {
      String(decoding: $0, as: UTF8.self)
    }
    return .start(time, (texts + ["\(header.session)", "\(header.startMilliseconds)"]).joined(separator: " "), start)
  }
}

/// Holes that touch are one.
private func merged(_ said: [Said]) -> [Said] {
  var merged: [Said] = []
  for step in said {
    if case .damaged(let count) = step, case .damaged(let before)? = merged.last {
      merged[merged.count - 1] = .damaged(before + count)
    } else {
      merged.append(step)
    }
  }
  return merged
}

/// A frame with any contents and the right sum.
private func sealed(kind: UInt8, mark: UInt8, _ payload: [UInt8]) -> [UInt8] {
  let length = UInt16(payload.count)
  let head: [UInt8] = [
    0xf5, 0x53, 0x46, 0xc1, UInt8(length & 0xff), UInt8(length >> 8), kind, mark, 0, 0, 0, 0, 0, 0, 0, 0,
  ]
  let sum = checksum(head + payload, seed: ownSalt)
  return head + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) } + payload
}

/// Where each frame of `file` ends, by the lengths in it.
private func frameEnds(_ file: [UInt8]) -> [Int] {
  var ends: [Int] = []
  while (ends.last ?? 0) < file.count {
    let start = ends.last ?? 0
    ends.append(start + 20 + Int(file[start + 4]) + Int(file[start + 5]) << 8)
  }
  return ends
}

private func headerBytes(_ header: SpoolHeader) -> [UInt8] {
  var file = ByteBuilder(capacity: 96)
  header.append(to: &file)
  return file.array
}

private func problem(_ file: [UInt8]) -> SpoolHeader.Problem? {
  do {
    _ = try file.withUnsafeBufferPointer { try SpoolHeader($0) }
    return nil
  } catch {
    return error as? SpoolHeader.Problem
  }
}

private func checksum(_ bytes: some Sequence<UInt8>, seed: UInt32 = 0) -> UInt32 {
  var sum = CRC32C(seed: seed)
  Array(bytes).withUnsafeBufferPointer { sum.update($0) }
  return sum.value
}

private func bytes(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
  Array(text.utf8).withUnsafeBufferPointer { body($0) }
}
