import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { saga } from './index.ts';
import { declined, Order, openYard, orders } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };

/** Writes down what happens, in order. */
function diary() {
  const lines: string[] = [];
  const step = (name: string, run: () => unknown = () => name) => ({
    run: () => {
      lines.push(name);
      return run() as string;
    },
    compensate: () => Promise.resolve(void lines.push(`undo ${name}`)),
    retry: { attempts: 1 },
  });
  return { lines, step };
}

suite('steps side by side', () => {
  test('run at the same time, and the next one has the results of all', async () => {
    await using yard = await openYard();
    const meeting = Promise.withResolvers<void>();
    let present = 0;
    const meet = async (name: string): Promise<string> => {
      if (++present === 2) meeting.resolve();
      await meeting.promise;
      return name;
    };
    const group = saga('group', spec)
      .parallel((side) => side.step('left', { run: () => meet('l') }).step('right', { run: () => meet('r') }))
      .step('both', { run: ({ results }) => `${results.left}${results.right}` });
    yard.coordinator([group]);
    const id = await yard.start(group, 'order-1');
    await yard.reaches(id, 'done');
    assert.equal((await yard.store.sagas.find(id))!.journal.at(-1)?.output, 'lr');
  });

  test('commit what each of them writes, all together', async () => {
    await using yard = await openYard();
    const group = saga('group', spec).parallel((side) =>
      side
        .step('left', { run: () => 'l', commit: (what, { emit }, { input }) => emit('Noted', { id: input.id, what }) })
        .step('right', { run: () => 'r', commit: (what, { emit }, { input }) => emit('Noted', { id: input.id, what }) }),
    );
    yard.coordinator([group]);
    await yard.reaches(await yard.start(group, 'order-1'), 'done');
    assert.deepEqual(await yard.notes(), ['l', 'r']);
  });

  test('are undone together when one fails: what succeeded beside it, then what came before', async () => {
    await using yard = await openYard();
    const { lines, step } = diary();
    const group = saga('group', spec)
      .step('before', step('before'))
      .parallel((side) =>
        side
          .step('left', step('left'))
          .step(
            'right',
            step('right', () => Promise.reject(declined())),
          )
          .step('third', step('third')),
      );
    yard.coordinator([group]);
    const row = await yard.reaches(await yard.start(group, 'order-1'), 'compensated');
    assert.deepEqual(lines, ['before', 'left', 'right', 'third', 'undo left', 'undo third', 'undo before']);
    assert.equal(row.reason, 'right: DECLINED: No.');
  });

  test('whose writes the service refuses are undone with the others', async () => {
    await using yard = await openYard();
    const { lines, step } = diary();
    const refusing = {
      ...step('right'),
      commit: () => {
        throw declined('Not in my books.');
      },
    };
    const group = saga('group', spec).parallel((side) => side.step('left', step('left')).step('right', refusing));
    yard.coordinator([group]);
    const row = await yard.reaches(await yard.start(group, 'order-1'), 'compensated');
    assert.match(row.reason!, /right: DECLINED: Not in my books/);
    assert.deepEqual(lines, ['left', 'right', 'undo left', 'undo right']);
  });
});
