/// A place for a file that a recorder makes without an agent, for one to adopt.
///
/// Nobody can be asked for room then, and a recorder may not list what others have left. So each person has so many
/// names, and a file may have what its name allows: a recorder takes the first name that is free, and where none is,
/// there is no room. An agent that adopts a file gives it another name, and leaves it where it is while its person has
/// no room in the spool. So this alone bounds what one person can leave behind (THREATS 13).
package struct AdoptionSlot: Equatable, Sendable {
  package static let countMax: UInt32 = 64
  private static let largeCount: UInt32 = 2
  private static let largeByteCount: UInt64 = 256 << 20
  private static let smallByteCount: UInt64 = 16 << 20
  private static let suffix: StaticString = ".spool"

  package let user: UInt32
  /// Below ``countMax``.
  package let number: UInt32

  package init(user: UInt32, number: UInt32) {
    precondition(number < Self.countMax)
    self.user = user
    self.number = number
  }

  /// How long its file may get. All of one person's together: 1.5 GiB.
  package var byteCountMax: UInt64 { number < Self.largeCount ? Self.largeByteCount : Self.smallByteCount }

  /// The file's name: `USER.NUMBER.spool`.
  package var name: [UInt8] {
    var name = ByteBuilder(capacity: 32)
    name.append(decimal: UInt64(user))
    name.append(UInt8(ascii: "."))
    name.append(decimal: UInt64(number))
    name.append(Self.suffix)
    return name.array
  }

  /// nil for what is no such name.
  package init?(name: [UInt8]) {
    let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let user = Self.number(parts[0]), let number = Self.number(parts[1]),
      number < Self.countMax
    else { return nil }
    self.init(user: user, number: number)
    // One name for each: no leading zeros, and nothing else behind.
    guard self.name == name else { return nil }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
    guard 1...10 ~= digits.count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    return UInt32(exactly: digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) })
  }
}
