import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { saga } from './saga.ts';
import { namesOf } from './stage.ts';

const run = (): null => null;
const bare = saga('order', { input: z.object({ id: z.string() }), key: ({ id }) => id });

test('a builder never changes; each step makes a new one', () => {
  const longer = bare.step('a', { run }).step('b', { run, timeout: '2s', retry: { attempts: 7 } });
  assert.deepEqual(
    [bare, longer].map(({ stages }) => stages.flatMap(namesOf)),
    [[], ['a', 'b']],
  );
  const [first, second] = longer.stages.flatMap((stage) => (stage.kind === 'steps' ? stage.steps : []));
  assert.deepEqual([first!.timeoutMs, first!.attempts, first!.compensations], [5_000, 5, 8]);
  assert.deepEqual([second!.timeoutMs, second!.attempts], [2_000, 7]);
});

test('a definition that can not work is refused where it is written', () => {
  const invalid = { code: 'INVALID_SAGA', kind: 'invalid' };
  assert.throws(() => bare.step('a', { run }).step('a', { run }), invalid);
  assert.throws(() => bare.sleep('a', '1s').parallel((side) => side.step('b', { run }).step('a', { run })), invalid);
  assert.throws(() => bare.parallel((side) => side), invalid);
  assert.throws(() => bare.parallel((side) => side.step('a', { run }).step('b', { run, pivot: true })), invalid);
  assert.throws(() => bare.step('a', { run, pivot: true }).step('b', { run, pivot: true }), invalid);
  assert.throws(() => bare.step('$end', { run }), invalid);
  assert.throws(() => bare.step('a', { run, retry: { attempts: 0 } }), invalid);
  assert.throws(() => bare.step('a', { run, retry: { compensations: 1.5 } }), invalid);
});
