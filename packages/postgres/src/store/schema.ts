import { busy, SAGA_TABLES } from './schema-sagas.ts';

/** Advisory locks of a service's database, by class and object. Each service has a database of its own, and so have its locks. */
export const LOCK_CLASS = 0x666c6f74;
export const LOG_FENCE = 1;
export const MIGRATING = 2;

/**
 * The engine's own tables, in every service's database. Their names start with `flotilla_`; a service's tables must not.
 * Each entry takes the database one version on; an entry that was released is never changed.
 */
export const ENGINE_VERSIONS: readonly string[] = [
  `
  CREATE TABLE flotilla_migrations (name text COLLATE "C" PRIMARY KEY, at bigint NOT NULL);

  -- The store's clock: everything that is compared between processes is measured by it.
  CREATE FUNCTION flotilla_now() RETURNS bigint LANGUAGE plpgsql STABLE AS
    'BEGIN RETURN floor(extract(epoch FROM clock_timestamp()) * 1000); END';

  -- Whoever takes a position holds the fence from before until its commit is visible: see head.ts.
  CREATE SEQUENCE flotilla_positions CACHE 1;
  CREATE FUNCTION flotilla_next_position() RETURNS bigint LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK_CLASS}, ${LOG_FENCE}); RETURN nextval(''flotilla_positions''); END';

  CREATE TABLE flotilla_events (
    position bigint PRIMARY KEY DEFAULT flotilla_next_position(),
    stream text COLLATE "C", version integer,
    type text COLLATE "C" NOT NULL, schema_version integer NOT NULL, id text COLLATE "C" NOT NULL UNIQUE,
    data text, meta text NOT NULL, correlation_id text COLLATE "C" NOT NULL, at bigint NOT NULL
  ) WITH (${busy()});
  CREATE UNIQUE INDEX flotilla_events_stream ON flotilla_events (stream, version) WHERE stream IS NOT NULL;
  CREATE INDEX flotilla_events_correlation ON flotilla_events (correlation_id, position);

  -- Appending compares and sets the version here, so that a stream's versions are committed in their order.
  CREATE TABLE flotilla_streams (stream text COLLATE "C" PRIMARY KEY, version integer NOT NULL) WITH (${busy(60)});

  CREATE TABLE flotilla_snapshots (
    stream text COLLATE "C" PRIMARY KEY, version integer NOT NULL, fold_hash text NOT NULL, data text, at bigint NOT NULL
  ) WITH (${busy()});

  CREATE TABLE flotilla_idempotency (
    scope text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, request_hash text NOT NULL, reply text, at bigint NOT NULL,
    PRIMARY KEY (scope, key)
  ) WITH (${busy()});
  CREATE INDEX flotilla_idempotency_age ON flotilla_idempotency USING brin (at) WITH (autosummarize = on);

  CREATE TABLE flotilla_inbox (
    consumer text COLLATE "C" NOT NULL, message_id text COLLATE "C" NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (consumer, message_id)
  ) WITH (${busy()});
  CREATE INDEX flotilla_inbox_age ON flotilla_inbox USING brin (at) WITH (autosummarize = on);

  CREATE TABLE flotilla_parked (
    consumer text COLLATE "C" NOT NULL, message_id text COLLATE "C" NOT NULL, key text COLLATE "C",
    envelope text, error text NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (consumer, message_id)
  ) WITH (${busy()});
  CREATE INDEX flotilla_parked_key ON flotilla_parked (consumer, key) WHERE key IS NOT NULL;

  CREATE TABLE flotilla_cursors (name text COLLATE "C" PRIMARY KEY, position bigint NOT NULL) WITH (${busy(60)});

  CREATE TABLE flotilla_projections (
    projection text COLLATE "C" NOT NULL, build integer NOT NULL, version integer NOT NULL, status text NOT NULL,
    tables text NOT NULL, error text, at bigint NOT NULL, updated_at bigint NOT NULL,
    PRIMARY KEY (projection, build)
  );
  CREATE UNIQUE INDEX flotilla_projections_active ON flotilla_projections (projection) WHERE status = 'active';

  CREATE TABLE flotilla_parked_streams (
    projection text COLLATE "C" NOT NULL, build integer NOT NULL, stream text COLLATE "C" NOT NULL,
    version integer NOT NULL, position bigint NOT NULL, error text NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (projection, build, stream)
  );

  CREATE TABLE flotilla_leases (
    name text COLLATE "C" PRIMARY KEY, owner text, fence bigint NOT NULL, expires_at bigint NOT NULL
  ) WITH (${busy(60)});

  ${SAGA_TABLES}
  CREATE TABLE flotilla_check (id integer PRIMARY KEY CHECK (id = 1), at bigint NOT NULL) WITH (${busy(60)});

  -- Units that lost to others again and again stand in line here.
  CREATE TABLE flotilla_turns ();
  `,
];
