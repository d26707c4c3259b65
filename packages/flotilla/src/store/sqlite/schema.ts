import type { DatabaseSync } from 'node:sqlite';
import { SAGA_TABLES } from './schema-sagas.ts';

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
  CREATE INDEX flotilla_events_correlation ON flotilla_events (meta ->> '$.correlationId');

  CREATE TABLE flotilla_snapshots (
    stream TEXT PRIMARY KEY, version INTEGER NOT NULL, fold_hash TEXT NOT NULL, data TEXT, at INTEGER NOT NULL
  );

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

  CREATE TABLE flotilla_projections (
    projection TEXT NOT NULL, build INTEGER NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL,
    tables TEXT NOT NULL, error TEXT, at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (projection, build)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX flotilla_projections_active ON flotilla_projections (projection) WHERE status = 'active';

  CREATE TABLE flotilla_parked_streams (
    projection TEXT NOT NULL, build INTEGER NOT NULL, stream TEXT NOT NULL,
    version INTEGER NOT NULL, position INTEGER NOT NULL, error TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (projection, build, stream)
  ) WITHOUT ROWID;

  CREATE TABLE flotilla_leases (
    name TEXT PRIMARY KEY, owner TEXT, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  ${SAGA_TABLES}
  CREATE TABLE flotilla_check (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
  `,
];

export function engineVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()!.user_version);
}
