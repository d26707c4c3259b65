import type { DatabaseSync } from 'node:sqlite';
import type { SagaStatus, SagaStore } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { NEXT_WAKE } from './saga-claims.ts';
import { createJournalReader } from './saga-journal.ts';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { prepare } from './statement.ts';

const ENDED: ReadonlySet<SagaStatus | undefined> = new Set(['done', 'compensated', undefined]);

/** Sagas that did not end, found through the partial indexes: few, however many have ended. */
const OPEN = `
  SELECT rowid, * FROM flotilla_sagas INDEXED BY flotilla_sagas_leased WHERE owner IS NOT NULL
  UNION ALL
  SELECT rowid, * FROM flotilla_sagas INDEXED BY flotilla_sagas_due
    WHERE owner IS NULL AND status IN ('ready', 'running', 'waiting', 'compensating')
  UNION ALL
  SELECT rowid, * FROM flotilla_sagas INDEXED BY flotilla_sagas_stuck WHERE status = 'stuck'`;

export type SagaReader = Pick<SagaStore, 'find' | 'list' | 'nextWake'>;

export function createSagaReader(db: DatabaseSync): Direct<SagaReader> {
  const byId = prepare<StoredSaga>(db, 'SELECT * FROM flotilla_sagas WHERE id = ?');
  const newestFirst = 'WHERE (:kind IS NULL OR kind = :kind) AND (:status IS NULL OR status = :status) ORDER BY rowid DESC';
  const all = prepare<StoredSaga>(db, `SELECT * FROM flotilla_sagas ${newestFirst} LIMIT :limit`);
  const open = prepare<StoredSaga>(db, `SELECT * FROM (${OPEN}) ${newestFirst} LIMIT :limit`);
  const nextWake = prepare<{ wake: number | null }>(db, NEXT_WAKE);
  const journalOf = createJournalReader(db);

  return {
    find(id) {
      // One snapshot for the row and its journal: another process may commit between two reads.
      db.exec('BEGIN');
      try {
        const row = byId.get(id);
        return row && { saga: sagaRow(row), journal: journalOf(id) };
      } finally {
        db.exec('COMMIT');
      }
    },
    list({ kind, status, limit }) {
      const rows = (ENDED.has(status) ? all : open).all({ kind: kind ?? null, status: status ?? null, limit });
      return rows.map(sagaRow);
    },
    nextWake: (kinds) => nextWake.get({ kinds: JSON.stringify(kinds) })?.wake ?? undefined,
  };
}
