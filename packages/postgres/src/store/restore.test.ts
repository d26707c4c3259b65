import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { createFollower, createLeaseKeeper } from 'flotilla/log';
import { database, type NewEvent } from 'flotilla/store';
import { silentLogger as log } from 'flotilla/telemetry';
import { until } from 'flotilla/testing';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();
const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });

test('whoever has read more than a restored log holds stops at once and says why', { skip: postgres.skip }, async () => {
  await using fresh = await postgres.freshDatabase();
  await using driver = postgresDriver({ url: fresh.url, runtime });
  const store = await driver.open('orders', database({}));
  const taken: string[] = [];
  await store.events.append({ events: [event('a')] });
  await store.transact((tx) => tx.cursors.advance({ name: 'reader', from: 0, to: 7 }));
  await using follower = createFollower({
    store,
    runtime,
    log,
    lease: createLeaseKeeper({ store, runtime, name: 'reader', owner: 'me' }),
    cursor: 'reader',
    types: ['T'],
    batchSize: 10,
    handle: async (batch) => void taken.push(...batch.map(({ id }) => id)),
  });
  follower.start();
  await until(() => follower.health().status === 'DOWN');
  assert.match(follower.health().reason!, /stands at position 7, but the log ends at 1/);
  await store.events.append({ events: [event('b')] });
  assert.deepEqual(taken, []);
});
