import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFakeClock } from '../testing/index.ts';
import { createMetrics, toPrometheus } from './index.ts';

const near = (actual: number, expected: number): boolean => Math.abs(actual / expected - 1) < 0.05;

test('quantiles are true to within 5 %, whatever the lengths', () => {
  const lengths = fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 300 });
  const check = fc.property(lengths, (all) => {
    const metrics = createMetrics({ clock: createFakeClock(0) });
    for (const ms of all) metrics.record('get', -ms, 'ok');
    const sorted = all.toSorted((left, right) => left - right);
    const { p50Ms, p99Ms } = metrics.snapshot()[0]!;
    assert.ok(near(p50Ms, sorted[Math.ceil(sorted.length * 0.5) - 1]!), `p50 ${p50Ms}`);
    assert.ok(near(p99Ms, sorted[Math.ceil(sorted.length * 0.99) - 1]!), `p99 ${p99Ms}`);
  });
  fc.assert(check);
});

test('calls are never lost: totals, outcomes and lengths agree at any time', async () => {
  const step = fc.record({
    pauseMs: fc.integer({ min: 0, max: 35_000 }),
    ms: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true })),
    outcome: fc.constantFrom('ok', 'invalid', 'internal', 'timeout'),
  });
  const check = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const clock = createFakeClock(0);
    const metrics = createMetrics({ clock });
    for (const { pauseMs, ms, outcome } of steps) {
      await clock.advance(pauseMs);
      metrics.record('get', clock.monotonic() - ms, outcome);
    }
    if (steps.length === 0) return assert.deepEqual(metrics.snapshot(), []);
    const [found] = metrics.snapshot();
    assert.equal(found!.calls, steps.length);
    assert.equal(found!.errors, steps.filter(({ outcome }) => outcome === 'internal' || outcome === 'timeout').length);
    const counts = found!.lengths.map(({ count }) => count);
    assert.deepEqual(
      counts,
      counts.toSorted((left, right) => left - right),
    );
    assert.equal(counts.at(-1), steps.filter(({ ms }) => ms < found!.lengths.at(-1)!.leMs).length);
  });
  await fc.assert(check, { numRuns: 50 });
});

test('rates and quantiles tell of the last ten seconds', async () => {
  const clock = createFakeClock(0);
  const metrics = createMetrics({ clock });
  const second = async (calls: number, ms: number): Promise<void> => {
    const begunAt = clock.monotonic() - ms;
    for (let call = 0; call < calls; call += 1) metrics.record('get', begunAt, call % 10 === 0 ? 'internal' : 'not-found');
    await clock.advance(1_000);
  };
  await second(50, 8);
  const [early] = metrics.snapshot();
  assert.equal(early!.callsPerSecond, 50, 'also before ten seconds have passed');
  assert.equal(early!.errorsPerSecond, 5);
  for (let time = 0; time < 30; time += 1) await second(50, 8);
  assert.ok(near(metrics.snapshot()[0]!.callsPerSecond, 50));
  for (let time = 0; time < 20; time += 1) await second(10, 100);
  const [late] = metrics.snapshot();
  assert.ok(near(late!.callsPerSecond, 10), `${late!.callsPerSecond}`);
  assert.ok(near(late!.p50Ms, 100));
  await clock.advance(60_000);
  const [quiet] = metrics.snapshot();
  assert.deepEqual([quiet!.callsPerSecond, quiet!.p50Ms, quiet!.calls], [0, 0, 31 * 50 + 20 * 10]);
});

test('Prometheus reads what is written', () => {
  const metrics = createMetrics({ clock: createFakeClock(0) });
  metrics.record('stock', -3, 'ok');
  metrics.record('stock', -0.1, 'ok');
  metrics.record('reserve', -300, 'conflict');
  const other = { labels: { service: 'other' }, operations: metrics.snapshot() };
  const text = toPrometheus([{ labels: { service: 'a"b\\c' }, operations: metrics.snapshot() }, other]);
  const lines = text.split('\n');
  assert.ok(text.endsWith('\n'));
  assert.ok(lines.includes(String.raw`flotilla_calls_total{service="a\"b\\c",operation="stock",outcome="ok"} 2`));
  const bucket = (le: string): string =>
    String.raw`flotilla_call_duration_seconds_bucket{service="a\"b\\c",operation="stock",le="${le}"}`;
  assert.ok(lines.includes(`${bucket('0.002')} 1`));
  assert.ok(lines.includes(`${bucket('0.004')} 2`));
  assert.ok(lines.includes(`${bucket('+Inf')} 2`));
  const pattern = /^(?:# (?:HELP|TYPE) flotilla_\w+ .+|flotilla_\w+\{(?:\w+="(?:[^"\\]|\\.)*",?)*\} \d+(?:\.\d+)?)$/;
  for (const line of lines.slice(0, -1)) assert.match(line, pattern);
  assert.equal(lines.filter((line) => line.startsWith('# TYPE')).length, 2, 'each metric is introduced once');
});
