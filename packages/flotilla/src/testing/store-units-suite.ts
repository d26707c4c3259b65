import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import type { Transaction } from '../store/index.ts';
import { gate, insertItem, itemIds, newEvent, newSaga, storeAtWork, type SuiteStore, type Tables } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

async function writeEverywhere(tx: Transaction<Tables>): Promise<void> {
  await tx.db.insertInto('item').values({ id: 'a', amount: 1 }).execute();
  await tx.events.append({ stream: 's', expectedVersion: 0, events: [newEvent('e1')] });
  await tx.idempotency.insert({ scope: 'x', key: 'k', requestHash: 'h', reply: 'r', at: 1 });
  await tx.inbox.insert('consumer', 'm', 1);
  await tx.inbox.park({ consumer: 'consumer', messageId: 'p', key: 'k', envelope: {}, error: 'no', at: 1 });
  await tx.cursors.advance({ name: 'cursor', from: 0, to: 7 });
  await tx.leases.acquire('lease', 'me', 1_000);
  await tx.sagas.insert(newSaga('s1'));
}

function lookEverywhere(store: SuiteStore): Promise<unknown[]> {
  return store.transact(async (tx) => [
    (await tx.db.selectFrom('item').selectAll().execute()).length,
    (await tx.events.readStream('s')).length,
    (await tx.idempotency.find('x', 'k'))?.reply,
    // True means that it had not been recorded.
    await tx.inbox.insert('consumer', 'm', 1),
    await tx.inbox.isBlocked('consumer', 'k'),
    await tx.cursors.position('cursor'),
    (await tx.leases.acquire('lease', 'somebody else', 1)) === undefined,
    (await store.sagas.find('s1')) !== undefined,
  ]);
}

/** Reads the counter and writes one more; returns what it wrote. */
const increment = (store: SuiteStore): Promise<number> =>
  store.transact(async (tx) => {
    const { amount } = await tx.db.selectFrom('item').select('amount').executeTakeFirstOrThrow();
    await Promise.resolve();
    await tx.db
      .updateTable('item')
      .set({ amount: amount + 1 })
      .execute();
    return amount + 1;
  });

export function unitTests({ open, features }: StoreSuiteOptions): void {
  test('everything that a unit writes becomes visible together', async () => {
    await using at = await storeAtWork(open);
    await at.store.transact(writeEverywhere);
    assert.deepEqual(await lookEverywhere(at.store), [1, 1, 'r', false, true, 7, true, true]);
  });

  test('a unit that throws leaves nothing in any table and rejects with what was thrown', async () => {
    await using at = await storeAtWork(open);
    const reason = new Error('changed my mind');
    const unit = at.store.transact(async (tx) => {
      await writeEverywhere(tx);
      throw reason;
    });
    await assert.rejects(unit, (thrown) => thrown === reason);
    assert.deepEqual(await lookEverywhere(at.store), [0, 0, undefined, true, false, 0, false, false]);
    assert.equal(await at.store.events.head(), 0);
  });

  test('a unit that fails does not touch the units that share its commit', async () => {
    await using at = await storeAtWork(open);
    const results = await Promise.allSettled([
      insertItem(at.store, 'a'),
      insertItem(at.store, 'a'),
      at.store.transact(() => {
        throw new Error('at once');
      }),
      insertItem(at.store, 'b'),
    ]);
    const [one, other, ...rest] = results.map(({ status }) => status);
    assert.deepEqual(new Set([one, other]), new Set(['fulfilled', 'rejected']));
    assert.deepEqual(rest, ['rejected', 'fulfilled']);
    assert.deepEqual(await itemIds(at.store), ['a', 'b']);
  });

  test('units that were submitted in order run in that order', { skip: !features.ordered }, async () => {
    await using at = await storeAtWork(open);
    await insertItem(at.store, 'counter');
    const results = await Promise.all(Array.from({ length: 300 }, () => increment(at.store)));
    assert.deepEqual(
      results,
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
  });

  test('units that meet on one row see each other, and none is lost', async () => {
    await using at = await storeAtWork(open);
    await insertItem(at.store, 'counter');
    const results = await Promise.all(Array.from({ length: 60 }, () => increment(at.store)));
    assert.deepEqual(new Set(results), new Set(Array.from({ length: 60 }, (_, index) => index + 1)));
  });

  test('what a unit decided by stays true until it commits', async () => {
    await using at = await storeAtWork(open);
    await Promise.all(['a', 'b'].map((id) => insertItem(at.store, id, 1)));
    // At least one of the two must keep its amount; each unit looks at both and writes one.
    const giveUp = (id: string): Promise<void> =>
      at.store.transact(async (tx) => {
        const items = await tx.db.selectFrom('item').selectAll().execute();
        if (items.reduce((sum, { amount }) => sum + amount, 0) < 2) return;
        await tx.db.updateTable('item').set({ amount: 0 }).where('id', '=', id).execute();
      });
    await Promise.all([giveUp('a'), giveUp('b')]);
    const left = await at.store.reader.selectFrom('item').select('amount').execute();
    assert.equal(
      left.reduce((sum, { amount }) => sum + amount, 0),
      1,
    );
  });

  test('a unit runs in the async context of whoever submitted it', async () => {
    await using at = await storeAtWork(open);
    const who = new AsyncLocalStorage<string>();
    const ask = (): Promise<string | undefined> =>
      at.store.transact(async (tx) => {
        await tx.db.selectFrom('item').selectAll().execute();
        return who.getStore();
      });
    const answers = await Promise.all([who.run('a', ask), ask(), who.run('b', ask)]);
    assert.deepEqual(answers, ['a', undefined, 'b']);
  });

  test('nobody outside sees what a unit has not committed', async () => {
    await using at = await storeAtWork(open);
    const written = gate();
    const looked = gate();
    const unit = at.store.transact(async (tx) => {
      await writeEverywhere(tx);
      written.open();
      await looked.passed;
    });
    await written.passed;
    assert.deepEqual(await itemIds(at.store), []);
    assert.equal(await at.store.events.head(), 0);
    assert.equal(await at.store.sagas.find('s1'), undefined);
    looked.open();
    await unit;
    assert.deepEqual(await itemIds(at.store), ['a']);
  });

  test('what was acknowledged is there after reopening', { skip: !features.durable }, async () => {
    await using place = await open();
    {
      await using driver = place.connect();
      await using at = await storeAtWork(async () => ({
        ...place,
        connect: () => driver,
        [Symbol.asyncDispose]: async () => undefined,
      }));
      await at.store.transact(writeEverywhere);
    }
    await using again = await storeAtWork(async () => place);
    assert.deepEqual(await lookEverywhere(again.store), [1, 1, 'r', false, true, 7, true, true]);
  });

  test('two drivers on the same data lose no update of each other', { skip: !features.shared }, async () => {
    await using at = await storeAtWork(open);
    await using other = await storeAtWork(async () => at.place);
    await insertItem(at.store, 'counter');
    const increment = (store: SuiteStore): Promise<unknown> =>
      store.transact((tx) =>
        tx.db
          .updateTable('item')
          .set(({ eb }) => ({ amount: eb('amount', '+', 1) }))
          .execute(),
      );
    await Promise.all(Array.from({ length: 100 }, (_, index) => increment(index % 2 ? at.store : other.store)));
    const { amount } = await other.store.reader.selectFrom('item').select('amount').executeTakeFirstOrThrow();
    assert.equal(amount, 100);
  });

  test('a broken unique constraint has the same code on every engine', async () => {
    await using at = await storeAtWork(open);
    await insertItem(at.store, 'a');
    await assert.rejects(insertItem(at.store, 'a'), { code: 'UNIQUE_VIOLATION', kind: 'conflict', retryable: false });
  });

  test('the reader can not write', async () => {
    await using at = await storeAtWork(open);
    const write = at.store.reader.insertInto('item').values({ id: 'a', amount: 1 }).execute();
    await assert.rejects(write, { code: 'READ_ONLY' });
    assert.deepEqual(await itemIds(at.store), []);
  });
}
