import Events

/// What SCS designates (ECMA-35), and which of it is in use.
struct CharacterSets: Equatable {
  enum CharacterSet: UInt8 {
    case ascii, unitedKingdom, lineDrawing
  }

  private var designated = (CharacterSet.ascii, CharacterSet.ascii, CharacterSet.ascii, CharacterSet.ascii)
  /// Which of G0…G3 bytes below 0x80 are taken from (GL).
  var invoked: UInt8 = 0

  static func == (a: CharacterSets, b: CharacterSets) -> Bool {
    a.designated == b.designated && a.invoked == b.invoked
  }

  subscript(place: UInt8) -> CharacterSet {
    get {
      switch place {
      case 0: designated.0
      case 1: designated.1
      case 2: designated.2
      default: designated.3
      }
    }
    set {
      switch place {
      case 0: designated.0 = newValue
      case 1: designated.1 = newValue
      case 2: designated.2 = newValue
      default: designated.3 = newValue
      }
    }
  }

  var isASCII: Bool { self[invoked] == .ascii }

  /// The code point of `byte` (0x20…0x7e) in a set.
  static func map(_ byte: UInt8, _ set: CharacterSet) -> UInt32 {
    switch set {
    case .ascii: return UInt32(byte)
    case .unitedKingdom: return byte == 0x23 ? 0xa3 : UInt32(byte)
    case .lineDrawing: return byte < 0x5f ? UInt32(byte) : UInt32(lineDrawing[Int(byte) - 0x5f])
    }
  }

  /// DEC Special Graphics from 0x5f on (VT220 Programmer Reference, table 2-4), as xterm shows them.
  private static let lineDrawing: [UInt16] = [
    0x20, 0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0xb0, 0xb1, 0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514,
    0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x3c0,
    0x2260, 0xa3, 0xb7,
  ]
}

/// What DECSC keeps, for each screen by itself; at first what DECRC brings back where nothing was kept.
struct SavedCursor: Equatable {
  var x = 0
  var y = 0
  var isWrapPending = false
  var pen = PackedStyle()
  var charsets = CharacterSets()
  var isOrigin = false

  mutating func fit(_ window: Window) {
    x = min(x, Int(window.columns) - 1)
    y = min(y, Int(window.rows) - 1)
  }
}

/// Columns at which HT stops.
struct TabStops: Equatable {
  private static let everyEighth: UInt64 = 0x0101_0101_0101_0101

  /// 512 bits: as many as there are columns at most.
  private var bits = InlineArray<8, UInt64>(repeating: everyEighth)
  /// TBC 3 has cleared the stops, those beyond the window too. They are either all there or all gone.
  private(set) var isCleared = false

  static func == (a: TabStops, b: TabStops) -> Bool {
    a.isCleared == b.isCleared && (0..<8).allSatisfy { a.bits[$0] == b.bits[$0] }
  }

  subscript(column: Int) -> Bool {
    get { bits[column >> 6] & (1 << UInt64(column & 63)) != 0 }
    set {
      let bit: UInt64 = 1 << UInt64(column & 63)
      bits[column >> 6] = newValue ? bits[column >> 6] | bit : bits[column >> 6] & ~bit
    }
  }

  mutating func clear() {
    bits = InlineArray(repeating: 0)
    isCleared = true
  }

  /// Forgets what was set and cleared one by one beyond the window.
  mutating func fit(_ columns: Int) {
    for column in columns..<Emulator.columnsMax { self[column] = !isCleared && column % 8 == 0 }
  }
}

/// What SM, RM, DECSET and DECRST switch and what stays a switch: some change what is done, the rest is kept for a dump.
struct Modes: OptionSet {
  let rawValue: UInt32

  static let autowrap = Modes(rawValue: 1 << 0)
  static let origin = Modes(rawValue: 1 << 1)
  static let insert = Modes(rawValue: 1 << 2)
  static let newLine = Modes(rawValue: 1 << 3)
  static let reversed = Modes(rawValue: 1 << 4)
  static let cursorVisible = Modes(rawValue: 1 << 5)
  static let columnMargins = Modes(rawValue: 1 << 6)
  static let columnsSwitchable = Modes(rawValue: 1 << 7)
  static let keypad = Modes(rawValue: 1 << 8)
  static let cursorKeys = Modes(rawValue: 1 << 9)

  static let standard: Modes = [.autowrap, .cursorVisible]

  /// Private modes (DECSET) by number.
  static let byNumber: [(number: UInt16, mode: Modes)] = [
    (1, .cursorKeys),  // DECCKM
    (5, .reversed),  // DECSCNM
    (6, .origin),  // DECOM
    (7, .autowrap),  // DECAWM
    (9, Modes(rawValue: 1 << 10)),  // X10 mouse
    (12, Modes(rawValue: 1 << 11)),  // cursor blinks
    (25, .cursorVisible),  // DECTCEM
    (40, .columnsSwitchable),
    (66, .keypad),  // DECNKM
    (69, .columnMargins),  // DECLRMM
    (1000, Modes(rawValue: 1 << 12)),  // mouse: buttons
    (1001, Modes(rawValue: 1 << 13)),  // mouse: highlights
    (1002, Modes(rawValue: 1 << 14)),  // mouse: drags
    (1003, Modes(rawValue: 1 << 15)),  // mouse: moves
    (1004, Modes(rawValue: 1 << 16)),  // focus
    (1005, Modes(rawValue: 1 << 17)),  // mouse: UTF-8
    (1006, Modes(rawValue: 1 << 18)),  // mouse: SGR
    (1007, Modes(rawValue: 1 << 19)),  // wheel as keys
    (1015, Modes(rawValue: 1 << 20)),  // mouse: urxvt
    (1016, Modes(rawValue: 1 << 21)),  // mouse: pixels
    (2004, Modes(rawValue: 1 << 22)),  // bracketed paste
    (2026, Modes(rawValue: 1 << 23)),  // synchronized output
  ]

  /// - Returns: nil for a number that nothing is kept for.
  static func numbered(_ number: UInt16) -> Modes? { byNumber.first { $0.number == number }?.mode }

  mutating func set(_ mode: Modes, _ isOn: Bool) {
    if isOn { insert(mode) } else { remove(mode) }
  }
}
