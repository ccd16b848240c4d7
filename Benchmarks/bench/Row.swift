/// One line of the result: our figure, a peer's from the same run, and what is wanted of the two.
struct Row {
  let what: String
  let unit: String
  let ours: Double?
  let peer: String
  let theirs: Double?
  let aim: Aim

  /// Ours divided by theirs; nil when one of them is missing.
  var ratio: Double? {
    guard let ours, let theirs, theirs > 0 else { return nil }
    return ours / theirs
  }

  /// nil when nothing is asked for, or a figure is missing.
  var met: Bool? {
    guard let ours else { return nil }
    switch aim {
    case .none: return nil
    case .atMost(let limit): return ours <= limit
    case .atLeastTimes(let factor): return ratio.map { $0 >= factor }
    case .atMostTimes(let factor): return ratio.map { $0 <= factor }
    case .atMostAbove(let difference): return theirs.map { ours <= $0 + difference }
    }
  }
}

/// What DESIGN asks of a figure.
enum Aim {
  /// Shown to be known.
  case none
  /// Ours, whatever the peer does, in the row's unit.
  case atMost(Double)
  case atLeastTimes(Double)
  case atMostTimes(Double)
  /// Ours may exceed the peer's by this, in the row's unit.
  case atMostAbove(Double)

  var text: String {
    switch self {
    case .none: ""
    case .atMost(let limit): "≤ \(figure(limit))"
    case .atLeastTimes(let factor): "≥ \(figure(factor)) ×"
    case .atMostTimes(let factor): "≤ \(figure(factor)) ×"
    case .atMostAbove(let difference): "≤ peer + \(figure(difference))"
    }
  }
}
