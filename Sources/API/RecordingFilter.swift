package import Events

/// Which recordings a list shows; nil means any.
package struct RecordingFilter: Sendable {
  /// Narrows lists where a state is asked for, to recordings of any state.
  package enum Mark: String, Sendable, CaseIterable {
    /// Something is missing from it.
    case gaps
  }

  package var user: String?
  package var host: String?
  /// Part of the user's name; upper and lower case of ASCII are the same.
  package var userPart: String?
  /// Part of the host's name, in the same way.
  package var hostPart: String?
  package var state: RecordingState?
  package var mark: Mark?
  /// Started at or after, milliseconds since the Epoch.
  package var since: Int64?
  /// Started before.
  package var until: Int64?
  /// Part of user, host, command, terminal or the beginning of the id; upper and lower case of ASCII are the same.
  package var text: String?
  /// What the viewer may see at all.
  package var scope = Scope.everything

  package init() {}
}

/// Which recordings somebody may see: patterns of hosts and of users, as in file names (`*`, `?`, `[…]`). A recording must
/// match one of each; an empty list is any.
package struct Scope: Codable, Equatable, Sendable {
  package var hosts: [String]
  package var users: [String]

  package static let everything = Scope(hosts: [], users: [])

  package init(hosts: [String], users: [String]) {
    self.hosts = hosts
    self.users = users
  }
}

/// What a list is sorted by.
package enum RecordingSort: String, Sendable, CaseIterable {
  case start, duration, bytes, user, host

  /// The order that is taken when nobody says one: names from A on, all else from the latest or largest.
  package var isAscending: Bool { self == .user || self == .host }
}

/// What may be filtered by: `GET /v1/names`.
package struct NameList: Codable, Sendable {
  /// Suggestions, not an inventory.
  package static let countMax = 1000

  /// In order.
  package var users: [String]
  package var hosts: [String]

  package init(users: [String], hosts: [String]) {
    self.users = users
    self.hosts = hosts
  }
}
