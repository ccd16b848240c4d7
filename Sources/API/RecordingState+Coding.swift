package import Events

/// In JSON, in the catalogue and on command lines a state is its name.
extension RecordingState: RawRepresentable, Codable {
  package init?(rawValue: String) {
    guard let state = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = state
  }

  package var rawValue: String { "\(name)" }
}
