import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { database, type NewEvent, type Store } from 'flotilla/store';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();

interface Tables {
  item: { id: string; amount: number };
}

const tables = database<Tables>({
  '001': async (db) => {
    const item = db.schema.createTable('item').addColumn('id', 'text', (column) => column.primaryKey());
    await item.addColumn('amount', 'integer', (column) => column.notNull()).execute();
  },
});

const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });

async function world() {
  const stack = new AsyncDisposableStack();
  const fresh = stack.use(await postgres.freshDatabase());
  const driver = stack.use(postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false }));
  const store: Store<Tables> = await driver.open('orders', tables);
  return { store, query: fresh.query, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const times = <TResult>(count: number, make: (index: number) => TResult): TResult[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('units on PostgreSQL', { skip: postgres.skip }, () => {
  test('that touch different streams, keys and rows hardly ever run again, though these lie side by side', async () => {
    await using at = await world();
    let runs = 0;
    const unit = (index: number, turn: number): Promise<unknown> =>
      at.store.transact(async (tx) => {
        runs += 1;
        const [stream, key] = [`order:${index}`, `${index} ${turn}`];
        assert.equal(await tx.idempotency.find('s', key), undefined);
        const events = await tx.events.readStream(stream);
        await tx.events.append({ stream, expectedVersion: events.length, events: [event(`e ${key}`)] });
        await tx.db.insertInto('item').values({ id: key, amount: turn }).execute();
        await tx.idempotency.insert({ scope: 's', key, requestHash: 'h', reply: 1, at: 1 });
      });
    for (let turn = 0; turn < 10; turn += 1) await Promise.all(times(16, (index) => unit(index, turn)));
    assert.ok(runs < 160 * 1.2, `${runs} runs for 160 units`);
  });

  test('that decide by one stream and write to another do not both go by what the other one changes', async () => {
    await using at = await world();
    const takeTurn = (own: string, other: string): Promise<boolean> =>
      at.store.transact(async (tx) => {
        if ((await tx.events.readStream(other)).length > 0) return false;
        await tx.events.append({ stream: own, events: [event(own)] });
        return true;
      });
    for (let round = 0; round < 10; round += 1) {
      const [a, b] = [`a${round}`, `b${round}`];
      const took = await Promise.all([takeTurn(a, b), takeTurn(b, a)]);
      assert.equal(took.filter(Boolean).length, 1, `round ${round}`);
    }
  });

  test('that lose every time give up with a code, and what a lost run wanted to happen afterwards does not', async () => {
    await using at = await world();
    await at.store.transact(({ db }) => db.insertInto('item').values({ id: 'row', amount: 0 }).execute());
    let [runs, afterwards] = [0, 0];
    const losing = at.store.transact(async (tx) => {
      runs += 1;
      tx.afterCommit(() => (afterwards += 1));
      await tx.db.selectFrom('item').selectAll().execute();
      await at.query('orders', 'UPDATE item SET amount = amount + 1');
      await tx.db.updateTable('item').set({ amount: -1 }).execute();
    });
    await assert.rejects(losing, { code: 'CONTENDED', kind: 'conflict', retryable: true });
    assert.equal(afterwards, 0);
    const { amount } = await at.store.reader.selectFrom('item').select('amount').executeTakeFirstOrThrow();
    assert.deepEqual([amount, runs > 3], [runs, true]);
  });

  test('run again even when their code swallows the error that said so', async () => {
    await using at = await world();
    await at.store.transact(({ db }) => db.insertInto('item').values({ id: 'row', amount: 0 }).execute());
    let runs = 0;
    await at.store.transact(async (tx) => {
      runs += 1;
      await tx.db.selectFrom('item').selectAll().execute();
      if (runs === 1) await at.query('orders', 'UPDATE item SET amount = 5');
      await tx.db
        .updateTable('item')
        .set(({ eb }) => ({ amount: eb('amount', '+', 1) }))
        .execute()
        .catch(() => undefined);
    });
    const { amount } = await at.store.reader.selectFrom('item').select('amount').executeTakeFirstOrThrow();
    assert.deepEqual([runs, amount], [2, 6]);
  });

  test('share a few connections, which none of them keeps, however it ends', async () => {
    await using at = await world();
    const controller = new AbortController();
    const never = new Promise(() => undefined);
    const ends = times(60, (index) =>
      at.store.transact(
        async ({ db }) => {
          await db.selectFrom('item').selectAll().execute();
          if (index % 4 === 1) throw new Error('no');
          if (index % 4 === 2) await never;
        },
        { signal: controller.signal, timeoutMs: index % 8 === 2 ? 50 : 60_000 },
      ),
    );
    const settled = Promise.allSettled(ends);
    await Promise.race(ends.filter((_, index) => index % 8 === 2)).catch(() => undefined);
    controller.abort();
    await settled;
    const open = `SELECT count(*)::integer AS count, count(*) FILTER (WHERE state <> 'idle')::integer AS busy
      FROM pg_stat_activity WHERE application_name = 'flotilla orders units'`;
    await Promise.all(
      times(20, (index) =>
        at.store.transact(({ db }) =>
          db
            .insertInto('item')
            .values({ id: `${index}`, amount: 0 })
            .execute(),
        ),
      ),
    );
    const [row] = (await at.query('orders', open)) as [{ count: number; busy: number }];
    assert.ok(row.count <= 8, `${row.count} connections`);
    assert.equal(row.busy, 0);
  });
});
