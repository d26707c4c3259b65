import type { DatabaseSync } from 'node:sqlite';
import { FlotillaError } from '../../kernel/index.ts';
import type { JournalEntry } from '../saga-journal.ts';
import type { JournalLines } from '../sagas.ts';
import { linesFromText, linesToText } from './saga-lines.ts';
import type { StoredSaga } from './saga-rows.ts';
import { prepare } from './statement.ts';

type Owner = Pick<StoredSaga, 'number' | 'begun'>;

/** Reads one saga's journal in the order it was written: what the saga was born with, then what was added. */
export function createJournalReader(db: DatabaseSync): (saga: Owner) => JournalEntry[] {
  const added = prepare<{ entries: string }>(db, 'SELECT entries FROM flotilla_saga_journal WHERE saga = ? ORDER BY line');
  return ({ number, begun }) => {
    const texts = added.all(number).map(({ entries }) => entries);
    return (begun === null ? texts : [begun, ...texts]).flatMap(linesFromText);
  };
}

/** Whoever may write to a saga. */
export interface Holder {
  readonly id: string;
  readonly fence: number;
}

export interface JournalWriter {
  /** Adds lines; there is no way to change one. Throws `JOURNAL_CONFLICT` when there are more or fewer lines before them. */
  add(saga: string, lines: JournalLines | undefined): void;
  /** The same under a claim; false when it is another's. */
  addHeld(holder: Holder, lines: JournalLines | undefined): boolean;
}

/** One statement for what nearly every advance is. */
const ADD = `INSERT INTO flotilla_saga_journal (saga, line, next, entries)
  SELECT number, ?2, ?3, ?4 FROM flotilla_sagas WHERE id = ?1
    AND ?2 = coalesce(
      (SELECT next FROM flotilla_saga_journal WHERE saga = number ORDER BY line DESC LIMIT 1), json_array_length(begun), 0)`;

export function createJournalWriter(db: DatabaseSync): JournalWriter {
  const insert = prepare(db, ADD);
  const insertHeld = prepare(db, `${ADD} AND owner IS NOT NULL AND fence = ?5`);
  const held = prepare<object>(db, 'SELECT 1 FROM flotilla_sagas WHERE id = ? AND owner IS NOT NULL AND fence = ?');
  return {
    add(saga, lines) {
      if (!lines || lines.entries.length === 0) return;
      if (insert.run(saga, ...row(lines)).changes === 0) throw conflict(saga, lines.after);
    },
    addHeld({ id, fence }, lines) {
      const written = lines && lines.entries.length > 0 && insertHeld.run(id, ...row(lines), fence).changes === 1;
      if (written) return true;
      if (!held.get(id, fence)) return false;
      if (lines && lines.entries.length > 0) throw conflict(id, lines.after);
      return true;
    },
  };
}

function row({ after, entries }: JournalLines): [line: number, next: number, entries: string] {
  return [after, after + entries.length, linesToText(entries)];
}

function conflict(saga: string, after: number): FlotillaError {
  return new FlotillaError('JOURNAL_CONFLICT', {
    kind: 'conflict',
    message: `The journal of saga '${saga}' does not have ${after} lines any more. Claim the saga again and read its journal.`,
  });
}
