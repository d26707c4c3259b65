import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../testing/index.ts';
import { createCache } from './cache.ts';

const forever = new AbortController().signal;

test('a value is kept for its time to live', async () => {
  const clock = createFakeClock(0);
  const cache = createCache<string>({ clock, ttl: '1s', maxEntries: 10 });
  cache.set('a', 'default');
  cache.set('b', 'own', '5s');
  await clock.advance(999);
  assert.equal(cache.get('a'), 'default');
  await clock.advance(1);
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.size], [undefined, 'own', 1]);
});

test('it is bounded in entries and in weight', () => {
  const cache = createCache<string>({
    clock: createFakeClock(0),
    ttl: '1h',
    maxEntries: 3,
    maxWeight: 10,
    weigh: (text) => text.length,
  });
  for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 'x');
  assert.deepEqual([cache.get('a'), cache.size], [undefined, 3]);
  cache.set('e', 'x'.repeat(9));
  assert.deepEqual([cache.get('e')?.length, cache.size], [9, 2]);
});

test('a value is loaded once for all who ask, and a failure is not kept', async () => {
  const cache = createCache<number>({ clock: createFakeClock(0), ttl: '1s', maxEntries: 10 });
  let loads = 0;
  const load = async (): Promise<number> => {
    loads += 1;
    if (loads === 1) throw new Error('not yet');
    return loads;
  };
  const failed = await Promise.allSettled([cache.load('a', load, forever), cache.load('a', load, forever)]);
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual(await Promise.all([cache.load('a', load, forever), cache.load('a', load, forever)]), [2, 2]);
  assert.equal(await cache.load('a', load, forever), 2);
});

test('a load that was under way when the cache was cleared leaves nothing behind', async () => {
  const cache = createCache<string>({ clock: createFakeClock(0), ttl: '1h', maxEntries: 10 });
  const gate = Promise.withResolvers<string>();
  const loading = cache.load('a', () => gate.promise, forever);
  cache.clear();
  const again = cache.load('a', async () => 'new', forever);
  gate.resolve('old');
  assert.deepEqual([await loading, await again, cache.get('a')], ['old', 'new', 'new']);
});
