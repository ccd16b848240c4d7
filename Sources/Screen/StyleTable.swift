/// A style in 16 bytes. Colours: 0 the standard one, 1 in the top byte and an index, 2 in the top byte and red, green, blue.
struct PackedStyle: Equatable {
  var foreground: UInt32 = 0
  var background: UInt32 = 0
  var underlineColor: UInt32 = 0
  /// Those of ``Style/Attributes``, the underline from bit 16 on, and ``protected``.
  var flags: UInt32 = 0

  /// DECSCA: DECSED and DECSEL leave it.
  private static let protected: UInt32 = 1 << 31

  static func indexed(_ index: UInt8) -> UInt32 { 1 << 24 | UInt32(index) }
  static func rgb(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt32 {
    2 << 24 | UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
  }

  mutating func set(_ attribute: Style.Attributes, _ isOn: Bool) {
    let bits = UInt32(attribute.rawValue)
    flags = isOn ? flags | bits : flags & ~bits
  }

  var underline: UInt32 {
    get { flags >> 16 & 0xff }
    set { flags = flags & ~0xff_0000 | newValue << 16 }
  }

  var isProtected: Bool {
    get { flags & Self.protected != 0 }
    set { flags = newValue ? flags | Self.protected : flags & ~Self.protected }
  }

  /// SGR 0, which leaves what DECSCA has set.
  mutating func resetRendition() {
    let isProtected = isProtected
    self = PackedStyle()
    self.isProtected = isProtected
  }

  var style: Style {
    var style = Style()
    style.foreground = Self.color(foreground)
    style.background = Self.color(background)
    style.underlineColor = Self.color(underlineColor)
    style.attributes = Style.Attributes(rawValue: UInt16(truncatingIfNeeded: flags))
    style.underline = Style.Underline(rawValue: UInt8(truncatingIfNeeded: underline)) ?? .none
    return style
  }

  private static func color(_ packed: UInt32) -> Style.Color {
    let low = UInt8(truncatingIfNeeded: packed)
    return switch packed >> 24 {
    case 0: .standard
    case 1: .indexed(low)
    default: .rgb(UInt8(truncatingIfNeeded: packed >> 16), UInt8(truncatingIfNeeded: packed >> 8), low)
    }
  }
}

/// The styles in use, each once; cells hold indices. Index 0 is the style without anything.
///
/// It is bounded by the cells there are: when it ``isFull``, whoever owns the cells has the unused ones taken out, which
/// leaves at least as much room as there was.
struct StyleTable {
  private static let countAtFirst = 256

  private(set) var styles = [PackedStyle()]
  /// Open addressing, indices plus one; 0 is free. A power of two, at least twice ``limit``.
  private var slots = [UInt32](repeating: 0, count: 2 * countAtFirst)
  private var limit = countAtFirst

  var isFull: Bool { styles.count >= limit }

  subscript(index: UInt32) -> PackedStyle { styles[Int(index)] }

  /// - Returns: nil when the style is not there yet and there is no room.
  mutating func index(of style: PackedStyle) -> UInt32? {
    if style == PackedStyle() { return 0 }
    var slot = place(style)
    while slots[slot] != 0 {
      if styles[Int(slots[slot] - 1)] == style { return slots[slot] - 1 }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard !isFull else { return nil }
    styles.append(style)
    slots[slot] = UInt32(styles.count)
    return UInt32(styles.count - 1)
  }

  private func place(_ style: PackedStyle) -> Int {
    var hash = UInt64(style.foreground) << 32 | UInt64(style.background)
    hash = (hash ^ hash >> 29) &* 0xbf58_476d_1ce4_e5b9
    hash ^= UInt64(style.underlineColor) << 32 | UInt64(style.flags)
    hash = (hash ^ hash >> 32) &* 0x94d0_49bb_1331_11eb
    return Int(truncatingIfNeeded: hash >> 33) & (slots.count - 1)
  }

  /// Takes out the styles that are not `used`, and leaves room for as many again.
  ///
  /// - Returns: For each old index the new one.
  mutating func collect(used: [Bool]) -> [UInt32] {
    let old = styles
    let live = used.reduce(1) { $0 + ($1 ? 1 : 0) }
    limit = max(Self.countAtFirst, 2 * live)
    var size = 2 * Self.countAtFirst
    while size < 2 * limit { size *= 2 }
    slots = [UInt32](repeating: 0, count: size)
    styles = [PackedStyle()]
    return old.indices.map { place in used[place] ? index(of: old[place]) ?? 0 : 0 }
  }
}
