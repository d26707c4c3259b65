import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openTemporaryStore } from 'flotilla/testing';
import { inventoryDatabase, type InventoryDb } from './database.ts';
import { receive, release, reserve, sell, shortagesOf, statusOf } from './reservations.ts';

const TEA = 'TEA-DARJ-100';
const VASE = 'HOM-VASE-1';

type Shelf = { on_hand: number; reserved: number };

/** An opened warehouse: do something in a transaction, then look at the shelf. */
async function open(t: TestContext) {
  const opened = await openTemporaryStore({ service: 'inventory', database: inventoryDatabase });
  t.after(async () => await opened[Symbol.asyncDispose]());
  const { store } = opened;
  return {
    doing: async <TResult>(work: (db: InventoryDb) => Promise<TResult>): Promise<TResult> =>
      await store.transact(async ({ db }) => await work(db)),
    shelf: async (sku: string): Promise<Shelf> =>
      await store.reader.selectFrom('stock').select(['on_hand', 'reserved']).where('sku', '=', sku).executeTakeFirstOrThrow(),
  };
}

const lines = [
  { sku: TEA, quantity: 3 },
  { sku: VASE, quantity: 1 },
];

test('what is reserved stays on hand until it is sold', async (t) => {
  const { doing, shelf } = await open(t);
  await doing((db) => reserve(db, 'o-1', lines));
  assert.deepEqual(await shelf(TEA), { on_hand: 100_000, reserved: 3 });
  await doing((db) => sell(db, 'o-1'));
  assert.deepEqual(await shelf(TEA), { on_hand: 99_997, reserved: 0 });
  assert.equal(await doing((db) => statusOf(db, 'o-1')), 'sold');
});

test('what is released is as if it had never been reserved, however often it is released', async (t) => {
  const { doing, shelf } = await open(t);
  await doing((db) => reserve(db, 'o-1', lines));
  await doing((db) => release(db, 'o-1'));
  await doing((db) => release(db, 'o-1'));
  assert.deepEqual(await shelf(VASE), { on_hand: 2, reserved: 0 });
});

test('a release of an order that never came is remembered', async (t) => {
  const { doing, shelf } = await open(t);
  await doing((db) => release(db, 'o-1'));
  assert.equal(await doing((db) => statusOf(db, 'o-1')), 'released');
  assert.deepEqual(await shelf(TEA), { on_hand: 100_000, reserved: 0 });
});

test('shortages count what others have reserved, and skus that nobody knows', async (t) => {
  const { doing } = await open(t);
  await doing((db) => reserve(db, 'o-1', lines));
  const wanted = [
    { sku: VASE, quantity: 2 },
    { sku: TEA, quantity: 1 },
    { sku: 'SUBMARINE', quantity: 1 },
  ];
  assert.deepEqual(await doing((db) => shortagesOf(db, wanted)), [
    { sku: VASE, wanted: 2, available: 1 },
    { sku: 'SUBMARINE', wanted: 1, available: 0 },
  ]);
});

test('a delivery is there at once, and one of an unknown sku is not taken', async (t) => {
  const { doing, shelf } = await open(t);
  assert.equal(await doing((db) => receive(db, { sku: VASE, quantity: 40 })), true);
  assert.deepEqual(await shelf(VASE), { on_hand: 42, reserved: 0 });
  assert.equal(await doing((db) => receive(db, { sku: 'SUBMARINE', quantity: 1 })), false);
});
