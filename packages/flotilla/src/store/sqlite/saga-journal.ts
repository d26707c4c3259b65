import type { DatabaseSync } from 'node:sqlite';
import { FlotillaError } from '../../kernel/index.ts';
import type { JournalEntry, StepDirection, StepStatus } from '../sagas.ts';
import { isUniqueViolation } from './failure.ts';
import { fromText, prepare, toText } from './statement.ts';

interface JournalRow {
  step: string;
  direction: StepDirection;
  attempt: number;
  status: StepStatus;
  output: string | null;
  error: string | null;
  at: number;
}

/** Reads one saga's journal in the order it was written. */
export function createJournalReader(db: DatabaseSync): (saga: string) => JournalEntry[] {
  const lines = prepare<JournalRow>(
    db,
    'SELECT step, direction, attempt, status, output, error, at FROM flotilla_saga_journal WHERE saga = ? ORDER BY line',
  );
  return (saga) =>
    lines.all(saga).map(({ output, error, ...entry }) => ({ ...entry, output: fromText(output), error: fromText(error) }));
}

/** Adds lines; there is no way to change one. */
export function createJournalWriter(db: DatabaseSync): (saga: string, entries: readonly JournalEntry[]) => void {
  const insert = prepare(
    db,
    `INSERT INTO flotilla_saga_journal (saga, step, direction, attempt, status, line, output, error, at)
       VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(line), 0) + 1 FROM flotilla_saga_journal WHERE saga = ?1), ?6, ?7, ?8)`,
  );
  return (saga, entries) => {
    for (const { step, direction, attempt, status, output, error, at } of entries) {
      try {
        insert.run(saga, step, direction, attempt, status, toText(output), toText(error), at);
      } catch (cause) {
        throw isUniqueViolation(cause) ? duplicate(saga, `${step} ${direction} ${attempt} ${status}`, cause) : cause;
      }
    }
  };
}

function duplicate(saga: string, line: string, cause: unknown): FlotillaError {
  return new FlotillaError('JOURNAL_CONFLICT', {
    kind: 'conflict',
    message: `The journal of saga '${saga}' holds the line '${line}' already. Claim the saga again and read its journal.`,
    cause,
  });
}
