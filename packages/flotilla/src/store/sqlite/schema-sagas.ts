/** Sagas, what is known of their steps, and what they wait for. */
export const SAGA_TABLES = `
  CREATE TABLE flotilla_sagas (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, key TEXT NOT NULL, definition_version TEXT NOT NULL,
    input TEXT, meta TEXT, correlation_id TEXT NOT NULL, parent TEXT,
    status TEXT NOT NULL, phase TEXT NOT NULL, wake_at INTEGER NOT NULL, awaits TEXT, paused INTEGER NOT NULL DEFAULT 0,
    owner TEXT, fence INTEGER NOT NULL, lease_until INTEGER NOT NULL,
    reason TEXT, at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    -- The lines its journal begins with.
    begun TEXT,
    UNIQUE (kind, key)
  );
  -- Partial, so that the millions of sagas that ended cost a claim nothing, and apart, so that a saga is in one of them at most.
  CREATE INDEX flotilla_sagas_due ON flotilla_sagas (wake_at, kind)
    WHERE owner IS NULL AND paused = 0 AND status IN ('ready', 'running', 'waiting', 'compensating');
  CREATE INDEX flotilla_sagas_leased ON flotilla_sagas (lease_until, kind) WHERE owner IS NOT NULL AND paused = 0;
  CREATE INDEX flotilla_sagas_paused ON flotilla_sagas (kind) WHERE paused = 1;
  CREATE INDEX flotilla_sagas_stuck ON flotilla_sagas (kind) WHERE status = 'stuck';
  CREATE INDEX flotilla_sagas_correlation ON flotilla_sagas (correlation_id);

  -- A row holds all that one write added: lines from 'line' up to 'next', as a JSON list of lists
  -- [step, direction, attempt, status, at, {output, error}]. Names would be most of what a saga costs.
  CREATE TABLE flotilla_saga_journal (
    saga INTEGER NOT NULL, line INTEGER NOT NULL, next INTEGER NOT NULL, entries TEXT NOT NULL,
    PRIMARY KEY (saga, line)
  ) WITHOUT ROWID;

  CREATE TABLE flotilla_saga_signals (
    kind TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
    data TEXT, at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key, name, id)
  ) WITHOUT ROWID;
  CREATE INDEX flotilla_saga_signals_expiry ON flotilla_saga_signals (expires_at);

  -- A kind, or * for the whole service.
  CREATE TABLE flotilla_saga_pauses (kind TEXT PRIMARY KEY) WITHOUT ROWID;

  -- Who is first in place holds the resource; the others wait behind it in order.
  CREATE TABLE flotilla_saga_locks (
    place INTEGER PRIMARY KEY AUTOINCREMENT, resource TEXT NOT NULL, saga TEXT NOT NULL,
    UNIQUE (saga, resource)
  );
  CREATE INDEX flotilla_saga_locks_line ON flotilla_saga_locks (resource, place);
`.trim();
