import { aggregate } from '../log/index.ts';
import { type ProjectionTarget, projection, tables } from './index.ts';

// Everything in this file is checked by the compiler only.

type TillEvent = { type: 'Added'; data: { cents: number } } | { type: 'Emptied'; data: null };
const till = aggregate<number, TillEvent>('till', { initial: 0, evolve: (sum) => sum });

interface Takings {
  takings: { till: string; cents: number };
}
const takings = tables<Takings>({
  takings: (db) => db.schema.createTable('takings').addColumn('till', 'text').execute(),
  // @ts-expect-error there is no such table
  losses: (db) => db.schema.createTable('losses').execute(),
});

export const each = projection('each', {
  version: 1,
  of: till,
  tables: takings,
  on: {
    Added: ({ aggregateId, version, data: { cents } }, { db }) =>
      db
        .insertInto('takings')
        .values({ till: aggregateId, cents: cents + version })
        .execute(),
    // @ts-expect-error the table has no such column
    Emptied: (_event, { db }) => db.updateTable('takings').set({ euros: 0 }).execute(),
  },
});

export const together = projection('together', {
  version: 1,
  of: till,
  tables: takings,
  types: ['Added'],
  onBatch: async (events, { db }) => {
    const cents = events.reduce((sum, { type, data }) => sum + (type === 'Added' ? data.cents : 0), 0);
    await db.updateTable('takings').set({ cents }).execute();
  },
});

declare const target: ProjectionTarget<TillEvent>;
export const elsewhere = projection('elsewhere', { version: 1, of: till, target });

// @ts-expect-error it writes somewhere: to tables of its own or to a target
projection('nowhere', { version: 1, of: till });
