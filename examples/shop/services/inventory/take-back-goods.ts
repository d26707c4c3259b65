import { saga } from 'flotilla/saga';
import * as z from 'zod';
import { inventory } from '../../contracts/inventory.ts';
import { orders } from '../../contracts/orders.ts';
import { inventoryDatabase } from './database.ts';
import { receive } from './reservations.ts';

/** Somebody announced a return: wait for the parcel, put the goods back on their shelves, and say so. */
export const takeBackGoods = saga('take-back-goods', {
  input: orders.events.ReturnRequested.schema,
  key: ({ orderId }) => orderId,
  contract: inventory,
  database: inventoryDatabase,
})
  .startOn(orders.events.ReturnRequested, (returned) => returned)
  .waitFor('parcel', { schema: z.object({ clerk: z.string() }) })
  .done(async ({ db, emit }, { input: { orderId, lines } }) => {
    for (const line of lines) await receive(db, line);
    emit('GoodsReturned', { orderId });
  });
