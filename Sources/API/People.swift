/// Signing in: `POST /v1/session`. Either a link, or a user and a password.
package struct SessionRequest: Codable, Sendable {
  package var link: String?
  package var user: String?
  package var password: String?

  package init(link: String? = nil, user: String? = nil, password: String? = nil) {
    self.link = link
    self.user = user
    self.password = password
  }
}

/// Who is signed in: `GET /v1/session`.
package struct SessionAnswer: Codable, Sendable {
  package var name: String
  package var role: String
  /// What a request that changes something must repeat in `x-steno-csrf`; nil where there is no cookie.
  package var csrf: String?
  /// RFC 3339; nil where there is no session that ends.
  package var ends: String?

  package init(name: String, role: String, csrf: String?, ends: String?) {
    self.name = name
    self.role = role
    self.csrf = csrf
    self.ends = ends
  }
}

/// An account to be made or changed: `PUT /v1/users/{user}`.
package struct AccountRequest: Codable, Sendable {
  package var password: String
  package var role: String
  /// Patterns of what a viewer may see; none: all.
  package var hosts: [String]?
  package var users: [String]?

  package init(password: String, role: String, hosts: [String], users: [String]) {
    self.password = password
    self.role = role
    self.hosts = hosts
    self.users = users
  }
}

/// An account, or a token.
package struct Account: Codable, Sendable, Equatable {
  package var name: String
  package var role: String
  /// Patterns of what a viewer may see; none: all.
  package var hosts: [String]
  package var users: [String]
  /// RFC 3339.
  package var made: String

  package init(name: String, role: String, hosts: [String], users: [String], made: String) {
    self.name = name
    self.role = role
    self.hosts = hosts
    self.users = users
    self.made = made
  }
}

/// Who may come in: `GET /v1/users`.
package struct AccountList: Codable, Sendable {
  package var users: [Account]
  package var tokens: [Account]

  package init(users: [Account], tokens: [Account]) {
    self.users = users
    self.tokens = tokens
  }
}

/// Who did what to a recording or an account, as `GET /v1/audit` lists it.
package struct AuditEntry: Codable, Sendable, Equatable {
  package enum What: String, Codable, Sendable, CaseIterable {
    /// Events were fetched: one entry for each viewer, recording and hour.
    case watched
    /// It was followed live.
    case followed
    /// Its lines were read.
    case read
    case exported
    /// The session was ended.
    case ended
    /// An account was made or changed.
    case account
    /// An account was taken away.
    case removed
  }

  package var at: String
  package var who: String
  package var what: What
  package var recording: String?
  /// Milliseconds from the recording's start: from where it was watched.
  package var from: UInt64?
  /// Its name.
  package var account: String?

  package init(at: String, who: String, what: What, recording: String?, from: UInt64?, account: String?) {
    self.at = at
    self.who = who
    self.what = what
    self.recording = recording
    self.from = from
    self.account = account
  }
}

/// One page of `GET /v1/audit`, the latest first.
package struct AuditPage: Codable, Sendable {
  package var entries: [AuditEntry]
  package var next: String?

  package init(entries: [AuditEntry], next: String?) {
    self.entries = entries
    self.next = next
  }
}

/// What a host is told to do: `GET /v1/orders`.
package struct Orders: Codable, Sendable, Equatable {
  /// `rec` of the recordings whose sessions are to be ended.
  package var end: [String]

  package init(end: [String]) { self.end = end }
}
