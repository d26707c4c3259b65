import { FlotillaError } from 'flotilla/kernel';
import type { JournalLines } from 'flotilla/store';
import { type Queries, statement } from './statement.ts';

/** SQL: how many lines the journal of a saga has. */
export const linesOf = (saga: string): string =>
  `coalesce((SELECT next FROM flotilla_saga_journal j WHERE j.saga = ${saga} ORDER BY line DESC LIMIT 1), 0)`;

const count = statement<{ lines: number }>(`SELECT ${linesOf('$1')} AS lines`);
const insert = statement(
  'INSERT INTO flotilla_saga_journal (saga, line, next, entries) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
);

export async function countLines(db: Queries, saga: string): Promise<number> {
  return (await db.query(count, [saga])).rows[0]!.lines;
}

/** Adds to a journal that has so many lines; there is no way to change one. Throws `JOURNAL_CONFLICT`. */
export async function tell(db: Queries, to: { saga: string; lines: number }, { after, entries }: JournalLines): Promise<void> {
  const { saga, lines } = to;
  const values = [saga, after, after + entries.length, JSON.stringify(entries)];
  if (after === lines && (await db.query(insert, values)).count === 1) return;
  throw new FlotillaError('JOURNAL_CONFLICT', {
    kind: 'conflict',
    message: `The journal of saga '${saga}' does not have ${after} lines any more. Claim the saga again and read its journal.`,
  });
}
