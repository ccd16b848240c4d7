import Events
import Foundation
import TestSupport
import Testing

@Suite struct `UTF-8 as table 3-7 of the Unicode Standard has it` {
  /// Every byte after every beginning of a character. What comes after a third byte is tried for those at the edges: by
  /// then the first two no longer matter.
  @Test func `the decoder ends every sequence where it stops being the beginning of a character`() {
    var waiting: [(bytes: [UInt8], decoder: UTF8Decoder)] = [([], UTF8Decoder())]
    var triedCount = 0
    while let (prefix, before) = waiting.popLast() {
      for byte in UInt8.min...UInt8.max {
        let bytes = prefix + [byte]
        var decoder = before
        let step = decoder.take(byte)
        let isRight =
          switch (Kind(bytes), step) {
          case (.whole, .character(let character)): [UInt8](character) == bytes && decoder.held.count == 0
          case (.prefix, .held): [UInt8](decoder.held) == bytes
          case (.neither, .invalid): prefix.isEmpty && decoder.held.count == 0
          case (.neither, .brokenOff): !prefix.isEmpty && [UInt8](decoder.cut()) == prefix && decoder.held.count == 0
          default: false
          }
        if !isRight { Issue.record("\(bytes) is \(Kind(bytes)), the decoder says \(step)") }
        if case .held = step, bytes.count < 3 || continuationEdges.contains(byte) { waiting.append((bytes, decoder)) }
        triedCount += 1
      }
    }
    // No beginning, those of one byte, of two, and of three with one of two at the edge as the third.
    #expect(triedCount == 256 * (1 + 51 + 1216 + 2 * 256))
  }

  @Test func `all sequences of one and two bytes come out of the encoder as the standard wants`() {
    var bytes: [UInt8] = []
    for first in UInt8.min...UInt8.max {
      bytes += [first, UInt8(ascii: ".")]
      for second in UInt8.min...UInt8.max { bytes += [first, second, UInt8(ascii: ".")] }
    }
    expectStandard(bytes)
  }

  @Test func `sequences of three bytes, one of them at an edge, come out of the encoder as the standard wants`() {
    for first in UInt8(0xe0)...0xef {
      var bytes: [UInt8] = []
      for any in UInt8.min...UInt8.max {
        for edge in continuationEdges {
          bytes += [first, any, edge, UInt8(ascii: "."), first, edge, any, UInt8(ascii: ".")]
        }
      }
      expectStandard(bytes)
    }
  }

  @Test func `sequences of four bytes, all at edges, come out of the encoder as the standard wants`() {
    for first in edges where first >= 0xe0 {
      var bytes: [UInt8] = []
      for second in edges {
        for third in continuationEdges {
          for fourth in continuationEdges { bytes += [first, second, third, fourth, UInt8(ascii: ".")] }
        }
      }
      expectStandard(bytes)
    }
  }

  @Test func `random bytes come out the same, whole or in pieces of any size`() {
    var random = SeededNumbers()
    let likely: [UInt8] = [0x2e, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4]
    for _ in 0..<200 {
      let bytes = (0..<400).map { _ in
        random.below(4) == 0 ? UInt8(truncatingIfNeeded: random.next()) : likely[random.below(likely.count)]
      }
      expectStandard(bytes, "seed \(random.seed)")
      expectStandard(bytes, pieces: { 1 + random.below(5) }, "seed \(random.seed)")
    }
  }
}

@Suite struct `Headway of the encoder` {
  /// Every kind of event that needs most room, in the smallest message, with the largest window.
  @Test(arguments: [InputMark.none, .masked, .echoOff, .secret], [Events.Stream.input, .output, .errorOutput])
  func `any character fits an empty message`(mark: InputMark, stream: Events.Stream) {
    let characters: [[UInt8]] = [
      Array("a".utf8), Array("\u{1b}".utf8), Array("\"".utf8), Array("é".utf8), Array("€".utf8), Array("😀".utf8),
      [0xff], [0xf0, 0x9f, 0x98], [0xe2, 0x82],
    ]
    for window in [nil, Window(columns: 80, rows: 24), Window(columns: 65535, rows: 65535)] {
      for character in characters {
        var encoder = MessageEncoder(header: header, payload: MessageEncoder.payloadByteCountMin)
        if let window { _ = encoder.append(window, at: 0) }
        let bytes = character + Array(".".utf8) + character
        #expect(encode(bytes, stream, mark, &encoder) != nil, "\(character) makes no headway, window \(window as Any)")
      }
    }
  }
}

private enum Kind {
  case whole, prefix, neither

  init(_ bytes: [UInt8]) {
    self = .neither
    for row in wellFormed where row.count >= bytes.count {
      var place = 0
      while place < bytes.count, row[place].contains(bytes[place]) { place += 1 }
      if place == bytes.count { self = row.count == place ? .whole : .prefix }
    }
  }
}

/// Table 3-7, Well-Formed UTF-8 Byte Sequences: what each byte may be.
private let wellFormed: [[ClosedRange<UInt8>]] = [
  [0x00...0x7f],
  [0xc2...0xdf, 0x80...0xbf],
  [0xe0...0xe0, 0xa0...0xbf, 0x80...0xbf],
  [0xe1...0xec, 0x80...0xbf, 0x80...0xbf],
  [0xed...0xed, 0x80...0x9f, 0x80...0xbf],
  [0xee...0xef, 0x80...0xbf, 0x80...0xbf],
  [0xf0...0xf0, 0x90...0xbf, 0x80...0xbf, 0x80...0xbf],
  [0xf1...0xf3, 0x80...0xbf, 0x80...0xbf, 0x80...0xbf],
  [0xf4...0xf4, 0x80...0x8f, 0x80...0xbf, 0x80...0xbf],
]

/// Bytes on both sides of every edge of the table, and some that JSON escapes.
private let edges: [UInt8] = [
  0x00, 0x22, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
  0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
]

/// Those about what may come after the second byte.
private let continuationEdges: [UInt8] = [0x7f, 0x80, 0xbf, 0xc0, 0xf0]

private let header = RecordingHeader(host: [], recording: [], user: [], terminal: [], session: 0, startMilliseconds: 0)

/// Compares what the encoder makes of `bytes` with what the standard library does, which replaces the same way.
private func expectStandard(_ bytes: [UInt8], pieces: () -> Int = { .max }, _ comment: String = "") {
  var encoder = MessageEncoder(header: header, payload: MessageEncoder.payloadByteCountMax)
  var place = 0
  var lines = ""
  while place < bytes.count {
    let end = place + min(pieces(), bytes.count - place)
    guard let more = encode(Array(bytes[place..<end]), .output, .none, &encoder, isLast: end == bytes.count) else {
      Issue.record("no headway \(comment)")
      return
    }
    lines += more
    place = end
  }
  var text = ""
  var invalid: [UInt8] = []
  for line in lines.split(separator: "\n") {
    guard let message = try? JSONDecoder().decode(Output.self, from: Data(line.utf8)) else {
      Issue.record("a line is not JSON \(comment)")
      return
    }
    text += message.text
    invalid += message.binary
  }
  #expect(text.unicodeScalars.elementsEqual(String(decoding: bytes, as: UTF8.self).unicodeScalars), "\(comment)")
  #expect(invalid == invalidBytes(bytes), "\(comment)")
}

private struct Output: Decodable {
  var text: String
  var binary: [UInt8]

  enum CodingKeys: String, CodingKey {
    case text = "out_txt"
    case binary = "out_bin"
  }
}

/// The bytes that belong to no character.
private func invalidBytes(_ bytes: [UInt8]) -> [UInt8] {
  var invalid: [UInt8] = []
  var parser = Unicode.UTF8.ForwardParser()
  var rest = bytes[...].makeIterator()
  var place = 0
  while true {
    switch parser.parseScalar(from: &rest) {
    case .valid(let encoded): place += encoded.count
    case .error(let length):
      invalid += bytes[place..<place + length]
      place += length
    case .emptyInput: return invalid
    }
  }
}

/// - Returns: The lines of `bytes`, or nil when the encoder takes nothing into an empty message.
private func encode(
  _ bytes: [UInt8], _ stream: Events.Stream, _ mark: InputMark, _ encoder: inout MessageEncoder, isLast: Bool = true
) -> String? {
  var lines = ByteBuilder(capacity: 256)
  var rest = bytes[...]
  while !rest.isEmpty {
    let taken = Array(rest).withUnsafeBufferPointer { encoder.append($0, stream, mark: mark, at: 0) }
    rest = rest.dropFirst(taken)
    if !rest.isEmpty {
      if encoder.isEmpty && taken == 0 { return nil }
      encoder.finish(into: &lines)
    }
  }
  while isLast && !encoder.cut() {
    if encoder.isEmpty { return nil }
    encoder.finish(into: &lines)
  }
  if isLast && !encoder.isEmpty { encoder.finish(into: &lines) }
  return String(decoding: lines.array, as: UTF8.self)
}

extension [UInt8] {
  fileprivate init(_ character: UTF8Decoder.Character) { self = (0..<character.count).map { character[$0] } }
}
