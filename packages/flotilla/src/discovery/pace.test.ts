import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../testing/index.ts';
import { backoffMs } from './pace.ts';

const CROWD = 200;

test('a crowd that lost its registry does not come back at once, however often it failed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(), (failures, seed) => {
      const random = seededRandom(seed);
      const waits = Array.from({ length: CROWD }, () => backoffMs(random, failures));
      const longest = Math.min(30_000, 1_000 * 2 ** failures);
      assert.ok(waits.every((ms) => ms >= 1_000 && ms < longest));
      const tenths = Array<number>(10).fill(0);
      for (const ms of waits) tenths[Math.floor(((ms - 1_000) / (longest - 1_000)) * 10)]! += 1;
      assert.ok(Math.max(...tenths) < CROWD / 4, `${tenths.join(' ')} of ${CROWD} in each tenth of the time`);
    }),
  );
});
