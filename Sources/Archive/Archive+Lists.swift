package import API
import Events
import Foundation
import GRDB
package import Identity
import Synchronization

/// Lists of recordings: filtered, sorted, in pages that stay where they are.
extension Archive {
  /// A page of recordings. Pages are stable: one that begins meanwhile is on none of the later when the latest come first.
  ///
  /// Each sorting goes along an index, so that a page costs the same among a million. Live recordings have no fixed
  /// duration and size: sorted by these, they are looked through and put between those that have ended.
  ///
  /// - Parameters:
  ///   - mark: `next` of the page before; nil for the first.
  ///   - count: 1 to ``RecordingPage/countMax``.
  ///   - now: Milliseconds since the Epoch: live ones last until then. nil: as long as what is held of them.
  /// - Returns: nil when `mark` is not one of this sorting.
  package func page(
    _ filter: RecordingFilter, sort: RecordingSort = .start, isAscending: Bool = false, after mark: String?, count: Int,
    at now: Int64? = nil
  ) async throws -> RecordingPage? {
    let listing = Listing(sort: sort, isAscending: isAscending, now: now)
    var place: PageMark?
    if let mark {
      place = PageMark(mark, of: sort)
      if place == nil { return nil }
    }
    let rows = try await readable(at: now) { [place] db, aside in
      let rare = try RareColumns(filter.scope, in: db)
      return try listing.queries(filter, rare, without: aside, after: place, limit: count + 1).flatMap { query in
        try Row.fetchAll(db, sql: query.sql, arguments: query.arguments)
      }
    }
    let sorted = listing.merged(rows)
    let shown = sorted.prefix(count)
    let next = sorted.count > count ? shown.last.map { PageMark($0, of: listing).text } : nil
    return RecordingPage(recordings: shown.map(\.summary), next: next)
  }

  /// Those of `ids` that the viewer may see.
  ///
  /// - Parameter now: As for a page.
  package func recordings(_ ids: Set<RecordingID>, in scope: Scope, at now: Int64?) async throws -> [RecordingRow] {
    let marks = ids.map { _ in "?" }.joined(separator: ",")
    return try await readable(at: now) { db, aside in
      var conditions = Conditions(without: aside)
      conditions.add(scope)
      let sql = RecordingRow.columns + " WHERE r.id IN (\(marks)) AND \(conditions.sql) ORDER BY r.number"
      let arguments = StatementArguments(ids.map(\.description)) + StatementArguments(conditions.arguments)
      return try Row.fetchAll(db, sql: sql, arguments: arguments)
    }
  }
}

extension Archive {
  /// Reads recordings. One that cannot be read stands in nobody's way: it is set aside, and is an incident.
  ///
  /// - Parameter fetch: Fetches rows of ``RecordingRow/columns``, without those that were set aside before.
  func readable(
    at now: Int64?, _ fetch: @escaping @Sendable (Database, _ aside: Set<Int64>) throws -> [Row]
  ) async throws -> [RecordingRow] {
    while true {
      let aside = setAside.withLock { $0 }
      let (rows, unreadable) = try await pool.read { db in
        var rows: [RecordingRow] = []
        var unreadable: Set<Int64> = []
        for row in try fetch(db, aside) {
          do {
            rows.append(try RecordingRow(row, at: now))
          } catch ArchiveError.damaged {
            unreadable.insert(try row.value("number"))
          }
        }
        return (rows, unreadable)
      }
      if unreadable.isSubset(of: aside) { return rows }
      try await setAside(unreadable)
    }
  }

  private func setAside(_ unreadable: Set<Int64>) async throws {
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    try await pool.write { db in
      for number in unreadable.sorted() {
        let what = "unreadable: recording number \(number) of the catalogue is not as it was written"
        let sql =
          "INSERT INTO incidents (at, host, what) "
          + "SELECT ?1, '', ?2 WHERE NOT EXISTS (SELECT 1 FROM incidents WHERE what = ?2)"
        try db.execute(sql: sql, arguments: [now, what])
      }
    }
    setAside.withLock { $0.formUnion(unreadable) }
  }
}

extension Archive {
  /// Names of the users and hosts of recordings that somebody may see, the first ``NameList/countMax`` of each.
  package func names(in scope: Scope) async throws -> NameList {
    try await pool.read { db in
      NameList(users: try names("r.user", scope, db), hosts: try names("r.host", scope, db))
    }
  }

  /// Goes from name to name along the column's index, not from recording to recording.
  private func names(_ column: String, _ scope: Scope, _ db: Database) throws -> [String] {
    var conditions = Conditions()
    conditions.add(scope)
    let next = "SELECT min(\(column)) AS name FROM recordings r WHERE \(conditions.sql)"
    let sql = """
      WITH RECURSIVE names (name) AS (
        \(next)
        UNION ALL SELECT (\(next) AND \(column) > names.name) FROM names WHERE names.name IS NOT NULL)
      SELECT name FROM names WHERE name IS NOT NULL LIMIT \(NameList.countMax)
      """
    return try String.fetchAll(
      db, sql: sql, arguments: StatementArguments(conditions.arguments + conditions.arguments))
  }
}

/// One sorting, as SQL.
private struct Listing {
  let sort: RecordingSort
  let isAscending: Bool
  let now: Int64?

  func queries(
    _ filter: RecordingFilter, _ rare: RareColumns, without aside: Set<Int64>, after mark: PageMark?, limit: Int
  ) -> [(sql: String, arguments: StatementArguments)] {
    var all = Conditions(without: aside)
    all.add(filter, rare)
    func query(_ keys: [String], _ condition: String = "") -> (sql: String, arguments: StatementArguments) {
      self.query(keys, all, condition, mark, limit)
    }
    return switch sort {
    case .start: [query(["r.start"])]
    case .user: [query(["r.user", "r.start"])]
    case .host: [query(["r.host", "r.start"])]
    case .duration:
      [
        query(["r.ended_duration"], "r.state != 'live'"),
        query([now.map { "max(0, \($0) - r.start)" } ?? "h.duration"], "r.state = 'live'"),
      ]
    case .bytes:
      [
        query(["r.ended_bytes"], "r.state != 'live'"),
        query(["h.bytes"], "r.state = 'live'"),
      ]
    }
  }

  private func query(
    _ keys: [String], _ all: Conditions, _ condition: String, _ mark: PageMark?, _ limit: Int
  ) -> (sql: String, arguments: StatementArguments) {
    var conditions = all
    if !condition.isEmpty { conditions.add(condition) }
    let columns = keys + ["r.number"]
    if let mark {
      let marks = columns.map { _ in "?" }.joined(separator: ", ")
      let operation = isAscending ? ">" : "<"
      conditions.add("(\(columns.joined(separator: ", "))) \(operation) (\(marks))", mark.values)
    }
    let order = columns.map { $0 + (isAscending ? " ASC" : " DESC") }.joined(separator: ", ")
    let sql = RecordingRow.columns + " WHERE \(conditions.sql) ORDER BY \(order) LIMIT \(limit)"
    return (sql, StatementArguments(conditions.arguments))
  }

  /// Live ones and those that have ended, as one list.
  func merged(_ rows: [RecordingRow]) -> [RecordingRow] {
    guard sort == .duration || sort == .bytes else { return rows }
    func key(_ row: RecordingRow) -> (Int64, Int64) {
      (sort == .bytes ? Int64(clamping: row.summary.bytes) : duration(of: row), row.number)
    }
    return rows.sorted { isAscending ? key($0) < key($1) : key($0) > key($1) }
  }
}

extension Listing {
  /// What a recording counts as by duration: a live one as it would by the centre's clock alone, which needs no look-up.
  fileprivate func duration(of row: RecordingRow) -> Int64 {
    if let now, row.summary.state == .live { return max(0, now.subtracting(row.startMilliseconds)) }
    return Int64(clamping: row.summary.durationMilliseconds)
  }
}

/// Whether so few recordings match a viewer's patterns that they are better found first and sorted then. Of many, a page
/// is filled soon by going along the sorting and passing over the others.
struct RareColumns {
  private static let countMax = 20_000

  let hasHosts: Bool
  let hasUsers: Bool

  init(_ scope: Scope, in db: Database) throws {
    hasHosts = try Self.isRare("host", scope.hosts, in: db)
    hasUsers = try Self.isRare("user", scope.users, in: db)
  }

  private static func isRare(_ column: String, _ patterns: [String], in db: Database) throws -> Bool {
    if patterns.isEmpty { return false }
    let either = patterns.map { _ in "\(column) GLOB ?" }.joined(separator: " OR ")
    let sql = "SELECT count(*) FROM (SELECT 1 FROM recordings WHERE \(either) LIMIT \(countMax))"
    return try Int.fetchOne(db, sql: sql, arguments: StatementArguments(patterns)) ?? 0 < countMax
  }
}

struct Conditions {
  private var parts = ["1"]
  private(set) var arguments: [(any DatabaseValueConvertible)?] = []

  /// - Parameter aside: Numbers of recordings that cannot be read.
  init(without aside: Set<Int64> = []) {
    if aside.isEmpty { return }
    add("r.number NOT IN (\(aside.sorted().map(String.init).joined(separator: ",")))")
  }

  var sql: String { parts.joined(separator: " AND ") }

  mutating func add(_ condition: String, _ values: [(any DatabaseValueConvertible)?] = []) {
    parts.append(condition)
    arguments += values
  }

  mutating func add(_ filter: RecordingFilter, _ rare: RareColumns) {
    if let user = filter.user { add("r.user = ?", [user]) }
    if let host = filter.host { add("r.host = ?", [host]) }
    if let part = filter.userPart { add("r.user LIKE ? ESCAPE '\\'", ["%\(escaped(part))%"]) }
    if let part = filter.hostPart { add("r.host LIKE ? ESCAPE '\\'", ["%\(escaped(part))%"]) }
    if let state = filter.state { add("r.state = ?", [state.rawValue]) }
    switch filter.mark {
    case .gaps: add("r.gaps > 0")
    case nil: break
    }
    if let since = filter.since { add("r.start >= ?", [since]) }
    if let until = filter.until { add("r.start < ?", [until]) }
    if let text = filter.text { add(text: text) }
    // With a plus, SQLite does not begin with the column's index.
    add(patterns: filter.scope.hosts, of: rare.hasHosts ? "r.host" : "+r.host")
    add(patterns: filter.scope.users, of: rare.hasUsers ? "r.user" : "+r.user")
  }

  mutating func add(_ scope: Scope) {
    add(patterns: scope.hosts, of: "r.host")
    add(patterns: scope.users, of: "r.user")
  }

  private mutating func add(patterns: [String], of column: String) {
    if patterns.isEmpty { return }
    let either = patterns.map { _ in "\(column) GLOB ?" }.joined(separator: " OR ")
    add("(\(either))", patterns)
  }

  private mutating func add(text: String) {
    let escaped = escaped(text)
    let columns = ["r.user", "r.host", "r.cmd", "r.tty"].map { "\($0) LIKE ? ESCAPE '\\'" }
    let either = (columns + ["r.id LIKE ? ESCAPE '\\'"]).joined(separator: " OR ")
    add("(\(either))", columns.map { _ in "%\(escaped)%" } + ["\(escaped)%"])
  }

  /// For LIKE, with nothing in it that means more than itself.
  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
  }
}

/// Where a page ends: the sorting's values of its last recording.
private struct PageMark: Sendable {
  let values: [any DatabaseValueConvertible & Sendable]
  let text: String

  init(_ row: RecordingRow, of listing: Listing) {
    let summary = row.summary
    switch listing.sort {
    case .start:
      values = [row.startMilliseconds, row.number]
      text = "\(row.startMilliseconds)-\(row.number)"
    case .duration:
      values = [listing.duration(of: row), row.number]
      text = "\(listing.duration(of: row))-\(row.number)"
    case .bytes:
      values = [Int64(clamping: summary.bytes), row.number]
      text = "\(summary.bytes)-\(row.number)"
    case .user, .host:
      let word = listing.sort == .user ? summary.user : summary.host
      values = [word, row.startMilliseconds, row.number]
      text = hexadecimal(word.utf8) + "-\(row.startMilliseconds)-\(row.number)"
    }
  }

  init?(_ text: String, of sort: RecordingSort) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let hasWord = sort == .user || sort == .host
    guard parts.count == (hasWord ? 3 : 2) else { return nil }
    let numbers = parts.suffix(2).compactMap { Int64($0) }
    guard numbers.count == 2 else { return nil }
    self.text = text
    if hasWord {
      guard let word = string(hexadecimal: parts[0]) else { return nil }
      values = [word, numbers[0], numbers[1]]
    } else {
      values = [numbers[0], numbers[1]]
    }
  }
}

private func string(hexadecimal text: String) -> String? {
  let digits = Array(text.utf8)
  guard digits.count.isMultiple(of: 2) else { return nil }
  let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { place in
    UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
  }
  guard bytes.count * 2 == digits.count else { return nil }
  return String(decoding: bytes, as: UTF8.self)
}
