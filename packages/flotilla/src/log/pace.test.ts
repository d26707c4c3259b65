import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFakeRuntime, seededRandom } from '../testing/index.ts';
import { backoffMs, createBell, every } from './pace.ts';

test('a backoff lies between 50 ms and 30 s, however many failures there were', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1e9 }), (seed, failures) => {
      const delay = backoffMs(seededRandom(seed), failures);
      assert.ok(delay >= 50 && delay <= 30_000);
    }),
  );
});

test('backoffs grow with the failures and are spread over the whole range', () => {
  const random = seededRandom(1);
  const longest = (failures: number): number => Math.max(...Array.from({ length: 200 }, () => backoffMs(random, failures)));
  assert.ok(longest(1) <= 100 && longest(5) > 800 && longest(5) <= 1_600);
});

test('a ring while nobody waits is remembered once', async () => {
  const { clock } = createFakeRuntime();
  const bell = createBell(clock);
  const { signal } = new AbortController();
  bell.ring();
  await bell.wait(1_000, signal);
  let woken = false;
  const second = bell.wait(1_000, signal).then(() => (woken = true));
  await clock.advance(999);
  assert.equal(woken, false);
  await clock.advance(1);
  await second;
  assert.equal(clock.pending, 0);
});

test('a ring or an abort ends the wait and leaves no timer', async () => {
  const { clock } = createFakeRuntime();
  const bell = createBell(clock);
  const stop = new AbortController();
  const rung = bell.wait(1_000, stop.signal);
  bell.ring();
  await rung;
  const aborted = bell.wait(1_000, stop.signal);
  stop.abort();
  await aborted;
  assert.equal(clock.pending, 0);
});

test('a repeated callback stops when disposed', async () => {
  const { clock } = createFakeRuntime();
  let calls = 0;
  const repeated = every(clock, 100, () => (calls += 1));
  await clock.advance(350);
  repeated[Symbol.dispose]();
  await clock.advance(350);
  assert.deepEqual([calls, clock.pending], [3, 0]);
});
