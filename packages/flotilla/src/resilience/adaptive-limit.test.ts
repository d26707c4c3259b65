import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAdaptiveLimit, type LimitSample } from './index.ts';

/** Runs traffic for a while: every tick `perTick` calls, as many at once as the limit allows, each taking `latencyMs`. */
function traffic() {
  const limit = createAdaptiveLimit();
  let now = 0;
  const run = ({ seconds, perSecond, latencyMs }: { seconds: number; perSecond: number; latencyMs: number }): number => {
    const end = now + seconds * 1_000;
    const wanted = Math.max(1, Math.round((perSecond * latencyMs) / 1_000));
    for (; now < end; now += 1_000 / perSecond) {
      limit.record({
        startedAt: now - latencyMs,
        endedAt: now,
        running: Math.min(wanted, limit.limit),
        overloaded: false,
      });
    }
    return limit.limit;
  };
  return { limit, run };
}

const sample = (over: Partial<LimitSample>): LimitSample => ({
  startedAt: 0,
  endedAt: 10,
  running: 100,
  overloaded: false,
  ...over,
});

test('it grows by one after as many successes as the limit, while at least half of it is used', () => {
  const limit = createAdaptiveLimit();
  for (let success = 0; success < 19; success += 1) limit.record(sample({}));
  assert.equal(limit.limit, 20);
  limit.record(sample({}));
  assert.equal(limit.limit, 21);
  for (let success = 0; success < 1_000; success += 1) limit.record(sample({ running: 9 }));
  assert.equal(limit.limit, 21);
});

test('overload takes a tenth, once for all calls that were under way together', () => {
  const limit = createAdaptiveLimit({ start: 100 });
  for (let call = 0; call < 50; call += 1) limit.record(sample({ startedAt: call, endedAt: 1_000, overloaded: true }));
  assert.equal(limit.limit, 90);
  limit.record(sample({ startedAt: 1_000, endedAt: 2_000, overloaded: true }));
  assert.equal(limit.limit, 81);
});

test('the jitter of an event loop is no overload of a fast upstream', () => {
  const limit = createAdaptiveLimit({ start: 10 });
  for (let call = 0; call < 100; call += 1) {
    limit.record(sample({ startedAt: call * 20, endedAt: call * 20 + (call % 10 === 0 ? 9 : 0.1) }));
  }
  assert.ok(limit.limit > 10);
});

test('it stays between its bounds whatever happens', () => {
  const samples = fc.array(
    fc.record({
      pause: fc.nat(1_000),
      latency: fc.nat(5_000),
      running: fc.integer({ min: 1, max: 2_000 }),
      overloaded: fc.boolean(),
    }),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 60 }), (sequence, min, max) => {
      const limit = createAdaptiveLimit({ min, max });
      let now = 0;
      for (const { pause, latency, running, overloaded } of sequence) {
        now += pause;
        limit.record({ startedAt: now, endedAt: now + latency, running, overloaded });
        assert.ok(limit.limit >= Math.min(min, max) && limit.limit <= max && Number.isInteger(limit.limit));
      }
    }),
  );
});

test('ten times the latency for half a minute lowers it, and it is back within half a minute', () => {
  const { run, limit } = traffic();
  const before = run({ seconds: 60, perSecond: 500, latencyMs: 50 });
  const during = run({ seconds: 30, perSecond: 500, latencyMs: 500 });
  assert.ok(during < before / 3, `${before} to ${during}`);
  assert.ok(limit.baselineMs! < 150, `the overload became the baseline: ${limit.baselineMs}`);
  const after = run({ seconds: 30, perSecond: 500, latencyMs: 50 });
  assert.ok(after >= before * 0.9, `${before} to ${after}`);
});

test('it does not drift where there is hardly any traffic', () => {
  const { run } = traffic();
  const start = run({ seconds: 1, perSecond: 1, latencyMs: 50 });
  assert.equal(run({ seconds: 3_600, perSecond: 1, latencyMs: 80 }), start);
  assert.equal(run({ seconds: 600, perSecond: 1, latencyMs: 300 }), start);
});

test('an upstream that became slower for good is believed after some minutes', () => {
  const { run } = traffic();
  const before = run({ seconds: 60, perSecond: 500, latencyMs: 50 });
  run({ seconds: 900, perSecond: 500, latencyMs: 150 });
  assert.ok(run({ seconds: 60, perSecond: 500, latencyMs: 150 }) >= before);
});
