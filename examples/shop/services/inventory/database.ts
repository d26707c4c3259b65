import type { Unit } from 'flotilla/log';
import { database } from 'flotilla/store';
import { openingStock } from './opening-stock.ts';
import type { StockTake } from './stock-take.ts';

export interface InventoryTables {
  stock: { sku: string; on_hand: number; reserved: number };
  /** One per order. A released one stays for ever: it stops a reservation that arrives too late. */
  reservations: { order_id: string; status: 'reserved' | 'released' | 'sold' };
  reserved_lines: { order_id: string; sku: string; quantity: number };
  stock_takes: StockTake;
}

export type InventoryDb = Unit<InventoryTables>['db'];

export const inventoryDatabase = database<InventoryTables>({
  '001 stock': async (db) => {
    await db.schema
      .createTable('stock')
      .addColumn('sku', 'text', (column) => column.primaryKey())
      .addColumn('on_hand', 'integer', (column) => column.notNull())
      .addColumn('reserved', 'integer', (column) => column.notNull())
      .execute();
    await db.insertInto('stock').values(openingStock()).execute();
  },
  '002 reservations': async (db) => {
    await db.schema
      .createTable('reservations')
      .addColumn('order_id', 'text', (column) => column.primaryKey())
      .addColumn('status', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('reserved_lines')
      .addColumn('order_id', 'text', (column) => column.notNull())
      .addColumn('sku', 'text', (column) => column.notNull())
      .addColumn('quantity', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('reserved_lines_key', ['order_id', 'sku'])
      .execute();
  },
  '003 stock takes': async (db) => {
    const table = db.schema.createTable('stock_takes').addColumn('taken_at', 'bigint', (column) => column.primaryKey());
    const counts = ['skus', 'on_hand', 'reserved', 'sold_out'] as const;
    await counts.reduce((built, name) => built.addColumn(name, 'bigint', (column) => column.notNull()), table).execute();
  },
});
