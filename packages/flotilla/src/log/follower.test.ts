import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore, until } from '../testing/index.ts';
import { createFollower, createLeaseKeeper, type Follower } from './index.ts';

async function world() {
  const runtime = createFakeRuntime();
  const { store, ...temporary } = await openTemporaryStore({ runtime });
  const taken: string[] = [];
  const follower = (): Follower => {
    const lease = createLeaseKeeper({ store, runtime, name: 'follower', owner: 'me' });
    return createFollower({
      store,
      runtime,
      lease,
      log: silentLogger,
      cursor: 'follower',
      types: ['Happened'],
      batchSize: 10,
      handle: async (batch, { advance }) => {
        await store.transact((tx) => advance(tx));
        taken.push(...batch.map(({ id }) => id));
      },
    });
  };
  const append = (id: string) =>
    store.events.append({
      events: [{ type: 'Happened', schemaVersion: 1, id, data: null, meta: { correlationId: 'c' }, at: 1 }],
    });
  return { ...temporary, store, clock: runtime.clock, taken, follower, append };
}

test('a cursor ahead of its log stops the follower at once and says why', async () => {
  await using here = await world();
  await here.append('a');
  // As after a backup of the log was restored, and the place in it was not.
  await here.store.transact((tx) => tx.cursors.advance({ name: 'follower', from: 0, to: 7 }));
  await using follower = here.follower();
  follower.start();
  await until(() => follower.health().status === 'DOWN');
  assert.match(follower.health().reason!, /stands at position 7, but the log ends at 1/);
  await here.append('b');
  await here.clock.advance(60_000);
  assert.deepEqual([here.taken, here.clock.pending], [[], 0]);
});

test('a cursor at the end of a log whose last append was refused is not ahead', async () => {
  await using here = await world();
  await here.append('a');
  await using follower = here.follower();
  follower.start();
  await until(() => here.taken.length === 1);
  await assert.rejects(here.append('a'), { code: 'DUPLICATE_EVENT' });
  await here.append('b');
  await until(() => here.taken.length === 2);
  assert.equal(follower.health().status, 'UP');
});
