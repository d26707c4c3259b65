import type { DatabaseSync } from 'node:sqlite';

/**
 * `registry` is one row: the incarnation is drawn when the file is made, and changes up to `forgotten` can't be told any more.
 * An instance that is gone keeps its row for a while, so that watchers hear of it.
 */
const SCHEMA = `
  CREATE TABLE registry (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    incarnation TEXT NOT NULL,
    revision INTEGER NOT NULL,
    forgotten INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    facts TEXT NOT NULL,
    status TEXT NOT NULL,
    blocked INTEGER NOT NULL DEFAULT 0,
    stale INTEGER NOT NULL DEFAULT 0,
    gone TEXT CHECK (gone IN ('left', 'expired')),
    registered_at INTEGER NOT NULL,
    ttl_ms INTEGER,
    expires_at INTEGER,
    revision INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX instances_by_revision ON instances (revision);
  CREATE INDEX instances_by_expiry ON instances (expires_at) WHERE gone IS NULL;
`;

const VERSION = 1;

/** Makes the tables of a new file; whoever comes first does it for all. A file of another version is emptied: leases come back. */
export function migrate(db: DatabaseSync, newIncarnation: () => string): void {
  if (versionOf(db) === VERSION) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    if (versionOf(db) !== VERSION) {
      db.exec(`DROP TABLE IF EXISTS instances; DROP TABLE IF EXISTS registry; ${SCHEMA} PRAGMA user_version = ${VERSION}`);
      db.prepare('INSERT INTO registry VALUES (1, ?, 1, 1)').run(newIncarnation());
    }
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(db: DatabaseSync): unknown {
  return db.prepare('PRAGMA user_version').get()!.user_version;
}
