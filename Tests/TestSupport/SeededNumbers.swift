/// Random numbers that can be had again: the same seed gives the same numbers on every machine.
///
/// A test takes a fresh seed with ``init()``, and names ``seed`` in the comment of each expectation, so that a failure
/// is replayed with ``init(seed:)``. SplitMix64 (Steele, Lea and Flood, 2014).
package struct SeededNumbers: RandomNumberGenerator {
  package let seed: UInt64
  private var state: UInt64

  package init() { self.init(seed: .random(in: .min ... .max)) }

  package init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// - Parameter limit: 1 or more.
  /// - Returns: A number from 0 to `limit` - 1.
  package mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
