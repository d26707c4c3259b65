import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CLAIMABLE, NEXT_WAKE } from './saga-claims.ts';
import { FIRST_IN_LINE } from './saga-locks.ts';
import { EXPIRE, WAKE_WAITING } from './saga-signals.ts';
import { ENGINE_VERSIONS } from './schema.ts';

/** SQLite's plan for a statement over many finished sagas, step by step. */
function planOf(sql: string): string[] {
  using db = new DatabaseSync(':memory:');
  for (const statements of ENGINE_VERSIONS) db.exec(statements);
  db.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO flotilla_sagas (id, kind, key, definition_version, correlation_id, status, phase, wake_at, fence, lease_until, at, updated_at)
      SELECT i, 'order', i, '1', i, 'done', 'forward', i, 1, 0, i, i FROM n;
    ANALYZE`);
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all({})
    .map(({ detail }) => String(detail));
}

for (const [name, sql] of [
  ['a claim', CLAIMABLE],
  ['the next wake', NEXT_WAKE],
] as const) {
  test(`${name} walks the partial indexes and neither scans the table nor sorts`, () => {
    const plan = planOf(sql);
    const reading = plan.filter((step) => step.includes('flotilla_sagas'));
    assert.equal(reading.length, 2, plan.join('\n'));
    assert.match(reading.join('\n'), /INDEX flotilla_sagas_leased[^]*INDEX flotilla_sagas_due/);
    assert.ok(!plan.some((step) => step.includes('TEMP B-TREE')), plan.join('\n'));
  });
}

for (const [name, sql, index] of [
  [
    'a signal finds the saga that waits for it',
    WAKE_WAITING,
    /SEARCH flotilla_sagas USING INDEX sqlite_autoindex_flotilla_sagas_2 \(kind/,
  ],
  [
    'the first in line for a lock is found',
    FIRST_IN_LINE,
    /SEARCH flotilla_saga_locks USING (COVERING )?INDEX flotilla_saga_locks_line/,
  ],
  ['signals whose time is over are found', EXPIRE, /USING (COVERING )?INDEX flotilla_saga_signals_expiry \(expires_at</],
] as const) {
  test(`${name} by an index, without a sort`, () => {
    const plan = planOf(sql);
    assert.match(plan.join('\n'), index);
    assert.ok(!plan.some((step) => step.startsWith('SCAN flotilla') || step.includes('TEMP B-TREE FOR ORDER')), plan.join('\n'));
  });
}
