/** Sagas, what is known of their steps, and what they wait for. */
export const SAGA_TABLES = `
  CREATE TABLE flotilla_sagas (
    id text COLLATE "C" PRIMARY KEY, kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
    definition_version text NOT NULL, input text, meta text, correlation_id text COLLATE "C" NOT NULL, parent text,
    status text NOT NULL, phase text NOT NULL, wake_at bigint NOT NULL, awaits text, paused boolean NOT NULL DEFAULT false,
    owner text, fence bigint NOT NULL, lease_until bigint NOT NULL,
    reason text, at bigint NOT NULL, updated_at bigint NOT NULL, number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    UNIQUE (kind, key)
  ) WITH (${busy()});
  -- Partial, so that the millions of sagas that ended cost a claim nothing, and apart, so that a saga is in one of them at most.
  CREATE INDEX flotilla_sagas_due ON flotilla_sagas (wake_at, kind)
    WHERE owner IS NULL AND NOT paused AND status IN ('ready', 'running', 'waiting', 'compensating');
  CREATE INDEX flotilla_sagas_leased ON flotilla_sagas (lease_until, kind) WHERE owner IS NOT NULL AND NOT paused;
  CREATE INDEX flotilla_sagas_paused ON flotilla_sagas (kind) WHERE paused;
  CREATE INDEX flotilla_sagas_stuck ON flotilla_sagas (kind) WHERE status = 'stuck';
  CREATE INDEX flotilla_sagas_correlation ON flotilla_sagas (correlation_id);
  CREATE INDEX flotilla_sagas_number ON flotilla_sagas (number);

  -- A row holds all that one write added: lines from 'line' up to 'next', as a JSON list.
  CREATE TABLE flotilla_saga_journal (
    saga text COLLATE "C" NOT NULL, line integer NOT NULL, next integer NOT NULL, entries text NOT NULL,
    PRIMARY KEY (saga, line)
  ) WITH (${busy()});

  CREATE TABLE flotilla_saga_signals (
    kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    data text, at bigint NOT NULL, expires_at bigint NOT NULL,
    PRIMARY KEY (kind, key, name, id)
  ) WITH (${busy()});
  CREATE INDEX flotilla_saga_signals_expiry ON flotilla_saga_signals (expires_at);

  -- A kind, or * for the whole service.
  CREATE TABLE flotilla_saga_pauses (kind text COLLATE "C" PRIMARY KEY);

  -- Who is first in place holds the resource; the others wait behind it in order.
  CREATE TABLE flotilla_saga_locks (
    resource text COLLATE "C" NOT NULL, place bigint NOT NULL, saga text COLLATE "C" NOT NULL,
    PRIMARY KEY (resource, place), UNIQUE (saga, resource)
  ) WITH (${busy()});
  -- Whoever joins or leaves a line changes its row here, so units that do so at the same moment come one after the other.
  CREATE TABLE flotilla_saga_lines (resource text COLLATE "C" PRIMARY KEY, last_place bigint NOT NULL) WITH (${busy(60)});
`;

/**
 * Storage settings of a table that changes all the time. Dead rows go early, however long the table is. It is not analysed
 * while it is small: a plan that was made for a handful of rows would read the whole table long after it has grown.
 */
export function busy(fillfactor = 100): string {
  return `fillfactor = ${fillfactor}, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = 50000, autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 5000`;
}
