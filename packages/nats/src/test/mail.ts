import { type ColumnDefinitionBuilder, type Generated, sql } from 'kysely';
import { systemRuntime } from 'flotilla/kernel';
import { createInbox, type ReceivedEvent } from 'flotilla/messaging';
import { database, type Store, type Transaction } from 'flotilla/store';
import { silentLogger } from 'flotilla/telemetry';
import { openTemporaryStore } from 'flotilla/testing';
import { keyOf, orders } from './orders.ts';

interface Tables {
  handled: { place: Generated<number>; number: number };
}

export const mailTables = database<Tables>({
  '001 handled': async (db) => {
    const place = (column: ColumnDefinitionBuilder) => column.primaryKey().autoIncrement();
    await db.schema.createTable('handled').addColumn('place', 'integer', place).addColumn('number', 'integer').execute();
  },
});

const countAll = sql<number>`count(*)`.as('count');

/** A subscriber with a store of its own. */
export async function openMail() {
  const { store, ...temporary } = await openTemporaryStore({ service: 'mail', database: mailTables });
  return { ...temporary, ...mailOver(store) };
}

/** A subscriber with the real inbox, which notes each order in its own table as often as it handles it. */
export function mailOver(store: Store<Tables>) {
  const poisonous = new Set<number>();
  const handle = async (event: ReceivedEvent, context: object): Promise<void> => {
    const { number } = event.data as { number: number };
    if (poisonous.has(number)) throw new Error(`Order ${number} is poison.`);
    await (context as Transaction<Tables>).db.insertInto('handled').values({ number }).execute();
  };
  const inbox = createInbox({
    // The inbox knows only the engine's tables.
    store: store as Store,
    service: 'mail',
    subscriptions: [{ event: orders.events.OrderPlaced, handle }],
    context: async (tx) => ({ context: tx, finish: () => Promise.resolve() }),
    runtime: systemRuntime,
    log: silentLogger,
  });
  const handled = async (): Promise<number[]> =>
    (await store.reader.selectFrom('handled').select('number').orderBy('place').execute()).map(({ number }) => number);
  return {
    inbox,
    deliver: inbox.deliver,
    /** Orders whose handler throws. */
    poisonous,
    /** In the order in which it was done. */
    handled,
    count: async () => (await store.reader.selectFrom('handled').select(countAll).executeTakeFirstOrThrow()).count,
  };
}

/** Numbers that came before a lower one of their key. */
export function outOfOrder(handled: readonly number[]): number[] {
  const last = new Map<string, number>();
  return handled.filter((number) => {
    const before = last.get(keyOf(number)) ?? 0;
    last.set(keyOf(number), number);
    return number <= before;
  });
}
