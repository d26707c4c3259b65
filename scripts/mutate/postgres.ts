import type { Mutation } from './mutation.ts';

const POSTGRES = 'packages/postgres/src/store';

/** The same promises on PostgreSQL, where many write at once. */
export const onPostgres: readonly Mutation[] = [
  {
    name: 'PostgreSQL: a position is drawn before the lock that readers wait for',
    file: `${POSTGRES}/schema.ts`,
    from: `'BEGIN PERFORM pg_advisory_xact_lock_shared(\${LOCK_CLASS}, \${LOG_FENCE}); RETURN nextval(''flotilla_positions''); END'`,
    to: `'DECLARE taken bigint; BEGIN taken := nextval(''flotilla_positions''); PERFORM pg_advisory_xact_lock_shared(\${LOCK_CLASS}, \${LOG_FENCE}); RETURN taken; END'`,
    caughtBy: 'fence',
  },
  {
    name: 'PostgreSQL: a saga moves on for whoever lost it',
    file: `${POSTGRES}/saga-changes.ts`,
    from: 'AND id = $1 AND owner IS NOT NULL AND fence = $10`',
    to: 'AND id = $1 AND $10::bigint IS NOT NULL`',
    caughtBy: 'postgres',
  },
  {
    name: 'PostgreSQL: a claim is made under the fence of the last',
    file: `${POSTGRES}/saga-claims.ts`,
    from: 'owner = $1, fence = fence + 1,',
    to: 'owner = $1,',
    caughtBy: 'postgres',
  },
  {
    name: 'PostgreSQL: a claim is renewed by whoever lost it',
    file: `${POSTGRES}/saga-claims.ts`,
    from: 'WHERE g.id = i.id AND g.owner = $1 AND g.fence = i.fence RETURNING g.id',
    to: 'WHERE g.id = i.id AND g.owner = $1 RETURNING g.id',
    caughtBy: 'postgres',
  },
  {
    name: 'PostgreSQL: a lease changes hands under one fence',
    file: `${POSTGRES}/leases.ts`,
    from: 'fence = CASE WHEN held.owner = $2 THEN held.fence ELSE held.fence + 1 END',
    to: 'fence = held.fence',
    caughtBy: 'postgres',
  },
  {
    name: 'PostgreSQL: a cursor moves for whoever lost the lease',
    file: `${POSTGRES}/cursors.ts`,
    from: 'if (lease && (await db.query(HOLDS, [lease.name, lease.owner, lease.fence])).count === 0) return false;',
    to: '',
    caughtBy: 'postgres',
  },
];
