package import API

/// What somebody may do at the centre.
package enum AccessRole: String, Codable, Sendable, CaseIterable {
  /// Everything.
  case admin
  /// List, watch and export everything, and see who watched what.
  case auditor
  /// List, watch and export what their patterns name.
  case viewer

  /// Roles that may do all that this one may, it included.
  package func isAtLeast(_ other: AccessRole) -> Bool {
    func rank(_ role: AccessRole) -> Int { role == .admin ? 2 : role == .auditor ? 1 : 0 }
    return rank(self) >= rank(other)
  }
}

/// Whoever asks, once it is known who that is.
package struct Person: Sendable, Equatable {
  /// As the audit list names them: an account, `token:NAME`, `link`, or `local` for this machine's socket.
  package var name: String
  package var role: AccessRole
  package var scope: Scope
  /// What a request of the browser that changes something must repeat; nil for those who do not come with a cookie.
  package var csrf: String?
  /// When the session ends at the latest, milliseconds since the Epoch; nil without one.
  package var ends: Int64?

  /// Whoever can open the centre's own socket, which the file system decides.
  package static let local = Person(name: "local", role: .admin, scope: .everything)

  init(name: String, role: AccessRole, scope: Scope, csrf: String? = nil, ends: Int64? = nil) {
    self.name = name
    self.role = role
    // Only a viewer is limited.
    self.scope = role == .viewer ? scope : .everything
    self.csrf = csrf
    self.ends = ends
  }
}
