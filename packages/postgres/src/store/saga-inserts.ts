import type { InsertedSaga, NewSaga } from 'flotilla/store';
import { listsOf, manyRows, oneRow } from './rows.ts';
import { isHeldBack } from './saga-pauses.ts';
import { type Queries, statement, toText } from './statement.ts';

interface InsertedRow {
  id: string;
  lease_until: number;
}

const SAGA = `id text, kind text, key text, definition_version text, input text, meta text, correlation_id text, parent text,
  at bigint, owner text, lease_ms bigint, entries text, lines integer, birth_entries text, birth_lines integer`;

/** In this form the server builds a table of the ids once; in the usual one it would walk through them for each saga. */
const IS_FRESH = '(id IN (SELECT id FROM fresh)) IS TRUE';

/** Sagas whose kind and key are there already are left out. */
const insert = (sagas: string): string => `
  WITH item AS (SELECT i.*, i.owner IS NOT NULL AND NOT ${isHeldBack('i.kind')} AS born FROM ${sagas}),
    fresh AS (INSERT INTO flotilla_sagas
      (id, kind, key, definition_version, input, meta, correlation_id, parent, at, updated_at,
       status, phase, wake_at, owner, fence, lease_until)
      SELECT id, kind, key, definition_version, input, meta, correlation_id, parent, at, at,
        CASE WHEN born THEN 'running' ELSE 'ready' END, 'forward', (SELECT flotilla_now()),
        CASE WHEN born THEN owner END, born::integer, CASE WHEN born THEN (SELECT flotilla_now()) + lease_ms ELSE 0 END FROM item
      ON CONFLICT (kind, key) DO NOTHING RETURNING id, lease_until),
    told AS (INSERT INTO flotilla_saga_journal (saga, line, next, entries)
      SELECT id, 0, lines, entries FROM item WHERE lines > 0 AND ${IS_FRESH}
      UNION ALL SELECT id, lines, lines + birth_lines, birth_entries FROM item WHERE born AND birth_lines > 0 AND ${IS_FRESH})
  SELECT id, lease_until FROM fresh`;

/** Takes any number of sagas, no two of one kind and key. */
export const INSERT = statement<InsertedRow>(insert(manyRows(SAGA)));
export const INSERT_ONE = statement<InsertedRow>(insert(oneRow(SAGA)));

export const ID_OF = statement<{ id: string }>('SELECT id FROM flotilla_sagas WHERE kind = $1 AND key = $2');

/** The parameters of `INSERT_ONE`. */
export function insertOneValues(saga: NewSaga): unknown[] {
  const { id, kind, key, definitionVersion, input, meta, correlationId, parent, at, journal = [], claim } = saga;
  const origin: unknown[] = [id, kind, key, definitionVersion, toText(input), toText(meta), correlationId, toText(parent), at];
  const { entries = [], owner, leaseMs } = claim ?? {};
  return origin.concat(owner, leaseMs, JSON.stringify(journal), journal.length, JSON.stringify(entries), entries.length);
}

/** The parameters of `INSERT`. */
export function insertValues(sagas: readonly NewSaga[]): unknown[] {
  return listsOf(sagas.map(insertOneValues));
}

/** What became of each saga; undefined for one that was not inserted. */
export function insertResults(sagas: readonly NewSaga[], rows: readonly InsertedRow[]): (InsertedSaga | undefined)[] {
  const leases = new Map(rows.map(({ id, lease_until: leaseUntil }) => [id, leaseUntil]));
  return sagas.map(({ id }) => (leases.has(id) ? { id, leaseUntil: leases.get(id) || undefined } : undefined));
}

/** The saga that is there already. */
export async function earlierSaga(db: Queries, { kind, key }: NewSaga): Promise<InsertedSaga | undefined> {
  const earlier = (await db.query(ID_OF, [kind, key])).rows[0];
  return earlier && { id: earlier.id, leaseUntil: undefined };
}
