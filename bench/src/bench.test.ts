import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineCase } from './case.ts';
import { cases } from './cases/index.ts';
import { chooseCases } from './choose.ts';
import { startFlotilla } from './flotilla-process.ts';
import { temporaryFolder } from './folder.ts';
import { drive } from './load.ts';
import { measure } from './measure.ts';
import { ownCpuMs, usageOf } from './process-usage.ts';
import { ratiosOf } from './ratios.ts';
import { asJson, asText, report } from './report.ts';
import { flagsFor, leftAside, settingsOf } from './settings.ts';
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
  const figures = await drive({ inFlight: 7, durationMs: 20, call });
  assert.equal(most, 7);
  assert.ok(figures.perSecond! > 0 && figures.p99Ms! >= figures.p50Ms!);
});

test('a load is reported with what its processes spent', async () => {
  const call = (): Promise<void> => new Promise(setImmediate);
  const figures = await drive({ inFlight: 2, durationMs: 20, call, cpuMs: { cpuUs: ownCpuMs } });
  assert.ok(figures.cpuUs! > 0);
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
  await assert.rejects(drive({ inFlight: 1, durationMs: 1_000, call }), /refused/);
});

const conditions = { durationMs: 1, url: undefined, alone: false };

test('a case is warmed up, measured and closed', async () => {
  const steps: string[] = [];
  const fake = defineCase({
    name: 'fake',
    title: 'counts up',
    open: async () => ({
      round: async () => ({ own: { perSecond: steps.push('round') }, peers: { other: { perSecond: 2 } } }),
      [Symbol.asyncDispose]: async () => void steps.push('closed'),
    }),
  });
  const measured = await measure({ of: fake, settings: {}, conditions }, 3);
  assert.deepEqual(measured.own.perSecond, { median: 3, min: 2, max: 4 });
  assert.deepEqual(measured.ratios.other!.perSecond, { median: 1.5, min: 1, max: 2 });
  assert.deepEqual(steps, ['round', 'round', 'round', 'round', 'closed']);
  assert.match(asText(report([measured])), /perSecond\s+3\.00\s+\(2\.00 – 4\.00\)/);
  assert.deepEqual(Object.entries(asJson(report([measured]))).slice(0, 3), [
    ['case', 'fake'],
    ['title', 'counts up'],
    ['perSecond', 3],
  ]);
});

test('ours is set against each peer, and against whoever was best at a figure', () => {
  const peers = { quick: { perSecond: 100, p50Ms: 4 }, prompt: { perSecond: 50, p50Ms: 2 } };
  assert.deepEqual(ratiosOf({ own: { perSecond: 200, p50Ms: 1 }, peers }), {
    quick: { perSecond: 2, p50Ms: 0.25 },
    prompt: { perSecond: 4, p50Ms: 0.5 },
    fastest: { perSecond: 2, p50Ms: 0.5 },
  });
});

const sailing = defineCase({
  name: 'sailing',
  title: 'takes flags',
  takes: { wind: ['east', 'west'], crewSize: [2, 1] },
  open: () => Promise.reject(new Error('is not opened')),
});

test('a case runs with all combinations of its standard settings, and a flag takes the place of the standard values', () => {
  assert.deepEqual(settingsOf(sailing, new Map()).map(flagsFor), [
    ['--wind', 'east', '--crew-size', '2'],
    ['--wind', 'east', '--crew-size', '1'],
    ['--wind', 'west', '--crew-size', '2'],
    ['--wind', 'west', '--crew-size', '1'],
  ]);
  assert.deepEqual(settingsOf(sailing, new Map([['crew-size', '7']])), [
    { wind: 'east', crewSize: 7 },
    { wind: 'west', crewSize: 7 },
  ]);
});

test('a flag that nothing chosen takes is left aside, and an impossible value is refused with a sentence', () => {
  const given = new Map([
    ['depth', '7'],
    ['wind', 'east'],
  ]);
  assert.deepEqual(leftAside([sailing], given), ['depth']);
  assert.equal(settingsOf(sailing, given).length, 2);
  assert.throws(() => settingsOf(sailing, new Map([['wind', 'up']])), /--wind is one of east, west, not "up"/);
  assert.throws(() => settingsOf(sailing, new Map([['crew-size', 'few']])), /--crew-size is a number above 0/);
});

test('a whole name chooses one case, the beginning of names all that share it', () => {
  const names = (...wanted: string[]): string[] => chooseCases(cases, wanted).map(({ name }) => name);
  assert.deepEqual(names('pipeline'), ['pipeline']);
  assert.deepEqual(names('pipeline-'), ['pipeline-stages', 'pipeline-memory']);
  assert.deepEqual(names('no such case'), []);
  assert.equal(names().length, cases.length);
});
