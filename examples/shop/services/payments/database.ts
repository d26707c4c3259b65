import { database } from 'flotilla/store';

export interface PaymentsTables {
  /** What we believe of the provider's books. */
  payments: { order_id: string; status: 'charged' | 'refunded'; amount: number };
}

export const paymentsDatabase = database<PaymentsTables>({
  '001 payments': async (db) => {
    await db.schema
      .createTable('payments')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .execute();
  },
});
