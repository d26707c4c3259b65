import { projection } from 'flotilla/projection';
import { ordersDatabase } from './database.ts';
import { order } from './order.ts';

/** One row per order, for lists. */
export const summaries = projection('order-summaries', {
  version: 1,
  of: order,
  database: ordersDatabase,
  on: {
    OrderPlaced: ({ aggregateId, data, at }, { db }) =>
      db
        .insertInto('order_summaries')
        .values({
          order_id: aggregateId,
          customer_id: data.customerId,
          status: 'pending',
          total: data.total,
          currency: data.currency,
          placed_at: at,
        })
        .execute(),
    OrderConfirmed: ({ aggregateId }, { db }) =>
      db.updateTable('order_summaries').set({ status: 'confirmed' }).where('order_id', '=', aggregateId).execute(),
    OrderCancelled: ({ aggregateId }, { db }) =>
      db.updateTable('order_summaries').set({ status: 'cancelled' }).where('order_id', '=', aggregateId).execute(),
  },
});
