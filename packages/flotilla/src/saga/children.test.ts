import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as z from 'zod';
import { saga, type SagaDefinition } from './index.ts';
import { declined, Order, openYard, orders, silentPort, type Yard } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };
const Go = z.object({});

/** A saga that waits for a word, then does one thing that can be undone. */
function childWith(lines: string[], { pivot = false, fails = false } = {}) {
  return saga('child', { ...spec, key: ({ id }) => `of ${id}` })
    .waitFor('word', { schema: Go })
    .step('work', {
      run: () => {
        lines.push('work');
        if (fails) throw declined();
        return 42;
      },
      compensate: () => Promise.resolve(void lines.push('undo work')),
      pivot,
    });
}

function parentOf(child: ReturnType<typeof childWith>, { fails = false } = {}) {
  return saga('parent', spec)
    .child('errand', child, ({ input }) => ({ id: input.id }))
    .step('after', {
      run: ({ results }) => {
        if (fails) throw declined();
        return results.errand.work;
      },
    })
    .done(({ emit }, { input, results }) => emit('Noted', { id: input.id, what: `got ${results.after}` }));
}

const word = (yard: Yard, child: SagaDefinition) => yard.signal(child, { key: 'of order-1', name: 'word', data: {} });

async function childOf(yard: Yard): Promise<string> {
  return (await yard.store.sagas.list({ kind: 'child', limit: 1 }))[0]!.id;
}

suite('a child saga', () => {
  test('starts with the step that waits for it, and its results are the result', async () => {
    await using yard = await openYard();
    const lines: string[] = [];
    const child = childWith(lines);
    const parent = parentOf(child);
    yard.coordinator([parent]);
    const id = await yard.start(parent, 'order-1');
    await yard.reaches(id, 'waiting');
    const { saga: row } = (await yard.store.sagas.find(await childOf(yard)))!;
    assert.deepEqual(row.parent, { id, kind: 'parent', key: 'order-1', step: 'errand' });
    assert.equal(row.correlationId, 'order-1');
    await word(yard, child);
    await yard.reaches(id, 'done');
    assert.deepEqual(await yard.notes(), ['got 42']);
  });

  test('that turned back fails the step of its parent', async () => {
    await using yard = await openYard();
    const child = childWith([], { fails: true });
    const parent = parentOf(child);
    yard.coordinator([parent, child]);
    const id = await yard.start(parent, 'order-1');
    await yard.reaches(id, 'waiting');
    await word(yard, child);
    assert.match((await yard.reaches(id, 'compensated')).reason!, /^errand: CHILD_TURNED_BACK: .*work: DECLINED/);
  });

  test('that was done is undone when its parent turns back later', async () => {
    await using yard = await openYard();
    const lines: string[] = [];
    const child = childWith(lines);
    const parent = parentOf(child, { fails: true });
    yard.coordinator([parent, child]);
    const id = await yard.start(parent, 'order-1');
    await yard.reaches(id, 'waiting');
    await word(yard, child);
    await yard.reaches(id, 'compensated');
    assert.deepEqual(lines, ['work', 'undo work']);
    assert.equal((await yard.store.sagas.find(await childOf(yard)))!.saga.status, 'compensated');
  });

  test('turns back with a parent that is cancelled, which waits for that', async () => {
    await using yard = await openYard();
    const lines: string[] = [];
    const child = childWith(lines);
    const parent = parentOf(child);
    const coordinator = yard.coordinator([parent, child]);
    const id = await yard.start(parent, 'order-1');
    await yard.reaches(id, 'waiting');
    await coordinator.cancel({ id, operator: 'ada', reason: 'no longer wanted' });
    await yard.reaches(id, 'cancelled');
    assert.deepEqual(lines, []);
    assert.equal((await yard.store.sagas.find(await childOf(yard)))!.saga.status, 'compensated');
  });

  test('past its pivot is not undone by guesswork: the parent is stuck', async () => {
    await using yard = await openYard();
    const lines: string[] = [];
    const child = childWith(lines, { pivot: true });
    const parent = parentOf(child, { fails: true });
    const coordinator = yard.coordinator([parent, child]);
    const id = await yard.start(parent, 'order-1');
    await yard.reaches(id, 'waiting');
    await word(yard, child);
    assert.match((await yard.reaches(id, 'stuck')).reason!, /^errand: CHILD_PAST_PIVOT/);
    await coordinator.repair({ id, act: 'skip', reason: 'undone by hand', operator: 'ada' });
    await yard.reaches(id, 'compensated');
    assert.deepEqual(lines, ['work']);
  });

  test('that a person resolves lets its parent go on', async () => {
    await using yard = await openYard();
    const child = saga('child', { ...spec, key: ({ id }) => `of ${id}` })
      .step('done', { run: () => 1, pivot: true })
      .step('hopeless', {
        run: () => {
          throw silentPort();
        },
        retry: { attempts: 1 },
      });
    const parent = saga('parent', spec).child('errand', child, ({ input }) => input);
    const coordinator = yard.coordinator([parent, child]);
    const id = await yard.start(parent, 'order-1');
    await yard.reaches(id, 'waiting');
    const childId = await childOf(yard);
    await yard.reaches(childId, 'stuck');
    await coordinator.repair({ id: childId, act: 'resolve', reason: 'seen to', operator: 'ada' });
    await yard.reaches(id, 'done');
  });

  test('whose key another saga has is a failure, not a wait for a stranger', async () => {
    await using yard = await openYard();
    const child = childWith([]);
    const parent = parentOf(child);
    yard.coordinator([parent, child]);
    await yard.start(child, 'order-1');
    const id = await yard.start(parent, 'order-1');
    assert.match((await yard.reaches(id, 'compensated')).reason!, /^errand: CHILD_EXISTS/);
  });
});
