import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../testing/index.ts';
import { type Projection, projection } from './index.ts';
import { account, balances, balanceTables, bankAtWork, open } from './test/bank.ts';

/** Sums a batch in memory and writes each account once. */
function summed(sizes: number[], poison?: number): Projection {
  return projection('balances', {
    version: 1,
    of: account,
    tables: balanceTables,
    types: ['Deposited'],
    onBatch: async (events, { db }) => {
      sizes.push(events.length);
      const sums = new Map<string, number>();
      for (const { type, data, aggregateId } of events) {
        if (type !== 'Deposited') continue;
        assert.notEqual(data.amount, poison, 'it does not agree with me');
        sums.set(aggregateId, (sums.get(aggregateId) ?? 0) + data.amount);
      }
      await db
        .insertInto('balances')
        .values([...sums].map(([id, amount]) => ({ id, amount, version: 0, open: 1 })))
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet(({ eb, ref }) => ({ amount: eb('balances.amount', '+', ref('excluded.amount')) })),
        )
        .execute();
    },
  });
}
test('a projection that takes batches gets many events at once', async () => {
  await using here = await bankAtWork();
  const sizes: number[] = [];
  await here.deposit('a', ...Array.from({ length: 700 }, () => 1));
  await here.deposit('b', 2);
  await using process = await here.process(summed(sizes));
  await process.models.caughtUp(summed(sizes), open());
  assert.deepEqual(await here.amounts(), { a: 700, b: 2 });
  assert.ok(sizes.length <= 3, `${sizes.length} batches`);
});

test('the event that a batch fails at is found, and only its stream is parked', async () => {
  await using here = await bankAtWork();
  const sizes: number[] = [];
  await here.deposit('a', ...Array.from({ length: 300 }, () => 1));
  await here.deposit('b', 1, 666, 1);
  await here.deposit('c', ...Array.from({ length: 300 }, () => 1));
  await using _process = await here.process(summed(sizes, 666));
  await until(async () => {
    await here.clock.advance(100);
    return (await here.amounts())['c'] === 300;
  });
  assert.deepEqual(await here.amounts(), { a: 300, b: 1, c: 300 });
  const [parked] = await here.store.projections.parkedStreams({ limit: 9 });
  assert.deepEqual([parked?.stream, parked?.version], ['account:b', 2]);
});

test('events that take long are applied in as many transactions as they need', async () => {
  await using here = await bankAtWork();
  await here.deposit('a', ...Array.from({ length: 400 }, () => 1));
  // Half a minute in all, and a transaction has five seconds.
  const slow = balances({ before: () => here.clock.advance(75) });
  await using _process = await here.process(slow);
  await until(async () => (await here.amounts())['a'] === 400);
  assert.deepEqual(await here.store.projections.parkedStreams({ limit: 9 }), []);
});
