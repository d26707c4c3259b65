import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gate, insertItem, itemIds, storeAtWork, tables } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

export function closingTests({ open, features }: StoreSuiteOptions): void {
  test('closing waits for the units that run and wait, and refuses new ones', { skip: !features.durable }, async () => {
    await using at = await storeAtWork(open);
    const goOn = gate();
    const running = at.store.transact(async (tx) => {
      await goOn.passed;
      await tx.db.insertInto('item').values({ id: 'running', amount: 0 }).execute();
    });
    const waiting = insertItem(at.store, 'waiting');
    const closed = at.store[Symbol.asyncDispose]();
    await assert.rejects(insertItem(at.store, 'late'), { code: 'STORE_CLOSED' });
    goOn.open();
    await Promise.all([running, waiting, closed]);
    await using again = await storeAtWork(async () => at.place);
    assert.deepEqual(await itemIds(again.store), ['running', 'waiting']);
  });

  test('a closed store answers nothing, and closing it again does no harm', async () => {
    await using at = await storeAtWork(open);
    await at.store[Symbol.asyncDispose]();
    await at.store[Symbol.asyncDispose]();
    await assert.rejects(at.store.events.head(), { code: 'STORE_CLOSED' });
    await assert.rejects(at.store.sagas.find('s'), { code: 'STORE_CLOSED' });
    await assert.rejects(itemIds(at.store), { code: 'STORE_CLOSED' });
    await assert.rejects(at.store.check(new AbortController().signal), { code: 'STORE_CLOSED' });
  });

  test('disposing the driver closes its stores', async () => {
    await using place = await open();
    const driver = place.connect();
    const store = await driver.open('suite', tables);
    await driver[Symbol.asyncDispose]();
    await assert.rejects(insertItem(store, 'a'), { code: 'STORE_CLOSED' });
  });

  test('the check passes while the store works and watches its signal', async () => {
    await using at = await storeAtWork(open);
    await at.store.check(new AbortController().signal);
    await assert.rejects(at.store.check(AbortSignal.abort()), { code: 'CANCELLED' });
  });
}
