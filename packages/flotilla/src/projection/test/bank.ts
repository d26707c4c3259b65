import type { Kysely } from 'kysely';
import assert from 'node:assert/strict';
import { contract } from '../../contract/index.ts';
import { aggregate, openUnit } from '../../log/index.ts';
import { database, type Store } from '../../store/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore } from '../../testing/index.ts';
import {
  createReadModels,
  prepareProjections,
  type Projection,
  projection,
  type ReadModels,
  tables,
  withInlineProjections,
} from '../index.ts';

export type AccountEvent = { type: 'Deposited'; data: { amount: number } } | { type: 'Closed'; data: null };
export const account = aggregate<number, AccountEvent>('account', { initial: 0, evolve: (sum) => sum });
/** Another aggregate with events of the same names. */
export const shadow = aggregate<number, AccountEvent>('shadow', { initial: 0, evolve: (sum) => sum });
export const bank = contract('bank', { version: '1.0.0', team: 'money' });

export const deposited = (amount: number): AccountEvent => ({ type: 'Deposited', data: { amount } });
export const open = (): AbortSignal => new AbortController().signal;

export interface Balances {
  balances: { id: string; amount: number; version: number; open: number };
}

export const balanceTables = tables<Balances>({
  balances: async (db) => {
    await db.schema
      .createTable('balances')
      .addColumn('id', 'text', (id) => id.primaryKey())
      .addColumn('amount', 'integer')
      .addColumn('version', 'integer')
      .addColumn('open', 'integer')
      .execute();
    await db.schema.createIndex('balances_by_amount').on('balances').column('amount').execute();
  },
});

export interface BalancesOptions {
  readonly version?: number;
  readonly mode?: 'inline';
  readonly strict?: boolean;
  /** Runs before a deposit is applied; may throw. */
  readonly before?: (amount: number) => unknown;
  /** What a deposit counts. */
  readonly times?: number;
}

/** A read model that would show an event applied twice, left out or out of order. */
export function balances({ before, times = 1, version = 1, ...options }: BalancesOptions = {}): Projection {
  const next = async (db: Kysely<Balances>, { aggregateId: id, version: reached }: { aggregateId: string; version: number }) => {
    const found = await db.selectFrom('balances').selectAll().where('balances.id', '=', id).executeTakeFirst();
    const row = found ?? { id, amount: 0, version: 0 };
    assert.equal(reached, row.version + 1, `an event of ${id} is out of order`);
    return { ...row, version: reached };
  };
  return projection('balances', {
    ...options,
    version,
    of: account,
    tables: balanceTables,
    on: {
      Deposited: async (event, { db }) => {
        await before?.(event.data.amount);
        const row = await next(db, event);
        await db
          .replaceInto('balances')
          .values({ ...row, amount: row.amount + event.data.amount * times, open: 1 })
          .execute();
      },
      Closed: async (event, { db }) => {
        const row = await next(db, event);
        await db
          .replaceInto('balances')
          .values({ ...row, open: 0 })
          .execute();
      },
    },
  });
}

export interface Process extends AsyncDisposable {
  readonly models: ReadModels;
  readonly store: Store;
  readonly deposit: (id: string, ...amounts: number[]) => Promise<number>;
}

/** A bank that several processes, with different code maybe, work for. */
export async function bankAtWork() {
  const runtime = createFakeRuntime();
  const { store, ...temporary } = await openTemporaryStore({ service: 'bank', database: database<Balances>({}), runtime });
  let incarnations = 0;

  const append = (on: Store, of: typeof account, { id, events }: { id: string; events: readonly AccountEvent[] }) =>
    on.transact(async (tx) => {
      const { unit, flush } = openUnit({ tx, contract: bank, runtime, origin: { correlationId: 'c' } });
      const { position } = await unit.change(of, id, () => events);
      await flush();
      return position;
    });

  return {
    ...temporary,
    store: store as Store,
    clock: runtime.clock,
    append: (of: typeof account, id: string, events: readonly AccountEvent[]) => append(store as Store, of, { id, events }),
    deposit: (id: string, ...amounts: number[]) => append(store as Store, account, { id, events: amounts.map(deposited) }),
    /** Starts a process with one projection. */
    async process(of: Projection = balances(), on: Store = store as Store): Promise<Process> {
      const projections = [of];
      await prepareProjections({ store: on, projections, runtime, log: silentLogger });
      const own = withInlineProjections({ store: on, contract: bank, projections });
      const owner = `process ${(incarnations += 1)}`;
      const models = createReadModels({ projections, contract: bank, store: own, runtime, log: silentLogger, owner });
      models.start();
      return {
        models,
        store: own,
        deposit: (id, ...amounts) => append(own, account, { id, events: amounts.map(deposited) }),
        [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
      };
    },
    rows: () => store.reader.selectFrom('balances').selectAll().orderBy('id').execute(),
    amounts: async () => {
      const rows = await store.reader.selectFrom('balances').select(['id', 'amount']).orderBy('id').execute();
      return Object.fromEntries(rows.map(({ id, amount }) => [id, amount]));
    },
    statuses: async () => (await store.projections.builds()).map(({ version, status }) => `v${version} ${status}`),
    foldOfLog: () => foldOfLog(store as Store),
  };
}

async function foldOfLog(store: Store): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { stream, type, data } of await store.events.read({ after: 0, limit: 10_000 })) {
    if (!stream?.startsWith('account:')) continue;
    const id = stream.slice('account:'.length);
    sums[id] = (sums[id] ?? 0) + (type === 'Deposited' ? (data as { amount: number }).amount : 0);
  }
  return sums;
}
