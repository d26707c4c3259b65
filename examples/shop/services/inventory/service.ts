import { service } from 'flotilla/service';
import { inventory } from '../../contracts/inventory.ts';
import { orders } from '../../contracts/orders.ts';
import { inventoryDatabase } from './database.ts';
import { takeStock } from './stock-take.ts';
import { receive, release, reserve, sell, shortagesOf, statusOf } from './reservations.ts';
import { takeBackGoods } from './take-back-goods.ts';

const STOCK_TAKE_EVERY = '1m';

export const inventoryService = service(inventory, {
  database: inventoryDatabase,
  sagas: [takeBackGoods],
  handlers: {
    stock: async ({ sku }, { db, fail }) => {
      const row = await db.selectFrom('stock').selectAll().where('sku', '=', sku).executeTakeFirst();
      if (!row) return fail('UNKNOWN_SKU', { sku }, `There is no sku '${sku}'.`);
      return { sku, available: row.on_hand - row.reserved, reserved: row.reserved };
    },

    lastStockTake: async (_, { db }) => {
      const last = await db.selectFrom('stock_takes').selectAll().orderBy('taken_at', 'desc').executeTakeFirst();
      if (!last) return null;
      const { taken_at, on_hand, sold_out, ...counts } = last;
      return { ...counts, takenAt: new Date(taken_at).toISOString(), onHand: on_hand, soldOut: sold_out };
    },

    reserve: async ({ orderId, lines }, { db, fail }) => {
      const status = await statusOf(db, orderId);
      if (status === 'released') return fail('ORDER_RELEASED', { orderId });
      if (status !== undefined) return;
      const shortages = await shortagesOf(db, lines);
      if (shortages.length > 0) {
        const missing = shortages.map(({ sku, wanted, available }) => `${available} of ${wanted} ${sku}`);
        return fail('OUT_OF_STOCK', { shortages }, `there are only ${missing.join(', ')}`);
      }
      await reserve(db, orderId, lines);
    },

    release: async ({ orderId }, { db, fail }) => {
      const status = await statusOf(db, orderId);
      if (status === 'sold') return fail('ALREADY_SOLD', { orderId });
      if (status !== 'released') await release(db, orderId);
    },

    receive: async (delivery, { db, fail }) => {
      const { sku } = delivery;
      if (!(await receive(db, delivery))) return fail('UNKNOWN_SKU', { sku }, `There is no sku '${sku}'.`);
      const row = await db.selectFrom('stock').selectAll().where('sku', '=', sku).executeTakeFirstOrThrow();
      return { available: row.on_hand - row.reserved };
    },

    takeBack: async ({ orderId }, { identity, caller, tell }) => {
      const parcel = { clerk: identity.subject ?? caller.name };
      await tell(takeBackGoods, { key: orderId, name: 'parcel', data: parcel, id: orderId });
    },
  },
})
  .on(orders.events.OrderConfirmed, async ({ data }, { db }) => {
    await sell(db, data.orderId);
  })
  // However many processes the warehouse has, the shelves are counted by one of them.
  .leader('stock-take', async ({ transact, pause, now }) => {
    for (;;) {
      await transact(({ db }) => takeStock(db, now()));
      await pause(STOCK_TAKE_EVERY);
    }
  });
