import { systemRuntime as runtime } from 'flotilla/kernel';
import { openUnit } from 'flotilla/log';
import {
  createReadModels,
  prepareProjections,
  type Projection,
  type ReadModels,
  withInlineProjections,
} from 'flotilla/projection';
import { database, type Store, type StoreDriver } from 'flotilla/store';
import { silentLogger } from 'flotilla/telemetry';
import { account, bank, followed, type Tables, written } from './accounts.ts';

/** What one process does for the bank. */
export interface Branch extends AsyncDisposable {
  readonly store: Store<Tables>;
  readonly models: ReadModels;
  /** Returns the position of the change. */
  deposit(id: string, amount: number): Promise<number>;
}

export async function openBranch(driver: StoreDriver, projections: readonly Projection[] = [followed, written]): Promise<Branch> {
  const opened = await driver.open('bank', database<Tables>({}));
  await prepareProjections({ store: opened as Store, projections, runtime, log: silentLogger });
  const store = withInlineProjections({ store: opened as Store, contract: bank, projections });
  const models = createReadModels({ projections, contract: bank, store, runtime, log: silentLogger, owner: runtime.ids() });
  models.start();
  return {
    store: opened,
    models,
    deposit: (id, amount) =>
      store.transact(async (tx) => {
        const { unit, flush } = openUnit({ tx, contract: bank, runtime, origin: { correlationId: runtime.ids() } });
        const { position } = await unit.change(account, id, () => [{ type: 'Deposited', data: { amount } }]);
        await flush();
        return position;
      }),
    [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
  };
}

/** What the log says that each account holds. */
export async function foldOfLog({ store }: Pick<Branch, 'store'>): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  let after = 0;
  for (;;) {
    const events = await store.events.read({ after, limit: 1_000, streamPrefix: 'account:' });
    if (events.length === 0) return sums;
    after = events.at(-1)!.position;
    for (const { stream, data } of events) {
      const id = stream!.slice('account:'.length);
      sums[id] = (sums[id] ?? 0) + (data as { amount: number }).amount;
    }
  }
}

export async function sumsOf({ store }: Pick<Branch, 'store'>, table: keyof Tables): Promise<Record<string, number>> {
  const rows = await store.reader.selectFrom(table).select(['id', 'amount']).orderBy('id').execute();
  return Object.fromEntries(rows.map(({ id, amount }) => [id, amount]));
}
