import type { DatabaseSync } from 'node:sqlite';
import { endsIn } from '../saga-status.ts';
import type { SagaStore } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { NEXT_WAKE } from './saga-claims.ts';
import { createSagaFinder } from './saga-finder.ts';
import { createPauseReader } from './saga-pauses.ts';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { prepare } from './statement.ts';

/** Reads sagas that did not end through the partial indexes: few, however many have ended. */
function open(columns: string, combine: 'UNION' | 'UNION ALL'): string {
  const parts = [
    'INDEXED BY flotilla_sagas_leased WHERE owner IS NOT NULL AND paused = 0',
    `INDEXED BY flotilla_sagas_due
       WHERE owner IS NULL AND paused = 0 AND status IN ('ready', 'running', 'waiting', 'compensating')`,
    'INDEXED BY flotilla_sagas_paused WHERE paused = 1',
    `INDEXED BY flotilla_sagas_stuck WHERE status = 'stuck'`,
  ];
  return parts.map((part) => `SELECT ${columns} FROM flotilla_sagas ${part}`).join(` ${combine} `);
}

const FILTER = `(:kind IS NULL OR kind = :kind) AND (:status IS NULL OR status = :status)
  AND (:paused IS NULL OR paused = :paused)`;
const NEWEST_FIRST = 'ORDER BY number DESC LIMIT :limit';

export type SagaReader = Pick<SagaStore, 'find' | 'list' | 'nextWake' | 'pauses' | 'strangers'>;
type Filter = Parameters<SagaReader['list']>[0];

export function createSagaReader(db: DatabaseSync): Direct<SagaReader> {
  const find = createSagaFinder(db);
  const { unpaused, pauses } = createPauseReader(db);
  const nextWake = prepare<{ wake: number | null }>(db, NEXT_WAKE);
  const strangers = prepare<{ kind: string }>(
    db,
    `SELECT kind FROM (${open('kind', 'UNION')}) WHERE kind NOT IN (SELECT value FROM json_each(?)) ORDER BY kind`,
  );
  return {
    find(id) {
      // One snapshot for the row and what belongs to it: another process may commit between two reads.
      db.exec('BEGIN');
      try {
        return find(id);
      } finally {
        db.exec('COMMIT');
      }
    },
    list: createSagaList(db),
    nextWake: (kinds) => nextWake.get({ kinds: JSON.stringify(unpaused(kinds)) })?.wake ?? undefined,
    pauses,
    strangers: (kinds) => strangers.all(JSON.stringify(kinds)).map(({ kind }) => kind),
  };
}

function createSagaList(db: DatabaseSync): Direct<SagaReader>['list'] {
  const all = prepare<StoredSaga>(db, `SELECT * FROM flotilla_sagas WHERE ${FILTER} ${NEWEST_FIRST}`);
  const unended = prepare<StoredSaga>(db, `SELECT * FROM (${open('*', 'UNION ALL')}) WHERE ${FILTER} ${NEWEST_FIRST}`);
  const related = prepare<StoredSaga>(
    db,
    `SELECT * FROM flotilla_sagas INDEXED BY flotilla_sagas_correlation
       WHERE correlation_id = :correlationId AND ${FILTER} ${NEWEST_FIRST}`,
  );
  return ({ kind, status, paused, correlationId, limit }) => {
    const filter = { kind: kind ?? null, status: status ?? null, paused: paused === undefined ? null : Number(paused), limit };
    if (correlationId !== undefined) return related.all({ ...filter, correlationId }).map(sagaRow);
    return (isOpen({ status, paused }) ? unended : all).all(filter).map(sagaRow);
  };
}

function isOpen({ status, paused }: Pick<Filter, 'status' | 'paused'>): boolean {
  return paused === true || (status !== undefined && !endsIn(status));
}
