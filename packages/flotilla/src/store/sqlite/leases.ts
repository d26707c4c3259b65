import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { LeaseTable } from '../messages.ts';
import type { Direct } from './direct.ts';
import { prepare } from './statement.ts';

/** A lease that was released keeps its row, so that its fence goes on rising. */
export function createLeaseTable(db: DatabaseSync, clock: Clock): Direct<LeaseTable> {
  const acquire = prepare<{ fence: number }>(
    db,
    `INSERT INTO flotilla_leases (name, owner, fence, expires_at) VALUES (?1, ?2, 1, ?3)
       ON CONFLICT DO UPDATE SET
         fence = CASE WHEN owner = ?2 THEN fence ELSE fence + 1 END, owner = ?2, expires_at = ?3
       WHERE owner IS NULL OR owner = ?2 OR expires_at <= ?4
       RETURNING fence`,
  );
  const holds = prepare<object>(db, 'SELECT 1 FROM flotilla_leases WHERE name = ? AND owner = ? AND fence = ?');
  const release = prepare(
    db,
    'UPDATE flotilla_leases SET owner = NULL, expires_at = 0 WHERE name = ? AND owner = ? AND fence = ?',
  );

  return {
    acquire(name, owner, ttlMs) {
      const now = clock.now();
      const row = acquire.get(name, owner, now + ttlMs, now);
      return row && { name, owner, fence: row.fence };
    },
    // Nobody can take it between this look and the commit: this unit holds the database's only write lock.
    holds: ({ name, owner, fence }) => holds.get(name, owner, fence) !== undefined,
    release: ({ name, owner, fence }) => void release.run(name, owner, fence),
  };
}
