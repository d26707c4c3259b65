import { type Database, database, type NewEvent, type NewSaga, type Store, type StoreDriver } from '../store/index.ts';

/** Somewhere to keep data during one test. Disposing removes it. */
export interface StorePlace extends AsyncDisposable {
  /** A driver on this place, as a process would have it; a second one stands for a second process. Disposing the place disposes it. */
  connect(): StoreDriver;
  /** The store's clock. */
  now(): number;
  /** Lets time pass: leases run out and limits of time are reached. */
  advance(ms: number): Promise<void>;
}

export interface Tables {
  item: { id: string; amount: number };
}

export type SuiteStore = Store<Tables>;

export const tables: Database<Tables> = database<Tables>({
  '001 items': async (db) => {
    const item = db.schema.createTable('item').addColumn('id', 'text', (column) => column.primaryKey());
    await item.addColumn('amount', 'integer', (column) => column.notNull()).execute();
  },
});

/** A store at a place of its own; disposing removes both. */
export interface StoreAtWork extends AsyncDisposable {
  readonly place: StorePlace;
  readonly store: SuiteStore;
}

export async function storeAtWork(open: () => Promise<StorePlace>): Promise<StoreAtWork> {
  const place = await open();
  const store = await place.connect().open('suite', tables);
  return { place, store, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

export function newEvent(id: string, set: Partial<NewEvent> = {}): NewEvent {
  return { type: 'Happened', schemaVersion: 1, id, data: { id }, meta: { correlationId: `c-${id}` }, at: 1, ...set };
}

export function newSaga(id: string, set: Partial<NewSaga> = {}): NewSaga {
  return {
    id,
    kind: 'order',
    definitionVersion: '1',
    key: `key-${id}`,
    input: { id },
    meta: {},
    correlationId: `c-${id}`,
    at: 1,
    ...set,
  };
}

export function insertItem(store: SuiteStore, id: string, amount = 0): Promise<unknown> {
  return store.transact((tx) => tx.db.insertInto('item').values({ id, amount }).execute());
}

/** Ids of all committed items. */
export async function itemIds(store: SuiteStore): Promise<string[]> {
  const rows = await store.reader.selectFrom('item').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

/** A promise to settle by hand. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
