import Screen
import TestSupport
import Testing

@Suite struct SequenceReaderTests {
  /// The pieces of `bytes` given in parts of `size`, each with the bytes it was made of, put together as the filter does.
  private func pieces(_ bytes: [UInt8], size: Int = .max) -> [String] {
    var reader = SequenceReader()
    var found: [String] = []
    var held: [UInt8] = []
    var start = 0
    while start < bytes.count {
      let part = Array(bytes[start..<(size > bytes.count - start ? bytes.count : start + size)])
      start += part.count
      part.withUnsafeBufferPointer { part in
        var (place, from) = (0, 0)
        while let piece = reader.next(part, &place) {
          held += part[from..<place]
          from = place
          if case .embeddedControl(let control) = piece {
            held.removeLast()
            found.append("embedded \(control)")
          } else {
            found.append("\(name(piece, reader)) \(held)")
            held = []
          }
        }
        held += part[from...]
      }
    }
    if !held.isEmpty { found.append("unfinished \(reader.unfinished) \(held)") }
    return found
  }

  private func name(_ piece: SequenceReader.Piece, _ reader: SequenceReader) -> String {
    switch piece {
    case .escape, .csi: "\(piece) \(reader.sequence.final)"
    case .string: "\(piece) \(String(decoding: reader.string, as: UTF8.self))"
    default: "\(piece)"
    }
  }

  @Test("every byte belongs to one piece, in order")
  func order() {
    #expect(
      pieces(Array("ab\u{1b}[1;2mc\n".utf8)) == [
        "ascii [97, 98]", "csi 109 [27, 91, 49, 59, 50, 109]", "ascii [99]", "control(10) [10]",
      ])
  }

  @Test("a control within a sequence is handed out at once and taken out of its bytes")
  func embedded() {
    #expect(pieces([0x1b, 0x5b, 0x31, 0x0a, 0x6d]) == ["embedded 10", "csi 109 [27, 91, 49, 109]"])
  }

  @Test("CAN belongs to what it breaks off, ESC to what it begins")
  func brokenOff() {
    #expect(pieces([0x1b, 0x5b, 0x31, 0x18]) == ["cancelled [27, 91, 49, 24]"])
    #expect(pieces([0x1b, 0x5b, 0x31, 0x1b, 0x63]) == ["cancelled [27, 91, 49]", "escape 99 [27, 99]"])
    #expect(
      pieces([0x1b, 0x5d, 0x61, 0x1b, 0x5c]) == [
        "string(Screen.SequenceReader.StringKind.osc) a [27, 93, 97]", "escape 92 [27, 92]",
      ])
  }

  @Test("a string says whether it is discarded while it goes on, a sequence that it is one")
  func unfinished() {
    #expect(pieces([0x1b, 0x5d, 0x61]) == ["unfinished discarded [27, 93, 97]"])
    #expect(pieces([0x1b, 0x5b]) == ["unfinished sequence [27, 91]"])
    #expect(pieces([0xe7, 0x95]) == ["unfinished character [231, 149]"])
  }

  @Test("random bytes give the same pieces whole and in parts of any size, and no byte is lost", arguments: 0..<300)
  func split(seed: UInt64) {
    var random = RandomOutput(seed: seed)
    let bytes = random.bytes(pieces: 40)
    let whole = joined(pieces(bytes))
    for size in [1, 2, 3, 7] { #expect(joined(pieces(bytes, size: size)) == whole, "seed \(seed), parts of \(size)") }
  }

  /// Runs of ASCII may be cut anywhere.
  private func joined(_ pieces: [String]) -> [String] {
    var joined: [String] = []
    for piece in pieces {
      if piece.hasPrefix("ascii ["), let last = joined.last, last.hasPrefix("ascii [") {
        joined[joined.count - 1] = last.dropLast() + ", " + piece.dropFirst("ascii [".count)
      } else {
        joined.append(piece)
      }
    }
    return joined
  }

  @Test("parameters keep their values, their colons, and no more than there is room for")
  func parameters() throws {
    var reader = SequenceReader()
    let bytes = Array("\u{1b}[>4;38:2::70000;;7 q".utf8)
    let sequence = try bytes.withUnsafeBufferPointer { bytes throws -> ControlSequence in
      var place = 0
      try #require(reader.next(bytes, &place) == .csi)
      return reader.sequence
    }
    #expect(sequence.marker == 0x3e && sequence.intermediates == (0x20, 0) && sequence.final == 0x71)
    #expect((0..<sequence.count).map { sequence[$0] } == [4, 38, 2, 0, 65535, 0, 7])
    #expect((0..<sequence.count).map { sequence.isSubparameter($0) } == [false, false, true, true, true, false, false])
  }
}
