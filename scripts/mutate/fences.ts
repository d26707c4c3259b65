import type { Mutation } from './mutation.ts';

const SQLITE = 'packages/flotilla/src/store/sqlite';

/** Whoever lost a claim or a lease must be refused. */
export const fences: readonly Mutation[] = [
  {
    name: 'a saga moves on for whoever lost it',
    file: `${SQLITE}/sagas.ts`,
    from: 'WHERE id = ?10 AND owner IS NOT NULL AND fence = ?11`',
    to: 'WHERE id = ?10 AND ?11 = ?11`',
    caughtBy: 'store',
  },
  {
    name: 'a journal grows for whoever lost the saga',
    file: `${SQLITE}/saga-journal.ts`,
    from: '${ADD} AND owner IS NOT NULL AND fence = ?5`',
    to: '${ADD} AND ?5 = ?5`',
    caughtBy: 'store',
  },
  {
    name: 'a claim is made under the fence of the last',
    file: `${SQLITE}/saga-claims.ts`,
    from: 'owner = :owner, fence = fence + 1,',
    to: 'owner = :owner,',
    caughtBy: 'simulation',
  },
  {
    name: 'an operator acts under the fence of the last claim',
    file: `${SQLITE}/sagas.ts`,
    from: 'SET ${SET_CHANGE}, fence = fence + 1, owner = NULL',
    to: 'SET ${SET_CHANGE}, owner = NULL',
    caughtBy: 'store',
  },
  {
    name: 'a saga is claimed that another holds',
    file: `${SQLITE}/saga-claims.ts`,
    from: 'WHERE ${IS_LEASED} AND lease_until <= :now AND ${OF_KINDS} ORDER BY lease_until LIMIT :limit)',
    to: 'WHERE ${IS_LEASED} AND :now = :now AND ${OF_KINDS} ORDER BY lease_until LIMIT :limit)',
    caughtBy: 'store',
  },
  {
    name: 'a claim is renewed by anyone',
    file: `${SQLITE}/saga-claims.ts`,
    from: 'WHERE id = ? AND owner = ? AND fence = ?',
    to: 'WHERE id = ? AND ? IS NOT NULL AND fence = ?',
    caughtBy: 'store',
  },
  {
    name: 'a claim is renewed by whoever lost it',
    file: `${SQLITE}/saga-claims.ts`,
    from: 'WHERE id = ? AND owner = ? AND fence = ?',
    to: 'WHERE id = ? AND owner = ? AND ? IS NOT NULL',
    caughtBy: 'store',
  },
  {
    name: 'a lease is taken before it ends',
    file: `${SQLITE}/leases.ts`,
    from: 'WHERE owner IS NULL OR owner = ?2 OR expires_at <= ?4',
    to: 'WHERE owner IS NULL OR owner = ?2 OR ?4 = ?4',
    caughtBy: 'store',
  },
  {
    name: 'a lease changes hands under one fence',
    file: `${SQLITE}/leases.ts`,
    from: 'fence = CASE WHEN owner = ?2 THEN fence ELSE fence + 1 END',
    to: 'fence = fence',
    caughtBy: 'store',
  },
  {
    name: 'a lease is held by whoever lost it',
    file: `${SQLITE}/leases.ts`,
    from: 'SELECT 1 FROM flotilla_leases WHERE name = ? AND owner = ? AND fence = ?',
    to: 'SELECT 1 FROM flotilla_leases WHERE name = ? AND ? IS NOT NULL AND ? IS NOT NULL',
    caughtBy: 'store',
  },
  {
    name: 'a cursor moves for whoever lost the lease',
    file: `${SQLITE}/cursors.ts`,
    from: 'if (lease && !holdsLease.get(lease.name, lease.owner, lease.fence)) return false;',
    to: '',
    caughtBy: 'store',
  },
  {
    name: 'a cursor moves from wherever it stands',
    file: `${SQLITE}/cursors.ts`,
    from: 'SET position = ? WHERE name = ? AND position = ?',
    to: 'SET position = ? WHERE name = ? AND ? IS NOT NULL',
    caughtBy: 'store',
  },
  {
    name: 'a stream grows whatever its version is',
    file: `${SQLITE}/events.ts`,
    from: 'version !== expectedVersion) {',
    to: 'version < expectedVersion) {',
    caughtBy: 'store',
  },
  {
    name: 'a saga that was lost goes on',
    file: 'packages/flotilla/src/saga/saga-draft.ts',
    from: 'if (!(await store.sagas.advance(advance))) throw sagaLost(advance.id);',
    to: 'await store.sagas.advance(advance);',
    caughtBy: 'interleavings',
  },
  {
    name: 'a relay goes on that lost its place',
    file: 'packages/flotilla/src/log/log-cursor.ts',
    from: '!(await tx.cursors.advance({ name: cursor, from: behind, to, lease: proof }))',
    to: '!(await tx.cursors.advance({ name: cursor, from: behind, to, lease: proof })) && !proof',
    caughtBy: 'simulation',
  },
];
