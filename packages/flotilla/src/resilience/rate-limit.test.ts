import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFakeClock } from '../testing/index.ts';
import { createRateLimiter } from './rate-limit.ts';

const WINDOW_MS = 1_000;

test('a key gets its share, then waits as long as it is told, and other keys are not affected', async () => {
  const clock = createFakeClock(0);
  const limiter = createRateLimiter({ rate: '3/s', clock });
  const remaining = [limiter.take('a'), limiter.take('a'), limiter.take('a')].map((decision) => decision.remaining);
  assert.deepEqual(remaining, [2, 1, 0]);
  const refused = limiter.take('a');
  assert.deepEqual([refused.allowed, refused.limit, refused.remaining], [false, 3, 0]);
  assert.equal(limiter.take('b').allowed, true);
  await clock.advance(refused.resetMs);
  assert.equal(limiter.take('a').allowed, true);
  assert.equal(limiter.take('a').allowed, false);
});

test('no double burst where two windows meet', async () => {
  const clock = createFakeClock(0);
  const limiter = createRateLimiter({ rate: '100/s', clock });
  await clock.advance(990);
  const burst = (): number => Array.from({ length: 200 }, () => limiter.take('a')).filter(({ allowed }) => allowed).length;
  assert.equal(burst(), 100);
  await clock.advance(20);
  assert.equal(burst(), 1);
});

test('what is refused is not counted', async () => {
  const clock = createFakeClock(0);
  const limiter = createRateLimiter({ rate: '2/s', clock });
  for (let tries = 0; tries < 100; tries += 1) limiter.take('a');
  await clock.advance(2 * WINDOW_MS);
  assert.equal(limiter.take('a').remaining, 1);
});

test('a jump of the wall clock changes nothing', () => {
  const clock = createFakeClock(0);
  const limiter = createRateLimiter({ rate: '1/h', clock });
  limiter.take('a');
  clock.step(86_400_000);
  assert.equal(limiter.take('a').allowed, false);
  clock.step(-2 * 86_400_000);
  assert.equal(limiter.take('a').allowed, false);
});

test('only so many keys are remembered, and the one unused for longest is forgotten', () => {
  const limiter = createRateLimiter({ rate: '1/h', clock: createFakeClock(0), maxKeys: 2 });
  limiter.take('a');
  limiter.take('b');
  assert.equal(limiter.take('a').allowed, false);
  limiter.take('c');
  assert.equal(limiter.take('a').allowed, false);
  assert.equal(limiter.take('b').allowed, true);
});

/** Pauses in milliseconds between one use and the next, often none, often around the length of a window. */
const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(2_500)), { minLength: 1, maxLength: 120 });

test('any sequence of uses is decided as the definition of the sliding window says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), pauses, async (limit, sequence) => {
      const clock = createFakeClock(0);
      const limiter = createRateLimiter({ rate: { limit, windowMs: WINDOW_MS }, clock });
      const allowedAt: number[] = [];
      for (const pause of sequence) {
        await clock.advance(pause);
        const now = clock.monotonic();
        const start = Math.floor(now / WINDOW_MS) * WINDOW_MS;
        const count = allowedAt.filter((at) => at >= start).length;
        const previous = allowedAt.filter((at) => at >= start - WINDOW_MS && at < start).length;
        // Whole numbers only: the definition, multiplied by the window's length.
        const expected = (limit - count - 1) * WINDOW_MS >= previous * (start + WINDOW_MS - now);
        const decision = limiter.take('key');
        assert.equal(decision.allowed, expected);
        if (decision.allowed) allowedAt.push(now);
      }
    }),
    { numRuns: 200 },
  );
});

test('whoever waits as long as told is let through, and a millisecond less is too early', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), pauses, async (limit, sequence) => {
      const clock = createFakeClock(0);
      const limiter = createRateLimiter({ rate: { limit, windowMs: WINDOW_MS }, clock });
      for (const pause of sequence) {
        await clock.advance(pause);
        limiter.take('key');
      }
      let decision = limiter.take('key');
      while (decision.allowed) decision = limiter.take('key');
      assert.ok(decision.resetMs > 0);
      if (decision.resetMs > 1) {
        await clock.advance(decision.resetMs - 1);
        const early = limiter.take('key');
        assert.equal(early.allowed, false);
        await clock.advance(early.resetMs);
      } else {
        await clock.advance(decision.resetMs);
      }
      assert.equal(limiter.take('key').allowed, true);
    }),
    { numRuns: 200 },
  );
});
