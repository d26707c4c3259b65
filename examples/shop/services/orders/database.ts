import { database } from 'flotilla/store';

export interface OrdersTables {
  /** A read model, kept by `summaries.ts`; the orders themselves are in the log. */
  order_summaries: {
    order_id: string;
    customer_id: string;
    status: 'pending' | 'confirmed' | 'cancelled';
    total: number;
    currency: 'EUR';
    placed_at: number;
  };
}

export const ordersDatabase = database<OrdersTables>({
  '001 order summaries': async (db) => {
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
