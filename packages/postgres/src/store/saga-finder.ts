import type { ClaimedSaga, JournalEntry } from 'flotilla/store';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { signalsOf } from './saga-signals.ts';
import { type Queries, statement } from './statement.ts';

interface JournalRow {
  saga: string;
  entries: string;
}

export const FIND = statement<StoredSaga>('SELECT * FROM flotilla_sagas WHERE id = $1');
/** Whoever would change the row waits until the unit ends. */
export const HOLD = statement<StoredSaga>('SELECT * FROM flotilla_sagas WHERE id = $1 FOR UPDATE');
export const JOURNALS = statement<JournalRow>(
  'SELECT saga, entries FROM flotilla_saga_journal WHERE saga = ANY ($1) ORDER BY saga, line',
);

/** Reads a saga with all that belongs to it. */
export async function findSaga(db: Queries, id: string, how = FIND): Promise<ClaimedSaga | undefined> {
  const row = (await db.query(how, [id])).rows[0];
  if (!row) return undefined;
  const [journal, signals] = await Promise.all([journalsOf(db, [id]), signalsOf(db, row)]);
  return { saga: sagaRow(row), journal: journal.get(id) ?? [], signals };
}

export async function journalsOf(db: Queries, ids: readonly string[]): Promise<Map<string, JournalEntry[]>> {
  const found = new Map<string, JournalEntry[]>();
  for (const { saga, entries } of (await db.query(JOURNALS, [ids])).rows) {
    // Written by the journal's writers from exactly this type.
    const lines = JSON.parse(entries) as JournalEntry[];
    found.set(saga, [...(found.get(saga) ?? []), ...lines]);
  }
  return found;
}
