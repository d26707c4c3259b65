import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { database } from 'flotilla/store';
import { until } from 'flotilla/testing';
import { Client } from 'pg';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';
import { LOCK_CLASS, LOG_FENCE } from './schema.ts';

const postgres = usePostgres();

const APPEND = `INSERT INTO flotilla_events (type, schema_version, id, meta, correlation_id, at)
  VALUES ('T', 1, 'one', '{"correlationId":"c"}', 'c', 1)`;
const WAITERS = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOG_FENCE} AND NOT granted`;

test('nobody takes a position before it holds the fence that readers look for', { skip: postgres.skip }, async () => {
  await using stack = new AsyncDisposableStack();
  const fresh = stack.use(await postgres.freshDatabase());
  const driver = stack.use(postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false }));
  await driver.open('orders', database({}));
  const connect = async (): Promise<Client> => {
    const client = stack.adopt(new Client({ connectionString: `${fresh.url}_orders` }), (open) => open.end());
    await client.connect();
    return client;
  };
  const [writer, holder] = [await connect(), await connect()];
  const taken = async (): Promise<unknown> => (await holder.query('SELECT is_called FROM flotilla_positions')).rows[0];

  // As long as somebody else has the fence for himself, an append gets no further than to it.
  await holder.query(`SELECT pg_advisory_lock(${LOCK_CLASS}, ${LOG_FENCE})`);
  const appending = writer.query(APPEND);
  await until(async () => (await holder.query(WAITERS)).rows.length === 1);
  assert.deepEqual(await taken(), { is_called: false });

  await holder.query(`SELECT pg_advisory_unlock(${LOCK_CLASS}, ${LOG_FENCE})`);
  await appending;
  assert.deepEqual(await taken(), { is_called: true });
});
