import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as z from 'zod';
import type { JournalEntry, SagaPhase } from '../store/index.ts';
import type { Move } from './move.ts';
import { nextMove } from './next-move.ts';
import { saga } from './saga.ts';

/** A journal as some release wrote it. Entries are added with each release that writes something new, and never changed. */
interface Golden {
  what: string;
  phase: SagaPhase;
  journal: JournalEntry[];
  next: { kind: Move['kind']; names: string[] };
}

const journals = JSON.parse(await readFile(join(import.meta.dirname, 'golden/journals.json'), 'utf8')) as Golden[];

const step = { run: () => null, compensate: () => Promise.resolve() };
const errand = saga('errand', { input: z.object({}), key: () => '' }).step('go', step);
const definition = saga('golden', { input: z.object({}), key: () => '' })
  .step('reserve', step)
  .parallel((side) => side.step('left', step).step('right', step))
  .sleep('night', '1s')
  .waitFor('approval', { schema: z.object({ by: z.string() }), timeout: '7s' })
  .lock('table', () => 'table-1')
  .child('errand', errand, () => ({}));

function namesOf(move: Move): string[] {
  if (move.kind === 'attempt') return move.attempts.map((one) => one.step.name);
  if (move.kind === 'rest') return [move.name];
  return 'stage' in move ? [move.stage.name] : [];
}

suite('every journal that was ever written can be gone on with', () => {
  for (const { what, phase, journal, next } of journals) {
    test(what, () => {
      const move = nextMove({ definition, journal, phase, signals: [], now: 8_000 });
      assert.deepEqual({ kind: move.kind, names: namesOf(move) }, next);
    });
  }
});
