import { endsIn, restsIn, type SagaAdvance, type SagaWriter } from 'flotilla/store';
import { countLines, linesOf, tell } from './saga-journal.ts';
import { createSagaLocks } from './saga-locks.ts';
import { changeValues } from './saga-rows.ts';
import { takeSignals } from './saga-signals.ts';
import { type Queries, type Statement, statement } from './statement.ts';
import type { Unit } from './unit.ts';

/** A saga that begins to wait for a signal that is here already is due at once. */
const SET_CHANGE = `status = coalesce($3, status), phase = coalesce($4, phase),
  wake_at = CASE
    WHEN $9::text IS NOT NULL AND EXISTS (SELECT 1 FROM flotilla_saga_signals s WHERE s.kind = g.kind AND s.key = g.key AND s.name = $9)
      THEN flotilla_now() ELSE coalesce($5, wake_at) END,
  reason = CASE WHEN $6::boolean THEN $7 ELSE reason END, paused = paused AND NOT $8::boolean, awaits = $9, updated_at = $2`;

/** Where the row lies, and how long the journal is, as committed. */
const locate = statement<{ place: string; lines: number }>(
  `SELECT ctid::text AS place, ${linesOf('g.id')} AS lines FROM flotilla_sagas g WHERE id = $1`,
);
const hold = (where: string): Statement<never> =>
  statement(`SELECT 1 FROM flotilla_sagas g WHERE ${where} AND id = $1 AND owner IS NOT NULL AND fence = $2 FOR SHARE`);
const advance = (where: string): Statement<never> =>
  statement(
    `UPDATE flotilla_sagas g SET ${SET_CHANGE}, owner = CASE WHEN $11::boolean THEN NULL ELSE owner END,
       lease_until = CASE WHEN $11::boolean THEN 0 ELSE lease_until END
       WHERE ${where} AND id = $1 AND owner IS NOT NULL AND fence = $10`,
  );
const HOLD = { atPlace: hold('ctid = $3::tid'), anywhere: hold('$3::text IS NULL') };
const ADVANCE = { atPlace: advance('ctid = $12::tid'), anywhere: advance('$12::text IS NULL') };
const intervene = statement(
  `UPDATE flotilla_sagas g SET ${SET_CHANGE}, fence = fence + 1, owner = NULL, lease_until = 0 WHERE id = $1`,
);

/** Steps of sagas, and acts from outside, within a unit. */
export function createSagaChanges(unit: Unit, outside: Queries): Pick<SagaWriter, 'advance' | 'intervene'> {
  const { touched } = unit;
  const { unlock } = createSagaLocks(unit, touched);
  /** Journals as this unit has left them. */
  const told = new Map<string, number>();

  /**
   * The row is looked up outside and then taken by its place: the database guards look-ups by whole pages of an index, where
   * sagas that were started at the same time lie together.
   */
  async function write({ id, fence, set, at }: SagaAdvance, gives: boolean): Promise<number | undefined> {
    unit.assertOpen();
    const found = (await outside.query(locate, [id])).rows[0];
    const values = gives || set ? [id, at, ...changeValues(set), set?.awaits ?? null, fence, gives] : [id, fence];
    const { atPlace, anywhere } = gives || set ? ADVANCE : HOLD;
    const isThere = found !== undefined && (await unit.query(atPlace, [...values, found.place])).count === 1;
    // It may have moved: by this very unit, or by a renewal of its lease.
    if (!isThere && (await unit.query(anywhere, [...values, null])).count === 0) return undefined;
    return told.get(id) ?? found?.lines ?? (await countLines(unit, id));
  }

  return {
    async advance(step) {
      const { id, journal, set, takes, release = false } = step;
      const gives = release || restsIn(set?.status);
      const lines = await write(step, gives);
      if (lines === undefined) return false;
      if (journal && journal.entries.length > 0) {
        await tell(unit, { saga: id, lines }, journal);
        told.set(id, lines + journal.entries.length);
      }
      if (takes && takes.length > 0) await takeSignals(unit, id, takes);
      if (endsIn(set?.status)) await unlock(id);
      // A saga that stays under its claim is nobody else's work: it wakes no coordinator.
      if (gives && !restsIn(set?.status)) touched.sagas = true;
      return true;
    },
    async intervene({ id, journal, set, at }) {
      const { count } = await unit.query(intervene, [id, at, ...changeValues(set), set.awaits ?? null]);
      if (count === 0) return false;
      if (journal && journal.entries.length > 0) {
        const lines = await countLines(unit, id);
        await tell(unit, { saga: id, lines }, journal);
        told.set(id, lines + journal.entries.length);
      }
      if (endsIn(set.status)) await unlock(id);
      touched.sagas = true;
      return true;
    },
  };
}
