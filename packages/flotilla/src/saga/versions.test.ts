import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { saga } from './index.ts';
import { Order, openYard, orders } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };
const Go = z.object({});

test('a step that a new deployment renamed under a running saga leaves it stuck; brought back, it goes on', async () => {
  await using yard = await openYard();
  const did: string[] = [];
  const step = (name: string) => ({
    run: () => void did.push(name),
    compensate: () => Promise.resolve(void did.push(`undo ${name}`)),
  });
  const before = saga('renaming', spec).step('reserve', step('reserve')).waitFor('go', { schema: Go }).step('ship', step('ship'));
  const renamed = saga('renaming', spec)
    .step('set-aside', step('set-aside'))
    .waitFor('go', { schema: Go })
    .step('ship', step('ship'));

  const old = yard.coordinator([before]);
  const id = await yard.start(before, 'order-1');
  await yard.reaches(id, 'waiting');
  await old.stop();

  const next = yard.coordinator([renamed]);
  await yard.signal(before, { key: 'order-1', name: 'go', data: {} });
  assert.match((await yard.reaches(id, 'stuck')).reason!, /UNKNOWN_STEP: .*'reserve'/);
  assert.deepEqual(did, ['reserve']);
  assert.equal((await yard.eventsOf('saga.stuck')).length, 1);
  await assert.rejects(next.repair({ id, act: 'skip', reason: 'x', operator: 'ada' }), { code: 'NOTHING_TO_SKIP' });
  await next.stop();

  const again = yard.coordinator([before]);
  await again.repair({ id, act: 'retry', operator: 'ada' });
  await yard.reaches(id, 'done');
  assert.deepEqual(did, ['reserve', 'ship']);
});

test('sagas of a kind that nobody knows any more are noticed, and go on when it is back', async () => {
  await using yard = await openYard();
  const retired = saga('retired', spec).step('only', { run: () => 1 });
  const id = await yard.start(retired, 'order-1');
  const coordinator = yard.coordinator([saga('other', spec).step('only', { run: () => 1 })]);
  await yard.runtime.clock.advance(61_000);
  assert.deepEqual(await coordinator.health(), {
    status: 'DEGRADED',
    reason: 'There are sagas of kinds that nobody here knows: retired. Deploy them again.',
  });
  yard.coordinator([retired]);
  await yard.reaches(id, 'done');
  await yard.runtime.clock.advance(61_000);
  assert.deepEqual(await coordinator.health(), { status: 'UP' });
});
