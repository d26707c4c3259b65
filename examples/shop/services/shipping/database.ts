import { database } from 'flotilla/store';

export interface ShippingTables {
  /** One per order. A cancelled one stays for ever: it stops a booking that arrives too late. */
  shipments: { order_id: string; id: string; status: 'booked' | 'cancelled' };
}

export const shippingDatabase = database<ShippingTables>({
  '001 shipments': async (db) => {
    await db.schema
      .createTable('shipments')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .execute();
  },
});
