import API
package import GRDB

/// The catalogue's tables, as migrations in their order. Those that were released are never changed: add another.
enum Schema {
  static var migrations: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { try $0.execute(sql: first) }
    migrator.registerMigration("ledger") { try $0.execute(sql: ledger) }
    migrator.registerMigration("reopening") { try $0.execute(sql: reopening) }
    migrator.registerMigration("viewing") { try $0.execute(sql: viewing) }
    migrator.registerMigration("people") { try $0.execute(sql: people) }
    migrator.registerMigration("accounts") { try $0.execute(sql: "ALTER TABLE audit ADD COLUMN account TEXT") }
    migrator.registerMigration("states") { try migrateStates($0) }
    migrator.registerMigration("index of changed windows") { try $0.execute(sql: indexAnew) }
    migrator.registerMigration("clocks") { try $0.execute(sql: clocks) }
    return migrator
  }

  private static let first = """
    CREATE TABLE hosts (
      name TEXT PRIMARY KEY NOT NULL,
      state TEXT NOT NULL,              -- enrolled, revoked
      key TEXT NOT NULL,                -- fingerprint of the certificate's key
      ledger_key BLOB NOT NULL,         -- Ed25519 public key
      enrolled INTEGER NOT NULL,        -- ms since the Epoch, as all times here
      certified INTEGER NOT NULL,       -- when its newest certificate ends
      seen INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE join_tokens (
      hash BLOB PRIMARY KEY NOT NULL,   -- SHA-256 of the token
      host TEXT NOT NULL,
      ends INTEGER NOT NULL,
      replaces INTEGER NOT NULL,
      used INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE access_tokens (
      hash BLOB PRIMARY KEY NOT NULL,
      role TEXT NOT NULL,
      made INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE incidents (
      number INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      host TEXT NOT NULL,
      what TEXT NOT NULL
    );
    CREATE TABLE recordings (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      host TEXT NOT NULL, rec TEXT NOT NULL, user TEXT NOT NULL, term TEXT NOT NULL, session INTEGER NOT NULL,
      start INTEGER NOT NULL,
      trust TEXT NOT NULL DEFAULT '', tty TEXT NOT NULL DEFAULT '', cmd TEXT NOT NULL DEFAULT '',
      state TEXT NOT NULL,              -- a word of the glossary
      why TEXT, exit INTEGER, signal INTEGER,
      path TEXT,                        -- of the sealed file, below the data directory
      frames TEXT                       -- its index, JSON
    );
    CREATE INDEX recordings_by_start ON recordings (start DESC, number DESC);
    CREATE INDEX recordings_live ON recordings (host) WHERE state = 'live';
    CREATE INDEX recordings_unsealed ON recordings (number) WHERE path IS NULL AND state != 'live';
    CREATE TABLE heads (
      recording INTEGER PRIMARY KEY,
      seq INTEGER NOT NULL, hash TEXT NOT NULL, off INTEGER NOT NULL,
      duration INTEGER NOT NULL,        -- ms, to the last event held
      bytes INTEGER NOT NULL,           -- of all lines with their LF
      received INTEGER NOT NULL         -- when the last of them came
    );
    CREATE TABLE live (
      recording INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
      frame BLOB NOT NULL,              -- lines first to last, one zstd frame
      PRIMARY KEY (recording, first)
    ) WITHOUT ROWID;
    """

  private static let ledger = """
    CREATE TABLE ledger (
      host TEXT NOT NULL,
      epoch TEXT NOT NULL,
      n INTEGER NOT NULL,
      hash TEXT NOT NULL,               -- base64url of SHA-256 over entry
      entry TEXT NOT NULL,              -- as it was sent
      signature TEXT NOT NULL,          -- Ed25519 over entry, base64
      received INTEGER NOT NULL,
      PRIMARY KEY (host, epoch, n)
    ) WITHOUT ROWID;
    """

  /// A recording that was sealed as abandoned and then goes on has a file and rows, so a path alone says too little.
  private static let reopening = """
    ALTER TABLE recordings ADD COLUMN unsealed INTEGER NOT NULL DEFAULT 1;  -- it has rows in live
    UPDATE recordings SET unsealed = 0 WHERE path IS NOT NULL;
    DROP INDEX recordings_unsealed;
    CREATE INDEX recordings_unsealed ON recordings (number) WHERE unsealed AND state != 'live';
    """

  /// Each message's window was counted as an event, and changed the screen: keyframes and activity are made anew.
  private static let indexAnew = """
    DELETE FROM keyframes;
    DELETE FROM activities;
    UPDATE recordings SET indexed = 0, indexed_bytes = 0, indexed_whole = 0;
    """

  /// Opens the catalogue, and brings it up to this program's schema.
  ///
  /// - Throws: ``ArchiveError/newerSchema`` when a later program has written it.
  static func open(_ path: String) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    let pool = try DatabasePool(path: path, configuration: configuration)
    // WAL alone syncs at checkpoints; an acknowledged batch must be on disk. Not when a connection is prepared: the pool
    // sets NORMAL behind that. One connection writes, as long as the pool lives.
    try pool.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else { throw ArchiveError.unsynced }
    }
    guard try pool.read({ try !migrations.hasBeenSuperseded($0) }) else { throw ArchiveError.newerSchema }
    try migrations.migrate(pool)
    return pool
  }
}

package enum ArchiveError: DescribedError, Equatable {
  /// The database does not sync what it commits.
  case unsynced
  /// The data directory was written by a later version of the program.
  case newerSchema
  /// Less than the bound is free: nothing is taken until there is room (DESIGN §6).
  case full
  /// A kept file or row is not what was written.
  case damaged

  package var sentence: String {
    switch self {
    case .unsynced: "the database does not sync what it commits"
    case .newerSchema: "the data were written by a later version of stenod"
    case .full: "there is too little room"
    case .damaged: "what is kept is damaged"
    }
  }
}

extension DatabaseError: DescribedError {
  /// Without the statement and its values, which hold what hosts sent.
  package var sentence: String {
    "the catalogue: \(message ?? "it cannot be used") (SQLite \(extendedResultCode.rawValue))"
  }
}
