import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../store/index.ts';
import { createFakeRuntime, openTemporaryStore } from '../testing/index.ts';
import { pruneMessages } from './index.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('repeats are recognised for a week and replies are kept for a day; older ones go, however many', async () => {
  const runtime = createFakeRuntime();
  await using temporary = await openTemporaryStore({ service: 'mail', runtime });
  const store = temporary.store as Store;
  const now = runtime.clock.now();
  const reply = { scope: 's', requestHash: 'h', reply: null };
  await store.transact(async (tx) => {
    for (let index = 0; index < 1_200; index++) await tx.inbox.insert('mail', `old ${index}`, now - 8 * DAY_MS);
    await tx.inbox.insert('mail', 'recent', now - 6 * DAY_MS);
    await tx.idempotency.insert({ ...reply, key: 'old', at: now - 8 * 24 * HOUR_MS });
    await tx.idempotency.insert({ ...reply, key: 'recent', at: now - 23 * HOUR_MS });
  });
  assert.deepEqual(await pruneMessages({ store, runtime }), { inbox: 1_200, idempotency: 1 });
  assert.deepEqual(await pruneMessages({ store, runtime }), { inbox: 0, idempotency: 0 });
  await store.transact(async (tx) => {
    assert.equal(await tx.inbox.insert('mail', 'recent', now), false);
    assert.ok(await tx.idempotency.find('s', 'recent'));
  });
  assert.equal((await pruneMessages({ store, runtime, signal: AbortSignal.abort(), inbox: 0 })).inbox, 0);
});
