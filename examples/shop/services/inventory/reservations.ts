import type { InventoryDb } from './database.ts';

interface Line {
  sku: string;
  quantity: number;
}
interface Shortage {
  sku: string;
  wanted: number;
  available: number;
}
type Status = 'reserved' | 'released' | 'sold';

/** How far an order got here; undefined when it never came. */
export async function statusOf(db: InventoryDb, orderId: string): Promise<Status | undefined> {
  const row = await db.selectFrom('reservations').select('status').where('order_id', '=', orderId).executeTakeFirst();
  return row?.status;
}

/** The lines that ask for more than there is. */
export async function shortagesOf(db: InventoryDb, lines: readonly Line[]): Promise<Shortage[]> {
  const skus = lines.map(({ sku }) => sku);
  const rows = await db.selectFrom('stock').selectAll().where('sku', 'in', skus).execute();
  const available = new Map(rows.map((row) => [row.sku, row.on_hand - row.reserved]));
  return lines
    .map(({ sku, quantity }) => ({ sku, wanted: quantity, available: available.get(sku) ?? 0 }))
    .filter((line) => line.wanted > line.available);
}

/** Sets all lines aside. */
export async function reserve(db: InventoryDb, orderId: string, lines: readonly Line[]): Promise<void> {
  await db.insertInto('reservations').values({ order_id: orderId, status: 'reserved' }).execute();
  await db
    .insertInto('reserved_lines')
    .values(lines.map((line) => ({ order_id: orderId, ...line })))
    .execute();
  for (const { sku, quantity } of lines) await move(db, sku, { reserved: quantity });
}

/** Gives back what an order set aside and remembers that it is over, even for an order that never came. */
export async function release(db: InventoryDb, orderId: string): Promise<void> {
  for (const { sku, quantity } of await linesOf(db, orderId)) await move(db, sku, { reserved: -quantity });
  await settle(db, orderId, 'released');
}

/** The goods have left the house. */
export async function sell(db: InventoryDb, orderId: string): Promise<void> {
  for (const { sku, quantity } of await linesOf(db, orderId)) await move(db, sku, { on_hand: -quantity, reserved: -quantity });
  await settle(db, orderId, 'sold');
}

/** Adds to what is on hand; false when nobody knows that sku. */
export async function receive(db: InventoryDb, { sku, quantity }: Line): Promise<boolean> {
  return await move(db, sku, { on_hand: quantity });
}

async function move(db: InventoryDb, sku: string, by: { on_hand?: number; reserved?: number }): Promise<boolean> {
  const result = await db
    .updateTable('stock')
    .set((stock) => ({
      on_hand: stock('on_hand', '+', by.on_hand ?? 0),
      reserved: stock('reserved', '+', by.reserved ?? 0),
    }))
    .where('sku', '=', sku)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

async function linesOf(db: InventoryDb, orderId: string): Promise<Line[]> {
  return await db.selectFrom('reserved_lines').select(['sku', 'quantity']).where('order_id', '=', orderId).execute();
}

/** An order that is settled holds nothing any more; only how it ended is kept. */
async function settle(db: InventoryDb, orderId: string, status: Status): Promise<void> {
  await db.deleteFrom('reserved_lines').where('order_id', '=', orderId).execute();
  await db
    .insertInto('reservations')
    .values({ order_id: orderId, status })
    .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ status }))
    .execute();
}
