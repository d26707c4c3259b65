import {
  type Append,
  type Appended,
  type InsertedSaga,
  type JournalLines,
  type NewSaga,
  restsIn,
  type SagaAdvance,
} from 'flotilla/store';
import { APPEND, APPEND_ONE, appendOneValues, appendResults, appendValues } from './append.ts';
import type { Merge } from './merge.ts';
import { INSERT, INSERT_ONE, insertOneValues, insertResults, insertValues } from './saga-inserts.ts';
import { listsOf, manyRows, oneRow } from './rows.ts';
import { linesOf } from './saga-journal.ts';
import { changeValues } from './saga-rows.ts';
import { type Statement, statement } from './statement.ts';

type RowOf<TStatement> = TStatement extends Statement<infer TRow> ? TRow : never;

export const APPENDS: Merge<Append, Appended, RowOf<typeof APPEND>> = {
  statement: APPEND,
  statementForOne: APPEND_ONE,
  key: ({ stream, events }) => stream ?? `event ${events[0]!.id}`,
  values: appendValues,
  valuesOfOne: appendOneValues,
  results: appendResults,
  alone: (tx, append) => tx.events.append(append),
  touch: (_append, touched) => void (touched.events = true),
};

export const INSERTS: Merge<NewSaga, InsertedSaga, RowOf<typeof INSERT>> = {
  statement: INSERT,
  statementForOne: INSERT_ONE,
  key: ({ kind, key }) => `${kind} ${key}`,
  values: insertValues,
  valuesOfOne: insertOneValues,
  results: insertResults,
  alone: (tx, saga) => tx.sagas.insert(saga),
  touch: ({ claim }, touched) => void (touched.sagas ||= claim === undefined),
};

const NO_LINES: JournalLines = { after: 0, entries: [] };

const LINES = 'id text, fence bigint, line integer, next integer, entries text';
const CHANGED = `${LINES}, status text, phase text, wake_at bigint, has_reason boolean, reason text, rests boolean,
  release boolean, at bigint`;

/** The lock keeps a claim out until the line is visible: whoever takes the saga over reads it. */
const tell = (lines: string): Statement<{ saga: string }> =>
  statement(
    `WITH held AS (SELECT i.* FROM ${lines}
     JOIN flotilla_sagas g ON g.id = i.id AND g.fence = i.fence AND g.owner IS NOT NULL FOR SHARE OF g)
   INSERT INTO flotilla_saga_journal (saga, line, next, entries)
     SELECT id, line, next, entries FROM held WHERE line = ${linesOf('held.id')} RETURNING saga`,
  );
export const TELL = tell(manyRows(LINES));
export const TELL_ONE = tell(oneRow(LINES));

function journalValues({ id, fence, journal: { after, entries } = NO_LINES }: SagaAdvance): unknown[] {
  return [id, fence, after, after + entries.length, JSON.stringify(entries)];
}

function advanced(advances: readonly SagaAdvance[], rows: readonly { saga: string }[]): (true | undefined)[] {
  const written = new Set(rows.map(({ saga }) => saga));
  return advances.map(({ id }) => (written.has(id) ? true : undefined));
}

/** Advances that the journal alone tells. */
export const TELLINGS: Merge<SagaAdvance, boolean, RowOf<typeof TELL>> = {
  statement: TELL,
  statementForOne: TELL_ONE,
  key: ({ id }) => id,
  values: (advances) => listsOf(advances.map(journalValues)),
  valuesOfOne: journalValues,
  results: advanced,
  alone: (tx, advance) => tx.sagas.advance(advance),
  touch: () => undefined,
};

/** A saga that has places in lines gives them up at its end; that is left to a unit of its own. */
const change = (changes: string): Statement<{ saga: string }> =>
  statement(
    `WITH changed AS (UPDATE flotilla_sagas g SET status = coalesce(i.status, g.status), phase = coalesce(i.phase, g.phase),
       wake_at = coalesce(i.wake_at, g.wake_at), reason = CASE WHEN i.has_reason THEN i.reason ELSE g.reason END,
       paused = g.paused AND NOT i.rests, awaits = NULL, updated_at = i.at,
       owner = CASE WHEN i.release THEN NULL ELSE g.owner END, lease_until = CASE WHEN i.release THEN 0 ELSE g.lease_until END
     FROM ${changes}
     WHERE g.id = i.id AND g.fence = i.fence AND g.owner IS NOT NULL
       AND (i.next = i.line OR i.line = ${linesOf('i.id')})
       AND NOT (i.rests AND EXISTS (SELECT 1 FROM flotilla_saga_locks l WHERE l.saga = i.id))
     RETURNING g.id, i.line, i.next, i.entries),
   told AS (INSERT INTO flotilla_saga_journal (saga, line, next, entries)
     SELECT id, line, next, entries FROM changed WHERE next > line)
   SELECT id AS saga FROM changed`,
  );
export const CHANGE = change(manyRows(CHANGED));
export const CHANGE_ONE = change(oneRow(CHANGED));

const gives = ({ release, set }: SagaAdvance): boolean => release === true || restsIn(set?.status);

function changedValues(advance: SagaAdvance): unknown[] {
  return [...journalValues(advance), ...changeValues(advance.set), gives(advance), advance.at];
}

/** Advances that change the row, but neither await nor take a signal. */
export const CHANGES: Merge<SagaAdvance, boolean, RowOf<typeof CHANGE>> = {
  statement: CHANGE,
  statementForOne: CHANGE_ONE,
  key: ({ id }) => id,
  values: (advances) => listsOf(advances.map(changedValues)),
  valuesOfOne: changedValues,
  results: advanced,
  alone: (tx, advance) => tx.sagas.advance(advance),
  touch: (advance, touched) => void (touched.sagas ||= gives(advance) && !restsIn(advance.set?.status)),
};

/** The way an advance can be merged with others; undefined for one that needs a unit of its own. */
export function mergeOf(advance: SagaAdvance): Merge<SagaAdvance, boolean, { saga: string }> | undefined {
  const { set, takes = [], journal } = advance;
  if (takes.length > 0 || set?.awaits !== undefined) return undefined;
  if (set || gives(advance)) return CHANGES;
  return journal && journal.entries.length > 0 ? TELLINGS : undefined;
}
