import type { LeaseTable } from 'flotilla/store';
import { type Queries, statement } from './statement.ts';

/** A lease that was released keeps its row, so that its fence goes on rising. */
const acquire = statement<{ fence: number }>(
  `INSERT INTO flotilla_leases AS held (name, owner, fence, expires_at) VALUES ($1, $2, 1, flotilla_now() + $3::bigint)
     ON CONFLICT (name) DO UPDATE SET
       fence = CASE WHEN held.owner = $2 THEN held.fence ELSE held.fence + 1 END, owner = $2, expires_at = excluded.expires_at
     WHERE held.owner IS NULL OR held.owner = $2 OR held.expires_at <= flotilla_now()
     RETURNING fence`,
);
/** The row stays locked until the unit ends, so nobody takes the lease before. */
export const HOLDS = statement('SELECT 1 FROM flotilla_leases WHERE name = $1 AND owner = $2 AND fence = $3 FOR SHARE');
const release = statement(
  'UPDATE flotilla_leases SET owner = NULL, expires_at = 0 WHERE name = $1 AND owner = $2 AND fence = $3',
);

export function createLeaseTable(db: Queries): LeaseTable {
  return {
    async acquire(name, owner, ttlMs) {
      const row = (await db.query(acquire, [name, owner, Math.ceil(ttlMs)])).rows[0];
      return row && { name, owner, fence: row.fence };
    },
    holds: async ({ name, owner, fence }) => (await db.query(HOLDS, [name, owner, fence])).count === 1,
    release: async ({ name, owner, fence }) => void (await db.query(release, [name, owner, fence])),
  };
}
