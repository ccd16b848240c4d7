/// What a ``TerminalFilter`` did not pass: kinds, and how often each occurred.
///
/// A kind is named by its sequence, never by what a string said.
package struct DroppedSequences {
  /// Kinds that are told apart; those that come later are counted together. A recording can make up thousands.
  package static let kindsMax = 256

  enum Kind {
    case control(UInt8)
    case escape(ControlSequence)
    case csi(ControlSequence)
    /// A mode that was to be set or reset by a sequence.
    case mode(UInt16, ControlSequence)
    /// No standard has its form, or it is too long.
    case malformed
    /// Broken off before its end.
    case cancelled
  }

  private var counts: [String: Int] = [:]
  private var otherCount = 0

  /// How many sequences and controls were dropped.
  package private(set) var total = 0

  /// Kinds and counts, the most frequent first.
  package var kinds: [(name: String, count: Int)] {
    let known = counts.map { (name: $0.key, count: $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    return otherCount > 0 ? known + [(name: "others", count: otherCount)] : known
  }

  mutating func note(_ kind: Kind) { note(kind.name) }

  mutating func note(string kind: SequenceReader.StringKind, _ text: [UInt8]) {
    switch kind {
    case .osc:
      let number = text.prefix(5).prefix { (0x30...0x39).contains($0) }
      note(number.isEmpty ? "OSC" : "OSC " + String(decoding: number, as: UTF8.self))
    case .dcs: note("DCS")
    case .sos: note("SOS")
    case .pm: note("PM")
    case .apc: note("APC")
    }
  }

  private mutating func note(_ name: String) {
    total += 1
    if let count = counts[name] {
      counts[name] = count + 1
    } else if counts.count < Self.kindsMax {
      counts[name] = 1
    } else {
      otherCount += 1
    }
  }
}

extension DroppedSequences.Kind {
  fileprivate var name: String {
    switch self {
    case .control(0x7f): "DEL"
    case .control(let byte) where byte >= 0x80: "U+00" + String(byte, radix: 16, uppercase: true)
    case .control(let byte): Self.controls[Int(byte & 0x1f)]
    case .escape(let sequence): "ESC" + sequence.letters
    case .csi(let sequence): "CSI" + sequence.letters
    case .mode(let mode, let sequence):
      "CSI" + (sequence.marker == 0 ? "" : " ?") + " \(mode) " + String(Unicode.Scalar(sequence.final))
    case .malformed: "malformed sequence"
    case .cancelled: "unfinished sequence"
    }
  }

  /// ECMA-48, 8.2.
  private static let controls = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
  ]
}

extension ControlSequence {
  /// Marker, intermediates and final byte, each after a space.
  fileprivate var letters: String {
    [marker, intermediates.0, intermediates.1, final].filter { $0 != 0 }
      .map { $0 == 0x20 ? " SP" : " " + String(Unicode.Scalar($0)) }.joined()
  }
}
