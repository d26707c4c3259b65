import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CLAIMABLE, NEXT_WAKE } from './saga-claims.ts';
import { ENGINE_VERSIONS } from './schema.ts';

/** SQLite's plan for a statement over many finished sagas, step by step. */
function planOf(sql: string): string[] {
  using db = new DatabaseSync(':memory:');
  for (const statements of ENGINE_VERSIONS) db.exec(statements);
  db.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO flotilla_sagas (id, kind, key, definition_version, status, phase, wake_at, fence, lease_until, at, updated_at)
      SELECT i, 'order', i, '1', 'done', 'forward', i, 1, 0, i, i FROM n;
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
