import type { SagaRow, StoredEvent } from '../../store/index.ts';
import type { Berth } from './fleet.ts';
import type { Ledger } from './ledger.ts';

/** What can be seen of a run once everything is at rest. */
export interface Evidence {
  readonly ledger: Ledger;
  /** Events that somebody should have taken and nobody did, as `subscription event`. */
  readonly outstanding: readonly string[];
  /** By service. */
  readonly logs: ReadonlyMap<string, readonly StoredEvent[]>;
  readonly sagas: ReadonlyMap<string, readonly SagaRow[]>;
  /** Ids of messages that are set aside. */
  readonly parked: ReadonlySet<string>;
}

const ALL = 1_000_000;

/** Asks the databases themselves, past all processes. */
export async function gather(berths: readonly Berth[], books: Pick<Evidence, 'ledger' | 'outstanding'>): Promise<Evidence> {
  const logs = new Map<string, readonly StoredEvent[]>();
  const sagas = new Map<string, readonly SagaRow[]>();
  const parked = new Set<string>();
  for (const { definition, store } of berths) {
    const { name } = definition.contract;
    logs.set(name, await store.events.read({ after: 0, limit: ALL }));
    sagas.set(name, await store.sagas.list({ limit: ALL }));
    for (const { messageId } of await store.transact((tx) => tx.inbox.parked(ALL))) parked.add(messageId);
  }
  return { ...books, logs, sagas, parked };
}
