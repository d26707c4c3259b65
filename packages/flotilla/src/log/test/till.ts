import * as z from 'zod';
import { contract } from '../../contract/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore } from '../../testing/index.ts';
import {
  type Aggregate,
  createSnapshotKeeper,
  type DomainEvent,
  type Loaded,
  loadAggregate,
  type Moment,
  openUnit,
  type Target,
} from '../index.ts';

export const tills = contract('tills', {
  version: '1.0.0',
  team: 'money',
  events: { TillClosed: { version: 2, schema: z.object({ sum: z.int() }) } },
});

/** A store, units on it the way a host runs them, and snapshots. */
export async function tillsAtWork() {
  const runtime = createFakeRuntime({ start: 1_000 });
  const { store, ...temporary } = await openTemporaryStore({ runtime });
  const snapshots = createSnapshotKeeper({ store, log: silentLogger });

  const change = <TState, TEvent extends DomainEvent, const TNext extends TEvent>(
    of: Aggregate<TState, TEvent, never>,
    target: Target,
    decide: (state: TState) => readonly TNext[],
  ): Promise<Loaded<TState>> =>
    store.transact(async (tx) => {
      const origin = { correlationId: 'c' };
      const { unit, flush } = openUnit({ tx, contract: tills, runtime, origin, keepSnapshot: snapshots.keep });
      const changed = await unit.change(of, target, decide);
      await flush();
      return changed;
    });

  return {
    ...temporary,
    store,
    runtime,
    clock: runtime.clock,
    change,
    load: <TState, TEvent extends DomainEvent>(of: Aggregate<TState, TEvent, never>, id: string, moment?: Moment) =>
      loadAggregate({ reader: store.events, contract: tills, keepSnapshot: snapshots.keep }, { of, id }, moment),
    snapshotsWritten: () => snapshots[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await snapshots[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}
