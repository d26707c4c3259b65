import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTemporaryStore } from 'flotilla/testing';
import { inventoryDatabase } from './database.ts';
import { reserve } from './reservations.ts';
import { takeStock } from './stock-take.ts';

const DAY_MS = 86_400_000;

test('a stock take counts what is there, what is spoken for and what is out, and is kept for a day', async () => {
  await using opened = await openTemporaryStore({ service: 'inventory', database: inventoryDatabase });
  const { store } = opened;
  await store.transact(({ db }) => takeStock(db, 1_000));
  await store.transact(({ db }) => reserve(db, 'o-1', [{ sku: 'HOM-VASE-1', quantity: 2 }]));
  await store.transact(({ db }) => takeStock(db, 2_000));
  const takes = await store.reader.selectFrom('stock_takes').selectAll().orderBy('taken_at').execute();
  assert.deepEqual(
    takes.map(({ taken_at, skus, reserved, sold_out }) => ({ taken_at, skus, reserved, sold_out })),
    [
      { taken_at: 1_000, skus: 50, reserved: 0, sold_out: 1 },
      { taken_at: 2_000, skus: 50, reserved: 2, sold_out: 2 },
    ],
  );
  assert.equal(takes[0]!.on_hand, 47 * 100_000 + 7);
  await store.transact(({ db }) => takeStock(db, 1_500 + DAY_MS));
  const kept = await store.reader.selectFrom('stock_takes').select('taken_at').orderBy('taken_at').execute();
  assert.deepEqual(
    kept.map(({ taken_at }) => taken_at),
    [2_000, 1_500 + DAY_MS],
  );
});
