import type { ClaimedSaga, SagaStore } from 'flotilla/store';
import { journalsOf } from './saga-finder.ts';
import { isHeldBack } from './saga-pauses.ts';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { signalsOf } from './saga-signals.ts';
import { type Queries, statement } from './statement.ts';

/** SQL: the kinds in a parameter that nobody holds back. */
const freeKinds = (kinds: string): string => `ARRAY(SELECT k FROM unnest(${kinds}::text[]) AS k WHERE NOT ${isHeldBack('k')})`;

export const IS_LEASED = 'owner IS NOT NULL AND NOT paused';
export const IS_DUE = `owner IS NULL AND NOT paused AND status IN ('ready', 'running', 'waiting', 'compensating')`;

/** Rows that somebody else is about to take are passed over, so claims don't wait for each other. */
export const CLAIM = statement<StoredSaga>(
  `WITH picked AS MATERIALIZED (
     SELECT * FROM (SELECT id FROM flotilla_sagas
       WHERE ${IS_LEASED} AND lease_until <= flotilla_now() AND kind = ANY (${freeKinds('$2')})
       ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED) AS expired
     UNION ALL
     SELECT * FROM (SELECT id FROM flotilla_sagas
       WHERE ${IS_DUE} AND wake_at <= flotilla_now() AND kind = ANY (${freeKinds('$2')})
       ORDER BY wake_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
     LIMIT $3)
   UPDATE flotilla_sagas g SET status = CASE phase WHEN 'backward' THEN 'compensating' ELSE 'running' END,
     owner = $1, fence = fence + 1, lease_until = flotilla_now() + $4::bigint, updated_at = flotilla_now()
     FROM picked WHERE g.id = picked.id RETURNING g.*`,
);

export const NEXT_WAKE = statement<{ wake: number | null }>(
  `SELECT least(
     (SELECT lease_until FROM flotilla_sagas WHERE ${IS_LEASED} AND kind = ANY (${freeKinds('$1')}) ORDER BY lease_until LIMIT 1),
     (SELECT wake_at FROM flotilla_sagas WHERE ${IS_DUE} AND kind = ANY (${freeKinds('$1')}) ORDER BY wake_at LIMIT 1)) AS wake`,
);

export const RENEW = statement<{ id: string }>(
  `UPDATE flotilla_sagas g SET lease_until = flotilla_now() + $4::bigint FROM unnest($2::text[], $3::bigint[]) AS i (id, fence)
     WHERE g.id = i.id AND g.owner = $1 AND g.fence = i.fence RETURNING g.id`,
);

/** Each claim is a transaction of its own; what belongs to the sagas is read once nobody else can add to it. */
export function createSagaClaims(db: Queries): Pick<SagaStore, 'claim' | 'renew' | 'nextWake'> {
  return {
    async claim({ owner, kinds, limit, leaseMs }) {
      const { rows } = await db.query(CLAIM, [owner, kinds, limit, Math.ceil(leaseMs)]);
      if (rows.length === 0) return [];
      rows.sort((left, right) => left.wake_at - right.wake_at);
      const journals = await journalsOf(db, rows.map(({ id }) => id)); // prettier-ignore
      const claimed = async (row: StoredSaga): Promise<ClaimedSaga> => ({
        saga: sagaRow(row),
        journal: journals.get(row.id) ?? [],
        signals: row.awaits === null ? [] : await signalsOf(db, row, row.awaits),
      });
      return await Promise.all(rows.map(claimed));
    },
    async renew(owner, held, leaseMs) {
      const values = [owner, held.map(({ id }) => id), held.map(({ fence }) => fence), Math.ceil(leaseMs)];
      return (await db.query(RENEW, values)).rows.map(({ id }) => id);
    },
    nextWake: async (kinds) => (await db.query(NEXT_WAKE, [kinds])).rows[0]!.wake ?? undefined,
  };
}
