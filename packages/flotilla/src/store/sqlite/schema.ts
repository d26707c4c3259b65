import type { DatabaseSync } from 'node:sqlite';

/**
 * The engine's own tables, in every service's database. Their names start with `flotilla_`; a service's tables must not.
 * Each entry takes the database one version on; an entry that was released is never changed.
 */
export const ENGINE_VERSIONS: readonly string[] = [
  `
  CREATE TABLE flotilla_migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE flotilla_events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT, version INTEGER,
    type TEXT NOT NULL, schema_version INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
    data TEXT, meta TEXT NOT NULL, at INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX flotilla_events_stream ON flotilla_events (stream, version) WHERE stream IS NOT NULL;

  -- These two keep the order of their rowids, which is the order of time: the oldest are found without an index on age.
  CREATE TABLE flotilla_idempotency (
    scope TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT NULL, reply TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
  );

  CREATE TABLE flotilla_inbox (
    consumer TEXT NOT NULL, message_id TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (consumer, message_id)
  );

  CREATE TABLE flotilla_parked (
    consumer TEXT NOT NULL, message_id TEXT NOT NULL, key TEXT, envelope TEXT, error TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (consumer, message_id)
  ) WITHOUT ROWID;
  CREATE INDEX flotilla_parked_key ON flotilla_parked (consumer, key) WHERE key IS NOT NULL;

  CREATE TABLE flotilla_cursors (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE flotilla_leases (
    name TEXT PRIMARY KEY, owner TEXT, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE flotilla_sagas (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, definition_version TEXT NOT NULL,
    input TEXT, meta TEXT, status TEXT NOT NULL, phase TEXT NOT NULL, wake_at INTEGER NOT NULL,
    owner TEXT, fence INTEGER NOT NULL, lease_until INTEGER NOT NULL,
    reason TEXT, at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (kind, key)
  );
  -- Partial, so that the millions of sagas that ended cost a claim nothing.
  CREATE INDEX flotilla_sagas_due ON flotilla_sagas (wake_at)
    WHERE owner IS NULL AND status IN ('ready', 'running', 'waiting', 'compensating');
  CREATE INDEX flotilla_sagas_leased ON flotilla_sagas (lease_until) WHERE owner IS NOT NULL;
  CREATE INDEX flotilla_sagas_stuck ON flotilla_sagas (updated_at) WHERE status = 'stuck';

  CREATE TABLE flotilla_saga_journal (
    saga TEXT NOT NULL, step TEXT NOT NULL, direction TEXT NOT NULL, attempt INTEGER NOT NULL, status TEXT NOT NULL,
    line INTEGER NOT NULL, output TEXT, error TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (saga, step, direction, attempt, status)
  ) WITHOUT ROWID;

  CREATE TABLE flotilla_check (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
  `,
];

export function engineVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()!.user_version);
}
