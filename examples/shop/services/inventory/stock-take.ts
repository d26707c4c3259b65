import type { InventoryDb } from './database.ts';

/** What lay on the shelves at a moment. */
export interface StockTake {
  taken_at: number;
  skus: number;
  on_hand: number;
  reserved: number;
  sold_out: number;
}

const KEPT_MS = 24 * 60 * 60_000;

/** Counts all shelves and writes it down; forgets what is older than a day. */
export async function takeStock(db: InventoryDb, now: number): Promise<void> {
  const count = await db
    .selectFrom('stock')
    .select(({ fn, eb }) => [
      fn.countAll<number>().as('skus'),
      fn.sum<number>('on_hand').as('on_hand'),
      fn.sum<number>('reserved').as('reserved'),
      fn.sum<number>(eb.case().when('on_hand', '<=', eb.ref('reserved')).then(1).else(0).end()).as('sold_out'),
    ])
    .executeTakeFirstOrThrow();
  await db
    .insertInto('stock_takes')
    .values({ ...count, taken_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .deleteFrom('stock_takes')
    .where('taken_at', '<', now - KEPT_MS)
    .execute();
}
