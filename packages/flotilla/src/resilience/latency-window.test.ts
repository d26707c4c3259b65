import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LatencyWindow } from './latency-window.ts';

test('nineteen of twenty calls ended within its answer, which is too long by a tenth at most', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.07, max: 60_000, noNaN: true }), { minLength: 20, maxLength: 200 }), (latencies) => {
      const window = new LatencyWindow(0.95);
      for (const latency of latencies) window.record(latency, 5_000);
      const sorted = latencies.toSorted((left, right) => left - right);
      const exact = sorted[Math.ceil(latencies.length * 0.95) - 1]!;
      const answer = window.quantile(6_000)!;
      assert.ok(answer >= exact * 0.999 && answer <= exact * 1.101, `${answer} for ${exact}`);
    }),
  );
});

test('it says nothing while it knows too little', () => {
  const window = new LatencyWindow(0.95);
  assert.equal(window.quantile(0), undefined);
  for (let call = 0; call < 19; call += 1) window.record(5, 0);
  assert.equal(window.quantile(1_000), undefined);
});

test('it forgets what is older than twenty seconds', () => {
  const window = new LatencyWindow(0.95);
  for (let call = 0; call < 100; call += 1) window.record(1_000, 9_000);
  for (let call = 0; call < 100; call += 1) window.record(10, 12_000);
  assert.ok(window.quantile(13_000)! > 900);
  for (let call = 0; call < 100; call += 1) window.record(10, 21_000);
  assert.ok(window.quantile(22_000)! < 12);
  assert.equal(window.quantile(60_000), undefined);
});

test('calls of no time and calls without end are counted too', () => {
  const window = new LatencyWindow(0.95);
  for (let call = 0; call < 20; call += 1) window.record(call % 2 === 0 ? 0 : 1e12, 0);
  assert.ok(window.quantile(1_000)! > 3_600_000);
});
