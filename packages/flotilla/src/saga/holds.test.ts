import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { until } from '../testing/index.ts';
import { saga } from './index.ts';
import { Order, openYard, orders } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };
const Word = z.object({});

suite('a lock', () => {
  const seated = saga('seated', spec)
    .lock('table', () => 'table-1')
    .waitFor('enough', { schema: Word })
    .step('leave', {
      run: () => 'left',
      commit: (_, { emit }, { input }) => emit('Noted', { id: input.id, what: input.id }),
    });

  test('lets one saga in, and the others in the order they asked', async () => {
    await using yard = await openYard();
    yard.coordinator([seated]);
    const ids: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      ids.push(await yard.start(seated, name));
      await yard.reaches(ids.at(-1)!, 'waiting');
    }
    // Only the first has come as far as waiting for the word.
    const awaits = async () => (await Promise.all(ids.map((id) => yard.store.sagas.find(id)))).map((found) => found!.saga.awaits);
    assert.deepEqual(await awaits(), ['enough', 'table', 'table']);
    for (const name of ['third', 'second', 'first']) await yard.signal(seated, { key: name, name: 'enough', data: {} });
    await yard.reaches(ids[2]!, 'done');
    assert.deepEqual(await yard.notes(), ['first', 'second', 'third']);
  });

  test('is given up by a saga that is cancelled, and so is a place in the line', async () => {
    await using yard = await openYard();
    const coordinator = yard.coordinator([seated]);
    const [first, second, third] = [
      await yard.start(seated, 'first'),
      await yard.start(seated, 'second'),
      await yard.start(seated, 'third'),
    ];
    for (const id of [first, second, third]) await yard.reaches(id, 'waiting');
    await coordinator.cancel({ id: second, operator: 'ada' });
    await coordinator.cancel({ id: first, operator: 'ada' });
    await yard.signal(seated, { key: 'third', name: 'enough', data: {} });
    await yard.reaches(third, 'done');
    assert.deepEqual(await yard.notes(), ['third']);
  });
});

suite('a pause', () => {
  /** A saga whose first step ends when the test says so. */
  function steps() {
    const gate = Promise.withResolvers<void>();
    const did: string[] = [];
    const run = (name: string) => async () => {
      did.push(name);
      if (name === 'one') await gate.promise;
    };
    return {
      gate,
      did,
      saga: saga('paused', spec)
        .step('one', { run: run('one') })
        .step('two', { run: run('two') }),
    };
  }

  for (const [what, scope] of [
    ['of one saga', undefined],
    ['of its kind', { kind: 'paused' }],
    ['of the service', { service: true }],
  ] as const) {
    test(`${what} lets the step under way finish and begins no other, until it is resumed`, async () => {
      await using yard = await openYard();
      const { gate, did, saga: definition } = steps();
      const coordinator = yard.coordinator([definition]);
      const id = await yard.start(definition, 'order-1');
      await until(() => did.length === 1);
      const act = (name: 'pause' | 'resume') =>
        scope ? coordinator.pauseMany({ act: name, scope, operator: 'ada' }) : coordinator.pause(name, { id, operator: 'ada' });
      await act('pause');
      await yard.runtime.clock.advance(2_000);
      gate.resolve();
      await yard.reaches(id, 'ready');
      await yard.runtime.clock.advance(60_000);
      const { saga: row, journal } = (await yard.store.sagas.find(id))!;
      assert.deepEqual([did, row.status, row.owner, journal.length], [['one'], 'ready', undefined, 2]);
      await act('resume');
      await yard.reaches(id, 'done');
      assert.deepEqual(did, ['one', 'two']);
    });
  }

  test('is audited, and can be seen in the health', async () => {
    await using yard = await openYard();
    const coordinator = yard.coordinator([steps().saga]);
    const pause = { scope: { kind: 'paused' }, operator: 'ada', reason: 'bank is down' } as const;
    assert.equal(await coordinator.pauseMany({ act: 'pause', ...pause }), true);
    assert.equal(await coordinator.pauseMany({ act: 'pause', ...pause }), false);
    assert.deepEqual(await yard.eventsOf('sagas.paused'), [{ kind: 'paused', operator: 'ada', reason: 'bank is down' }]);
    assert.match((await coordinator.health()).reason!, /^Sagas are paused: paused\./);
  });

  test('of a saga that goes nowhere is refused', async () => {
    await using yard = await openYard();
    const definition = saga('quick', spec).step('only', { run: () => 1 });
    const coordinator = yard.coordinator([definition]);
    const id = await yard.start(definition, 'order-1');
    await yard.reaches(id, 'done');
    await assert.rejects(coordinator.pause('pause', { id, operator: 'ada' }), { code: 'SAGA_NOT_PAUSABLE' });
    await assert.rejects(coordinator.pause('resume', { id, operator: 'ada' }), { code: 'SAGA_NOT_PAUSABLE' });
  });

  test('from the start on begins nothing at all', async () => {
    await using yard = await openYard();
    const definition = saga('quick', spec).step('only', { run: () => 1 });
    const id = await yard.start(definition, 'order-1');
    const coordinator = yard.coordinator([definition], { startPaused: true });
    const later = await coordinator.begin(definition, yard.starting('order-2'));
    await yard.runtime.clock.advance(10_000);
    for (const one of [id, later]) assert.equal((await yard.store.sagas.find(one))!.saga.status, 'ready');
    await coordinator.pauseMany({ act: 'resume', scope: { service: true }, operator: 'ada' });
    await yard.reaches(id, 'done');
    await yard.reaches(later, 'done');
  });
});

suite('a saga that starts where it can go on', () => {
  const quick = saga('quick', spec)
    .step('one', { run: ({ attempt }) => attempt })
    .step('two', { run: () => 2 });

  test('is never claimed, and its first step begins with its start', async () => {
    await using yard = await openYard();
    const coordinator = yard.coordinator([quick]);
    await nextTurn();
    const id = await coordinator.begin(quick, yard.starting('order-1'));
    assert.deepEqual((await yard.store.sagas.find(id))!.journal.map(({ status }) => status).slice(0, 1), ['started']);
    await yard.reaches(id, 'done');
    const { saga: row, journal } = (await yard.store.sagas.find(id))!;
    assert.equal(row.fence, 1);
    assert.deepEqual(
      journal.map(({ step, status, output }) => [step, status, output]),
      [
        ['one', 'started', undefined],
        ['one', 'ok', 1],
        ['two', 'started', undefined],
        ['two', 'ok', 2],
      ],
    );
  });

  test('does so with the transaction it belongs to, or not at all', async () => {
    await using yard = await openYard();
    const coordinator = yard.coordinator([quick]);
    await nextTurn();
    const lost = yard.store.transact(async (tx) => {
      await coordinator.begin(quick, yard.starting('order-1'), tx);
      throw new Error('no');
    });
    await assert.rejects(lost);
    assert.deepEqual(await yard.store.sagas.list({ limit: 10 }), []);
    const id = await yard.store.transact((tx) => coordinator.begin(quick, yard.starting('order-2'), tx));
    assert.equal((await yard.reaches(id, 'done')).fence, 1);
  });

  test('waits for a claim while there is no room', async () => {
    await using yard = await openYard();
    const gate = Promise.withResolvers<void>();
    const slow = saga('slow', spec).step('only', { run: () => gate.promise });
    const coordinator = yard.coordinator([slow], { concurrency: 1 });
    await nextTurn();
    const first = await coordinator.begin(slow, yard.starting('order-1'));
    const second = await coordinator.begin(slow, yard.starting('order-2'));
    assert.equal((await yard.store.sagas.find(second))!.saga.status, 'ready');
    gate.resolve();
    await yard.reaches(first, 'done');
    await yard.reaches(second, 'done');
  });

  test('is left to others when its process has stopped', async () => {
    await using yard = await openYard();
    const coordinator = yard.coordinator([quick]);
    await coordinator.stop();
    const id = await coordinator.begin(quick, yard.starting('order-1'));
    yard.coordinator([quick]);
    await yard.reaches(id, 'done');
  });
});
