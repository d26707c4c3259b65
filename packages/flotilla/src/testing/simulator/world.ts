import type { Kysely } from 'kysely';
import type { ServiceBuilder, ServiceDefinition } from '../../service/index.ts';
import type { SagaRow, StoredEvent } from '../../store/index.ts';
import type { Evidence } from './evidence.ts';
import type { Berth } from './fleet.ts';

export type TablesOf<TService> =
  TService extends ServiceBuilder<infer _TContract, infer TTables, infer _TConfig> ? TTables : unknown;

/** The system after a run: nothing goes wrong any more and everything is at rest. For invariants to look at. */
export interface World {
  /** A service's own tables. */
  db<TService extends ServiceDefinition>(service: TService): Kysely<TablesOf<TService>>;
  /** A service's whole log. */
  events(service: ServiceDefinition): readonly StoredEvent[];
  sagas(service: ServiceDefinition): readonly SagaRow[];
  /** What the visits came to that were not given up, in the order of their end. */
  readonly results: readonly unknown[];
}

/** Says what must be true of the system after every run: throws, as `assert` does, when it is not. */
export type Invariant = (world: World) => unknown;

export function createWorld(berths: readonly Berth[], { logs, sagas }: Evidence, results: readonly unknown[]): World {
  const stores = new Map(berths.map(({ definition, store }) => [definition.contract.name, store]));
  return {
    // The store was opened with the very database that the service was declared with.
    db: ({ contract }) => stores.get(contract.name)!.reader as never,
    events: ({ contract }) => logs.get(contract.name) ?? [],
    sagas: ({ contract }) => sagas.get(contract.name) ?? [],
    results,
  };
}
