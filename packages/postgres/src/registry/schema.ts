/** What all parts of a system share lies beside the databases of its services, in a schema of its own. */
export const SCHEMA = 'flotilla_system';

/** The database's own clock, in milliseconds. Leases are measured with no other. */
export const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/**
 * An expression that lets a heartbeat commit without waiting for the disk: what a crash of the server loses of the last moments, the
 * next ones bring back. Never for what takes a revision, which must not go back. It ends with the transaction, so it does
 * nothing to others behind a pooler.
 */
export const HASTE = `set_config('synchronous_commit', 'off', true)`;

/** A number that only this program uses as the key of its lock. */
const LOCK = 6_031_764_205;

/** Begins a change of the schema that nobody else makes at the same moment. */
export const SCHEMA_ALONE = `SELECT pg_advisory_xact_lock(${LOCK}); CREATE SCHEMA IF NOT EXISTS ${SCHEMA};`;

/**
 * `registry` is one row: its incarnation is drawn when the tables are made, and changes up to `forgotten` can't be told any more.
 * An instance that is gone keeps its row for a while, so that watchers hear of it. There is no index on `expires_at`, and room in
 * every page, so that heartbeats, by far the most frequent writes, touch no index and leave nothing to clean up.
 */
export const MIGRATION = `
  ${SCHEMA_ALONE}
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.registry (
    one smallint PRIMARY KEY CHECK (one = 1),
    incarnation uuid NOT NULL,
    revision bigint NOT NULL,
    forgotten bigint NOT NULL
  ) WITH (fillfactor = 10);
  INSERT INTO ${SCHEMA}.registry VALUES (1, gen_random_uuid(), 1, 1) ON CONFLICT DO NOTHING;
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.instances (
    id text PRIMARY KEY,
    service text NOT NULL,
    epoch bigint NOT NULL,
    facts text NOT NULL,
    status text NOT NULL,
    blocked smallint NOT NULL DEFAULT 0,
    stale smallint NOT NULL DEFAULT 0,
    gone text CHECK (gone IN ('left', 'expired')),
    registered_at bigint NOT NULL,
    ttl_ms bigint,
    expires_at bigint,
    revision bigint NOT NULL
  ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
  CREATE INDEX IF NOT EXISTS instances_by_revision ON ${SCHEMA}.instances (revision);
`;
