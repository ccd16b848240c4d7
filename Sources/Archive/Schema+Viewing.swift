/// Tables for those who look at recordings: what lists are sorted by, keyframes, people, and who watched what.
extension Schema {
  /// Live recordings change with each batch, so what they are sorted by stays in `heads`: only of those that have ended it
  /// is kept in an index.
  static let viewing = """
    ALTER TABLE recordings ADD COLUMN window_columns INTEGER NOT NULL DEFAULT 0;  -- at the start
    ALTER TABLE recordings ADD COLUMN window_rows INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recordings ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recordings ADD COLUMN has_input INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recordings ADD COLUMN ended_duration INTEGER;   -- as in heads, once it is not live
    ALTER TABLE recordings ADD COLUMN ended_bytes INTEGER;
    ALTER TABLE recordings ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;  -- last message in the sealed file
    ALTER TABLE recordings ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;  -- message up to which there are keyframes
    ALTER TABLE recordings ADD COLUMN indexed_bytes INTEGER NOT NULL DEFAULT 0;  -- of the lines up to there
    ALTER TABLE recordings ADD COLUMN indexed_whole INTEGER NOT NULL DEFAULT 0;  -- and no more will come
    UPDATE recordings SET ended_duration = (SELECT duration FROM heads WHERE recording = number),
      ended_bytes = (SELECT bytes FROM heads WHERE recording = number) WHERE state != 'live';
    UPDATE recordings SET sealed = coalesce(
      (SELECT min(first) - 1 FROM live WHERE recording = number), (SELECT seq FROM heads WHERE recording = number), 0)
      WHERE path IS NOT NULL;
    CREATE INDEX recordings_by_user ON recordings (user, start, number);
    CREATE INDEX recordings_by_host ON recordings (host, start, number);
    CREATE INDEX recordings_by_state ON recordings (state, start, number);
    CREATE INDEX recordings_by_duration ON recordings (ended_duration, number) WHERE state != 'live';
    CREATE INDEX recordings_by_bytes ON recordings (ended_bytes, number) WHERE state != 'live';
    CREATE INDEX recordings_with_gaps ON recordings (start, number) WHERE gaps > 0;
    CREATE INDEX recordings_killed ON recordings (start, number) WHERE why = 'killed';
    CREATE INDEX recordings_unindexed ON recordings (number) WHERE NOT unsealed AND indexed_whole = 0;
    CREATE TABLE keyframes (
      number INTEGER PRIMARY KEY,
      recording INTEGER NOT NULL REFERENCES recordings (number) ON DELETE CASCADE,
      seq INTEGER NOT NULL,             -- the message before which it was taken
      ms INTEGER NOT NULL,              -- of the last event before it
      events INTEGER NOT NULL,          -- before it
      output INTEGER NOT NULL,          -- bytes of output before it
      lines INTEGER NOT NULL,           -- bytes of lines before it
      window_columns INTEGER NOT NULL, window_rows INTEGER NOT NULL,
      dump BLOB NOT NULL                -- terminal output that restores the screen, one zstd frame
    );
    CREATE UNIQUE INDEX keyframes_by_seq ON keyframes (recording, seq);
    CREATE INDEX keyframes_by_ms ON keyframes (recording, ms, seq);
    CREATE TABLE activities (
      recording INTEGER PRIMARY KEY REFERENCES recordings (number) ON DELETE CASCADE,
      seq INTEGER NOT NULL,             -- the last message that is counted
      body BLOB NOT NULL                -- JSON
    );
    CREATE TABLE end_orders (
      recording INTEGER PRIMARY KEY REFERENCES recordings (number) ON DELETE CASCADE,
      at INTEGER NOT NULL, who TEXT NOT NULL,
      sent INTEGER                      -- when the host was last told
    );
    """

  static let people = """
    ALTER TABLE access_tokens ADD COLUMN name TEXT NOT NULL DEFAULT 'token';
    ALTER TABLE access_tokens ADD COLUMN scope TEXT NOT NULL DEFAULT '{"hosts":[],"users":[]}';
    CREATE TABLE users (
      name TEXT PRIMARY KEY NOT NULL,
      role TEXT NOT NULL,
      scope TEXT NOT NULL,              -- JSON: patterns of hosts and users
      salt BLOB NOT NULL, hash BLOB NOT NULL,  -- scrypt
      made INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE links (
      hash BLOB PRIMARY KEY NOT NULL,
      role TEXT NOT NULL,
      ends INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE sessions (
      hash BLOB PRIMARY KEY NOT NULL,
      name TEXT NOT NULL,
      user TEXT,                        -- of users, whose role and scope count; NULL: signed in by link
      role TEXT NOT NULL,
      csrf TEXT NOT NULL,
      began INTEGER NOT NULL, used INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE audit (
      number INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      who TEXT NOT NULL, what TEXT NOT NULL,
      recording TEXT,                   -- its id: the entry stays when the recording goes
      place INTEGER,                    -- ms, from where it was watched
      hour INTEGER                      -- of `at`, where there is one entry an hour
    );
    CREATE UNIQUE INDEX audit_by_hour ON audit (who, what, recording, hour) WHERE hour IS NOT NULL;
    """
}
