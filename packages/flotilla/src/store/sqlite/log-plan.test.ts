import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CORRELATED, WALKING_CATEGORY } from './event-reader.ts';
import { ENGINE_VERSIONS } from './schema.ts';

/** SQLite's plan for a statement over a log of some length, step by step. */
function planOf(sql: string): string {
  using db = new DatabaseSync(':memory:');
  for (const statements of ENGINE_VERSIONS) db.exec(statements);
  db.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO flotilla_events (stream, version, type, schema_version, id, meta, at)
      SELECT 'order:' || (i / 5), i % 5, 'T', 1, i, json_object('correlationId', 'c' || (i / 9)), i FROM n;
    ANALYZE`);
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
    .join('\n');
}

test('what one request led to is found by an index and needs no sorting', () => {
  const plan = planOf(CORRELATED);
  assert.match(plan, /SEARCH flotilla_events USING INDEX flotilla_events_correlation/);
  assert.doesNotMatch(plan, /TEMP B-TREE/);
});

test('a category is read in the order of the log, without sorting', () => {
  const plan = planOf(WALKING_CATEGORY);
  assert.match(plan, /SEARCH flotilla_events USING INTEGER PRIMARY KEY/);
  assert.doesNotMatch(plan, /TEMP B-TREE/);
});
