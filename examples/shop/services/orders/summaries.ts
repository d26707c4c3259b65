import { projection, tables } from 'flotilla/projection';
import { order } from './order.ts';

/** One row per order, for lists; the orders themselves are in the log. */
export interface SummaryTables {
  order_summaries: {
    order_id: string;
    customer_id: string;
    status: 'pending' | 'confirmed' | 'cancelled' | 'returning' | 'returned';
    total: number;
    currency: 'EUR';
    placed_at: number;
  };
}

const summaryTables = tables<SummaryTables>({
  order_summaries: async (db) => {
    await db.schema
      .createTable('order_summaries')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('customer_id', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('total', 'bigint', (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('placed_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('order_summaries_by_customer')
      .on('order_summaries')
      .columns(['customer_id', 'order_id'])
      .execute();
  },
});

export const summaries = projection('order-summaries', {
  version: 1,
  of: order,
  tables: summaryTables,
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
    ReturnRequested: ({ aggregateId }, { db }) =>
      db.updateTable('order_summaries').set({ status: 'returning' }).where('order_id', '=', aggregateId).execute(),
    OrderReturned: ({ aggregateId }, { db }) =>
      db.updateTable('order_summaries').set({ status: 'returned' }).where('order_id', '=', aggregateId).execute(),
    OrderCancelled: ({ aggregateId }, { db }) =>
      db.updateTable('order_summaries').set({ status: 'cancelled' }).where('order_id', '=', aggregateId).execute(),
  },
});
