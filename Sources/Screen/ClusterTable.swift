/// Characters of more than one code point; cells hold indices.
///
/// Each entry belongs to one cell, since cells are moved and never doubled. Bounded as ``StyleTable`` is.
struct ClusterTable {
  /// Up to ``Cell/scalarsMax`` code points of 21 bits, three in a word; 0 ends them.
  struct Cluster {
    var first: UInt64
    var second: UInt64 = 0

    subscript(place: Int) -> UInt32 {
      let word = place < 3 ? first : second
      return UInt32(truncatingIfNeeded: word >> UInt64(21 * (place % 3))) & 0x1f_ffff
    }

    /// Does nothing when it is full.
    mutating func append(_ scalar: UInt32) {
      for place in 0..<Cell.scalarsMax where self[place] == 0 {
        let bits = UInt64(scalar) << UInt64(21 * (place % 3))
        if place < 3 { first |= bits } else { second |= bits }
        return
      }
    }
  }

  private static let countAtFirst = 64

  private var clusters: [Cluster] = []
  private var limit = countAtFirst

  var isFull: Bool { clusters.count >= limit }
  var count: Int { clusters.count }

  subscript(index: UInt32) -> Cluster {
    get { clusters[Int(index)] }
    set { clusters[Int(index)] = newValue }
  }

  mutating func add(_ cluster: Cluster) -> UInt32 {
    clusters.append(cluster)
    return UInt32(clusters.count - 1)
  }

  mutating func clear() {
    clusters.removeAll()
    limit = Self.countAtFirst
  }

  /// After the living ones were added to an empty table: room for as many again.
  mutating func makeRoom() { limit = max(Self.countAtFirst, 2 * clusters.count) }
}
