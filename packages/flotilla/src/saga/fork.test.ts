import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { saga } from './index.ts';
import { declined, Order, openYard, orders, type Yard } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };

function definition(did: string[], { fails = false } = {}) {
  return saga('forked', spec)
    .lock('desk', ({ input }) => input.id)
    .step('first', {
      run: () => {
        did.push('first');
        return did.length;
      },
      compensate: () => Promise.resolve(),
    })
    .step('second', {
      run: ({ results }) => {
        did.push(`second after ${results.first}`);
        if (fails) throw declined();
      },
    });
}

async function ended(yard: Yard, did: string[], options?: { fails: boolean }) {
  const forked = definition(did, options);
  const coordinator = yard.coordinator([forked]);
  const id = await yard.start(forked, 'order-1');
  await yard.reaches(id, options?.fails ? 'compensated' : 'done');
  return { coordinator, id };
}

suite('a fork', () => {
  test('runs the rest anew under an id and a key of its own, with what the steps before it returned', async () => {
    await using yard = await openYard();
    const did: string[] = [];
    const { coordinator, id } = await ended(yard, did);
    const fork = await coordinator.fork({ id, from: 'second', operator: 'ada', reason: 'the parcel was lost' });
    const row = await yard.reaches(fork, 'done');
    assert.deepEqual(did, ['first', 'second after 1', 'second after 1']);
    assert.equal(row.key, `order-1~${fork}`);
    assert.equal((await yard.store.sagas.find(id))!.saga.status, 'done');
    const data = {
      sagaId: id,
      kind: 'forked',
      key: 'order-1',
      from: 'second',
      fork,
      operator: 'ada',
      reason: 'the parcel was lost',
    };
    assert.deepEqual(await yard.eventsOf('saga.forked'), [data]);
  });

  test('takes over no locks: it asks for its own', async () => {
    await using yard = await openYard();
    const { coordinator, id } = await ended(yard, []);
    const fork = await coordinator.fork({ id, from: 'second', operator: 'ada' });
    await yard.reaches(fork, 'done');
    const { journal } = (await yard.store.sagas.find(fork))!;
    assert.deepEqual(
      journal.map(({ step }) => step),
      ['first', 'first', 'desk', 'desk', 'second', 'second'],
    );
  });

  test('is refused where its ground is gone', async () => {
    await using yard = await openYard();
    const { coordinator, id } = await ended(yard, [], { fails: true });
    const fork = (from: string) => coordinator.fork({ id, from, operator: 'ada' });
    await assert.rejects(fork('second'), { code: 'SAGA_NOT_FORKABLE', message: /step 'first' before that was undone/ });
    await assert.rejects(fork('third'), { code: 'SAGA_NOT_FORKABLE', message: /it has no step 'third'/ });
    await yard.reaches(await fork('first'), 'compensated');
  });

  test('is refused while the saga may still go on', async () => {
    await using yard = await openYard();
    const sleeping = saga('sleeping', spec)
      .step('first', { run: () => 1 })
      .sleep('night', '1h');
    const coordinator = yard.coordinator([sleeping]);
    const id = await yard.start(sleeping, 'order-1');
    await yard.reaches(id, 'waiting');
    await assert.rejects(coordinator.fork({ id, from: 'night', operator: 'ada' }), { message: /it is waiting/ });
  });
});
