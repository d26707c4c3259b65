import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BenchCase } from './case.ts';
import { cases } from './cases/index.ts';
import { startFlotilla } from './flotilla-process.ts';
import { temporaryFolder } from './folder.ts';
import { drive, driveEach } from './load.ts';
import { measure } from './measure.ts';
import { ownCpuMs, usageOf } from './process-usage.ts';
import { asText, report } from './report.ts';
import { percentile, summarise } from './stats.ts';

const PRODUCT_SYSTEM = join(import.meta.dirname, 'product/system.ts');

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

test('each load is reported under its number, with what its processes spent', async () => {
  const cpuMs = { CPU: ownCpuMs };
  const call = (): Promise<void> => new Promise(setImmediate);
  const figures = await driveEach([1, 2], { durationMs: 20, per: 'calls/s', call, cpuMs });
  for (const inFlight of [1, 2]) assert.ok(figures[`CPU µs each, ${inFlight} in flight`]! > 0);
});

test('what a process uses is read from the system', { skip: process.platform !== 'linux' }, async () => {
  const { cpuMs, rssMiB, peakRssMiB } = await usageOf(process.pid);
  assert.ok(cpuMs > 0 && rssMiB > 10 && peakRssMiB >= rssMiB);
});

test('the measured service answers from a process of its own, which ends with the case', async () => {
  await using folder = await temporaryFolder();
  const { ready, ...running } = await startFlotilla(['start', 'products', '--system', PRODUCT_SYSTEM], folder.path);
  assert.equal((await fetch(`${ready.internalUrl}/readyz`)).status, 200);
  await running[Symbol.asyncDispose]();
  await assert.rejects(fetch(`${ready.internalUrl}/readyz`));
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
