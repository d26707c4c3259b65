import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SagaStore } from '../store/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { keepClaims } from './claims.ts';

type Renew = SagaStore['renew'];

const ALL: Renew = (_owner, held) => Promise.resolve(held.map(({ id }) => id));

/** Claims with a lease of nine seconds: renewed every three, trusted for six. */
function keeping(renew: Renew) {
  const { clock } = createFakeRuntime({ start: 0 });
  const calls: number[] = [];
  const sagas: Pick<SagaStore, 'renew'> = {
    renew: (...args) => {
      calls.push(clock.now());
      return renew(...args);
    },
  };
  const claims = keepClaims({ sagas, clock, log: silentLogger, owner: 'me', leaseMs: 9_000 });
  return {
    clock,
    claims,
    calls,
    keep: (id: string, fence = 1) => claims.keep({ id, kind: 'order', fence, askedAt: clock.monotonic() }),
  };
}

test('all leases are renewed in one call, three times in their length, and only while there are any', async () => {
  const { clock, calls, keep } = keeping(ALL);
  const holds = [keep('a'), keep('b')];
  await clock.advance(9_500);
  assert.deepEqual(calls, [3_000, 6_000, 9_000]);
  for (const hold of holds) hold[Symbol.dispose]();
  await clock.advance(60_000);
  assert.deepEqual([calls.length, clock.pending], [3, 0]);
});

test('nothing new starts when two thirds of the lease are over, counted from before it was asked for', async () => {
  const { clock, claims } = keeping(() => Promise.reject(new Error('no answer')));
  await clock.advance(1_000);
  // The answer took a second.
  const hold = claims.keep({ id: 'a', kind: 'order', fence: 1, askedAt: 0 });
  await clock.advance(4_999);
  assert.equal(hold.mayStart(), true);
  await clock.advance(1);
  assert.equal(hold.mayStart(), false);
  assert.equal(hold.signal.aborted, false);
});

test('a renewal that is answered late counts from when it was asked for', async () => {
  const answers: ((ids: string[]) => void)[] = [];
  const { clock, keep } = keeping(() => new Promise((resolve) => answers.push(resolve)));
  const hold = keep('a');
  await clock.advance(8_000);
  assert.equal(hold.mayStart(), false);
  // Asked for at three and at six seconds; the answers overtake each other.
  for (const answer of answers.toReversed()) answer(['a']);
  await clock.advance(3_999);
  assert.equal(hold.mayStart(), true);
  await clock.advance(1);
  assert.equal(hold.mayStart(), false);
});

test('the wall clock has no say in it', async () => {
  const { clock, keep } = keeping(ALL);
  const hold = keep('a');
  clock.step(3_600_000);
  assert.equal(hold.mayStart(), true);
  clock.step(-7_200_000);
  await clock.advance(5_000);
  assert.equal(hold.mayStart(), true);
});

test('a claim that was not renewed is lost, and only that one', async () => {
  const { clock, keep } = keeping(() => Promise.resolve(['a']));
  const [kept, lost] = [keep('a'), keep('b')];
  await clock.advance(3_000);
  await clock.advance(0);
  assert.deepEqual([kept.signal.aborted, lost.signal.aborted], [false, true]);
  assert.equal((lost.signal.reason as { code: string }).code, 'SAGA_LOST');
});

test('a saga claimed again by the same process ends what still ran under the claim before', () => {
  const { claims, keep } = keeping(ALL);
  const [before, after] = [keep('a', 1), keep('a', 2)];
  assert.deepEqual([before.signal.aborted, after.signal.aborted], [true, false]);
  before[Symbol.dispose]();
  assert.equal(claims.size, 1);
});

test('closed, nothing new starts and what runs goes on until it is aborted', () => {
  const { claims, keep } = keeping(ALL);
  const hold = keep('a');
  claims.close();
  assert.deepEqual([hold.mayStart(), hold.signal.aborted], [false, false]);
  claims.abort();
  assert.equal(hold.signal.aborted, true);
});
