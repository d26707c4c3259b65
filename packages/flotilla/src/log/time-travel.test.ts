import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregate } from './index.ts';
import { tillsAtWork } from './test/till.ts';

const till = aggregate<number, { type: 'Added'; data: number }>('till', {
  initial: 0,
  evolve: (sum, { data }) => sum + data,
  snapshots: { every: 2 },
});

/** 1, 2, 4, 8 added at 1000, 2000, 3000 and 4000 ms. */
async function tillWithAPast() {
  const at = await tillsAtWork();
  for (const amount of [1, 2, 4, 8]) {
    await at.change(till, 'a', () => [{ type: 'Added', data: amount }]);
    await at.clock.advance(1_000);
  }
  return at;
}

test('an aggregate can be seen as it was at any version, also before its snapshot', async () => {
  await using at = await tillWithAPast();
  for (const [atVersion, sum] of [
    [0, 0],
    [1, 1],
    [3, 7],
    [4, 15],
    [99, 15],
  ] as const) {
    // prettier-ignore
    const { state, version } = await at.load(till, 'a', { atVersion });
    assert.deepEqual([state, version], [sum, Math.min(atVersion, 4)]);
  }
});

test('an aggregate can be seen as it was at any time', async () => {
  await using at = await tillWithAPast();
  for (const [atTime, sum] of [
    [999, 0],
    [1_000, 1],
    [2_999, 3],
    [3_000, 7],
    [9_999, 15],
  ] as const) {
    // prettier-ignore
    assert.equal((await at.load(till, 'a', { atTime })).state, sum);
  }
});

test('looking at the past leaves no snapshot of it', async () => {
  await using at = await tillWithAPast();
  await at.load(till, 'a', { atVersion: 3 });
  await at.snapshotsWritten();
  assert.equal((await at.load(till, 'a')).state, 15);
});
