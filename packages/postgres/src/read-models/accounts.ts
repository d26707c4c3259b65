import type { Kysely } from 'kysely';
import { contract } from 'flotilla/contract';
import { aggregate } from 'flotilla/log';
import { type Projection, projection, type ProjectionSpec, tables } from 'flotilla/projection';

/** A bank with two read models of the same events; both would show an event applied twice, left out or out of order. */

export type AccountEvent = { type: 'Deposited'; data: { amount: number } };
export const account = aggregate<number, AccountEvent>('account', { initial: 0, evolve: (sum, { data }) => sum + data.amount });
export const bank = contract('bank', { version: '1.0.0', team: 'money' });

interface Row {
  id: string;
  amount: number;
  version: number;
}
export interface Tables {
  summed: Row;
  followed: Row;
  written: Row;
}

async function createTable(db: Kysely<Tables>, name: keyof Tables): Promise<void> {
  await db.schema
    .createTable(name)
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('amount', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex(`${name}_by_amount`).on(name).column('amount').execute();
}

function balances(name: keyof Tables, mode: ProjectionSpec<Tables, number, AccountEvent>['mode']): Projection {
  const create = (db: Kysely<Tables>): Promise<void> => createTable(db, name);
  return projection<Tables, number, AccountEvent>(name, {
    version: 1,
    of: account,
    // Only this one's table; the other belongs to the other read model.
    tables: tables<Pick<Tables, typeof name>>({ [name]: create } as never) as never,
    mode: mode ?? 'catch-up',
    on: {
      Deposited: async ({ aggregateId: id, version, data: { amount } }, { db }) => {
        if (version === 1) {
          await db.insertInto(name).values({ id, amount, version }).execute();
          return;
        }
        const { numUpdatedRows } = await db
          .updateTable(name)
          .set(({ eb }) => ({ amount: eb('amount', '+', amount), version }))
          .where('id', '=', id)
          .where('version', '=', version - 1)
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) throw new Error(`event ${version} of ${id} is out of order`);
      },
    },
  });
}

export const followed = balances('followed', 'catch-up');
export const written = balances('written', 'inline');

/** Written in the transactions that append too, and quick to build anew. */
export const summed = projection('summed', {
  version: 1,
  of: account,
  tables: tables<Pick<Tables, 'summed'>>({ summed: (db) => createTable(db as unknown as Kysely<Tables>, 'summed') }),
  mode: 'inline',
  onBatch: async (events, { db }) => {
    const rows = new Map<string, Row>();
    for (const { aggregateId: id, version, data } of events) {
      rows.set(id, { id, version, amount: (rows.get(id)?.amount ?? 0) + data.amount });
    }
    await db
      .insertInto('summed')
      .values([...rows.values()])
      .onConflict((known) =>
        known.column('id').doUpdateSet(({ eb, ref }) => ({
          amount: eb('summed.amount', '+', ref('excluded.amount')),
          version: ref('excluded.version'),
        })),
      )
      .execute();
  },
});
