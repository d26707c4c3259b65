import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { database } from 'flotilla/store';
import { postgresDriver } from '../index.ts';
import { type FreshDatabase, usePostgres } from '../testing/index.ts';
import { APPEND } from './append.ts';
import { CORRELATED, FROM_SNAPSHOT, STREAM, WALK } from './event-reader.ts';
import { HIGHEST } from './head.ts';
import { INSERT_SEEN } from './inbox.ts';
import { CHANGE, CHANGE_ONE, TELL, TELL_ONE } from './merges.ts';
import { CLAIM, NEXT_WAKE, RENEW } from './saga-claims.ts';
import { HOLD, JOURNALS } from './saga-finder.ts';
import { INSERT } from './saga-inserts.ts';
import { LIST_ALL, LIST_OPEN, LIST_RELATED } from './saga-reader.ts';
import type { Statement } from './statement.ts';

const postgres = usePostgres();

/** A log and many sagas, of which almost all have ended. */
const FILL = `
  INSERT INTO flotilla_streams SELECT 'order:' || i, 5 FROM generate_series(1, 2000) i;
  INSERT INTO flotilla_events (stream, version, type, schema_version, id, meta, correlation_id, at)
    SELECT 'order:' || (i / 5), i % 5, 'T', 1, i, '{}', 'c' || (i / 9), i FROM generate_series(1, 10000) i;
  INSERT INTO flotilla_sagas (id, kind, key, definition_version, correlation_id, status, phase, wake_at, fence, lease_until, at, updated_at)
    SELECT i, 'order', i, '1', 'c' || i, CASE WHEN i % 1000 = 0 THEN 'waiting' ELSE 'done' END, 'forward', i, 1, 0, i, i
    FROM generate_series(1, 20000) i;
  INSERT INTO flotilla_saga_journal SELECT i, 0, 1, '[]' FROM generate_series(1, 20000) i;
  ANALYZE`;

/** As on the engine's own connections. */
const BY_INDEX = 'SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off';

async function filled(): Promise<FreshDatabase> {
  const fresh = await postgres.freshDatabase();
  await using driver = postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false });
  await driver.open('orders', database({}));
  await fresh.query('orders', FILL);
  return fresh;
}

/** The server's plan for a prepared statement, whatever its parameters will be. */
async function planOf(fresh: FreshDatabase, { text }: Statement<unknown>, settings = ''): Promise<string> {
  const parameters = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const nulls = Array.from({ length: parameters }, () => 'NULL').join(', ');
  const explain = `${settings}; SET plan_cache_mode = force_generic_plan; PREPARE hot AS ${text}; EXPLAIN EXECUTE hot${parameters ? `(${nulls})` : ''}`;
  const rows = await fresh.query('orders', explain);
  return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
}

const BIG = 'flotilla_(events|sagas|saga_journal|streams|inbox)';

describe('plans of the statements that run all the time', { skip: postgres.skip }, () => {
  test('neither read a table from end to end nor sort it, and use the index that is made for them', async () => {
    await using fresh = await filled();
    const inUnits: [string, Statement<unknown>, RegExp][] = [
      ['reading the log', WALK, /Index Scan using flotilla_events_pkey/],
      ['reading a stream', STREAM, /Index Scan using flotilla_events_stream/],
      ['reading from a snapshot', FROM_SNAPSHOT, /flotilla_events_stream/],
      ['reading what one request led to', CORRELATED, /flotilla_events_correlation/],
      ['the highest position', HIGHEST, /Index Only Scan Backward using flotilla_events_pkey/],
      ['the inbox', INSERT_SEEN, /Conflict Resolution: NOTHING/],
      ['holding a saga', HOLD, /flotilla_sagas_pkey/],
      ['sagas, newest first', LIST_ALL, /Index Scan Backward using flotilla_sagas_number/],
      ['sagas of one request', LIST_RELATED, /flotilla_sagas_correlation/],
    ];
    const onOwnConnections: [string, Statement<unknown>, RegExp][] = [
      ['a claim', CLAIM, /flotilla_sagas_leased[^]*flotilla_sagas_due/],
      ['the next wake', NEXT_WAKE, /flotilla_sagas_leased[^]*flotilla_sagas_due/],
      ['renewing', RENEW, /Index Scan using flotilla_sagas_pkey/],
      ['a telling', TELL, /flotilla_sagas_pkey[^]*flotilla_saga_journal_pkey/],
      ['a telling alone', TELL_ONE, /flotilla_sagas_pkey[^]*flotilla_saga_journal_pkey/],
      ['a change', CHANGE, /flotilla_sagas_pkey/],
      ['a change alone', CHANGE_ONE, /flotilla_sagas_pkey/],
      ['an append', APPEND, /Index Scan using flotilla_streams_pkey/],
      ['a start', INSERT, /Conflict Arbiter Indexes: flotilla_sagas_kind_key_key/],
      ['journals', JOURNALS, /flotilla_saga_journal_pkey/],
      ['open sagas', LIST_OPEN, /flotilla_sagas_leased[^]*flotilla_sagas_due[^]*flotilla_sagas_paused[^]*flotilla_sagas_stuck/],
    ];
    for (const [name, hot, index] of inUnits) await assertQuick(name, await planOf(fresh, hot), index);
    for (const [name, hot, index] of onOwnConnections) await assertQuick(name, await planOf(fresh, hot, BY_INDEX), index);
  });

  test('stay so when they were made while the tables were empty', async () => {
    await using fresh = await postgres.freshDatabase();
    await using driver = postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false });
    await driver.open('orders', database({}));
    await fresh.query('orders', 'VACUUM ANALYZE');
    for (const [name, hot, index] of [
      ['a telling', TELL, /flotilla_sagas_pkey/],
      ['a telling alone', TELL_ONE, /flotilla_sagas_pkey[^]*flotilla_saga_journal_pkey/],
      ['a change', CHANGE, /flotilla_sagas_pkey/],
      ['a change alone', CHANGE_ONE, /flotilla_sagas_pkey/],
      ['an append', APPEND, /flotilla_streams_pkey/],
      ['renewing', RENEW, /flotilla_sagas_pkey/],
    ] as const) {
      await assertQuick(name, await planOf(fresh, hot, BY_INDEX), index);
    }
  });
});

async function assertQuick(name: string, plan: string, index: RegExp): Promise<void> {
  assert.match(plan, index, `${name}:\n${plan}`);
  assert.doesNotMatch(plan, new RegExp(`Seq Scan on ${BIG}`), `${name}:\n${plan}`);
}
