import { contract } from 'flotilla/contract';
import { aggregate } from 'flotilla/log';
import { type Projection, projection, tables } from 'flotilla/projection';

export const tills = contract('tills', { version: '1.0.0', team: 'sales' });

type TillEvent = { type: 'Sold'; data: { sku: string; quantity: number; price: number; cents: number } };
const till = aggregate<number, TillEvent>('till', { initial: 0, evolve: (sum, { data }) => sum + data.cents });

interface Takings {
  takings: { till: string; sold: number; cents: number };
}

const takingsTables = tables<Takings>({
  takings: async (db) => {
    await db.schema
      .createTable('takings')
      .addColumn('till', 'text', (column) => column.primaryKey())
      .addColumn('sold', 'integer', (column) => column.notNull())
      .addColumn('cents', 'bigint', (column) => column.notNull())
      .execute();
  },
});

/** What each till has taken: a batch is summed in memory and written by one statement. */
export function takings(onBatchDone: () => void): Projection {
  return projection('takings', {
    version: 1,
    of: till,
    tables: takingsTables,
    onBatch: async (events, { db }) => {
      const rows = new Map<string, Takings['takings']>();
      for (const { aggregateId, data } of events) {
        const row = rows.get(aggregateId) ?? { till: aggregateId, sold: 0, cents: 0 };
        rows.set(aggregateId, { till: aggregateId, sold: row.sold + data.quantity, cents: row.cents + data.cents });
      }
      const add = db.insertInto('takings').values([...rows.values()]);
      await add
        .onConflict((conflict) =>
          conflict.column('till').doUpdateSet(({ eb, ref }) => ({
            sold: eb('takings.sold', '+', ref('excluded.sold')),
            cents: eb('takings.cents', '+', ref('excluded.cents')),
          })),
        )
        .execute();
      onBatchDone();
    },
  });
}
