import API
import Events
import GRDB

/// What decides the word for a recording, and what its clocks are read from.
extension Schema {
  /// Before this, what had an end was `complete` whatever it lacked. Gaps of recordings that were looked through are known
  /// by their reasons; of the others it is known that there are some.
  static func migrateStates(_ db: Database) throws {
    try db.execute(
      sql: """
        ALTER TABLE recordings ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;  -- one of its gaps is damage
        UPDATE recordings SET damaged = 1 WHERE gaps > 0 AND EXISTS (
          SELECT 1 FROM activities a, json_each(CAST(a.body AS TEXT), '$.marks') m
          WHERE a.recording = recordings.number AND m.value ->> 'kind' = 'gap' AND m.value ->> 'why' = 'damaged');
        DROP INDEX recordings_killed;
        """)
    let rows = try Row.fetchCursor(
      db, sql: "SELECT number, state, trust, gaps, damaged, why FROM recordings WHERE state != 'live'")
    var changed: [(number: Int64, state: String)] = []
    while let row = try rows.next() {
      guard let state = try? RecordingState(ended: row).rawValue else { continue }
      if state != row["state"] { changed.append((row["number"], state)) }
    }
    for (number, state) in changed {
      try db.execute(sql: "UPDATE recordings SET state = ? WHERE number = ?", arguments: [state, number])
    }
  }

  static let clocks = """
    ALTER TABLE heads ADD COLUMN lag INTEGER NOT NULL DEFAULT 0;  -- ms, from its last event to when that was sent
    ALTER TABLE heads ADD COLUMN wall INTEGER;  -- the host's clock at its last event
    ALTER TABLE heads ADD COLUMN skew INTEGER;  -- ms, how far that was ahead of the centre's when it was sent
    ALTER TABLE hosts ADD COLUMN skew INTEGER;  -- the same, with the last ledger entry
    """
}
