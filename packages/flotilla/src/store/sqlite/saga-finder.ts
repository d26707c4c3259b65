import type { DatabaseSync } from 'node:sqlite';
import type { ClaimedSaga } from '../sagas.ts';
import { createJournalReader } from './saga-journal.ts';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { createSignalReader } from './saga-signals.ts';
import { prepare } from './statement.ts';

/** Reads a saga with all that belongs to it. The caller sees to it that nobody writes in between. */
export function createSagaFinder(db: DatabaseSync): (id: string) => ClaimedSaga | undefined {
  const byId = prepare<StoredSaga>(db, 'SELECT * FROM flotilla_sagas WHERE id = ?');
  const journalOf = createJournalReader(db);
  const signalsOf = createSignalReader(db);
  return (id) => {
    const row = byId.get(id);
    return row && { saga: sagaRow(row), journal: journalOf(row), signals: signalsOf(row) };
  };
}
