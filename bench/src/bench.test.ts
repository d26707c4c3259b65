import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BenchCase } from './case.ts';
import { cases } from './cases/index.ts';
import { drive } from './load.ts';
import { measure } from './measure.ts';
import { asText, report } from './report.ts';
import { percentile, summarise } from './stats.ts';

test('percentiles are taken from the sorted values', () => {
  const values = [5, 1, 4, 2, 3];
  assert.equal(percentile(values, 0.5), 3);
  assert.equal(percentile(values, 0.99), 5);
  assert.deepEqual(summarise(values), { median: 3, min: 1, max: 5 });
});

test('a load keeps exactly so many calls running', async () => {
  let running = 0;
  let most = 0;
  const call = async (): Promise<void> => {
    most = Math.max(most, (running += 1));
    await new Promise(setImmediate);
    running -= 1;
  };
  const figures = await drive({ inFlight: 7, durationMs: 20, per: 'calls/s', call });
  assert.equal(most, 7);
  assert.ok(figures['calls/s']! > 0 && figures['p99 ms']! >= figures['p50 ms']!);
});

test('a call that fails ends the run', async () => {
  const call = (): Promise<never> => Promise.reject(new Error('refused'));
  await assert.rejects(drive({ inFlight: 1, durationMs: 1_000, per: 'calls/s', call }), /refused/);
});

test('a case is warmed up, measured and closed', async () => {
  const steps: string[] = [];
  const fake: BenchCase = {
    name: 'fake',
    title: 'counts up',
    open: async () => ({
      round: async () => ({ 'things/s': steps.push('round') }),
      [Symbol.asyncDispose]: async () => void steps.push('closed'),
    }),
  };
  const measured = await measure(fake, 3);
  assert.deepEqual(measured.figures['things/s'], { median: 3, min: 2, max: 4 });
  assert.deepEqual(steps, ['round', 'round', 'round', 'round', 'closed']);
  assert.match(asText(report([measured])), /things\/s\s+3\.00\s+\(2\.00 – 4\.00\)/);
});

test('no case name is the beginning of another, so that each can be run alone', () => {
  const names = cases.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => names.some((other) => other !== name && other.startsWith(name))),
    [],
  );
});
