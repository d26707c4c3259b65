import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Keeper } from './keeper.ts';
import { statusTable } from './status-table.ts';

interface Facts {
  pid?: number;
  restarts?: number;
  beatAt?: number;
  waitsFor?: string[];
}

function keeper(state: string, { pid, restarts = 0, beatAt, waitsFor = [] }: Facts = {}): Keeper {
  const beat = beatAt === undefined ? undefined : { rssBytes: 50 * 2 ** 20, at: beatAt, waitsFor };
  // As much of a keeper as a status needs.
  return { state, restarts, process: pid === undefined ? undefined : { pid, beat } } as unknown as Keeper;
}

const plain = (_style: string, text: string): string => text;

test('each part has a line: as well as its worst instance, and what all of them cost', () => {
  const fleet = new Map([
    ['orders', [keeper('up', { pid: 1, beatAt: 9_000, restarts: 1 }), keeper('restarting', { restarts: 1 })]],
    ['users', [keeper('up', { pid: 3, beatAt: 9_000 })]],
    ['stuck', [keeper('up', { pid: 4, beatAt: 1_000 })]],
    ['early', [keeper('up', { pid: 5, beatAt: 9_000, waitsFor: ['users'] })]],
    ['wrong', [keeper('failed')]],
  ]);
  const callsPerSecond = (part: string): number | undefined => (part === 'users' ? 12.3 : undefined);
  const lines = statusTable(fleet, { style: plain, colour: plain, callsPerSecond, now: 10_000 });
  assert.deepEqual(
    lines.map((line) => line.replaceAll(/ {2,}/g, '  ')),
    [
      '○ orders  down  1/2 instances  2 restarts  50 MB  pid 1',
      '● users  up  12 calls/s  50 MB  pid 3',
      '◌ stuck  silent  50 MB  pid 4',
      '◌ early  waits for users  50 MB  pid 5',
      "✖ wrong  can't start",
    ],
  );
});
