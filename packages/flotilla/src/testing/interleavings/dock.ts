import { type Runtime, uuidV7 } from '../../kernel/index.ts';
import { service, type ServiceDefinition } from '../../service/index.ts';
import type { Contract } from '../../contract/index.ts';
import type { Store } from '../../store/index.ts';
import { Agenda } from '../simulator/agenda.ts';
import { chanceOf } from '../simulator/chance.ts';
import { gatedStore } from '../simulator/gated-store.ts';
import { Ledger } from '../simulator/ledger.ts';
import { MachineClock } from '../simulator/machine-clock.ts';
import { Process } from '../simulator/process.ts';
import { openStores } from '../simulator/stores.ts';
import { watchedStore } from '../simulator/watched-store.ts';
import { type Bounds, Conductor } from './conductor.ts';

/** A process with its own view of the world. */
export interface Worker {
  readonly process: Process;
  readonly runtime: Runtime;
  /** The store of a service as this process reaches it, one call at a time. */
  store(service: string): Store;
}

/** Databases that one run after the other works on. */
export interface Dock extends AsyncDisposable {
  readonly agenda: Agenda;
  readonly ledger: Ledger;
  /** As it is, for whoever sets a run up or looks at it. */
  store(service: string): Store;
  /** Puts everything back to how it was. */
  reset(): void;
  conduct(choices: readonly number[], bounds: Bounds): { readonly conductor: Conductor; worker(name: string): Worker };
}

/** Databases for services that need nothing but the engine's own tables. */
export async function openDock(contracts: readonly Contract[]): Promise<Dock> {
  const [agenda, ledger] = [new Agenda(), new Ledger()];
  const definitions: ServiceDefinition[] = contracts.map((contract) => service(contract, { handlers: {} as never }));
  const stores = await openStores(definitions, agenda);
  return {
    agenda,
    ledger,
    store: (name) => stores.of(name).store,
    reset() {
      agenda.reset();
      ledger.reset();
      for (const { name } of contracts) stores.of(name).reset();
    },
    conduct(choices, bounds) {
      const conductor = new Conductor(agenda, choices, bounds);
      const worker = (name: string): Worker => {
        const process = new Process(agenda, { service: name, seat: name, name });
        const [clock, random] = [new MachineClock(agenda), chanceOf(1, name)];
        const runtime = process.runtime({ clock, random, ids: uuidV7(clock, random), env: {} });
        const store = (of: string): Store => gatedStore(watchedStore(stores.of(of).store, ledger, name), process, conductor.gate);
        return { process, runtime, store };
      };
      return { conductor, worker };
    },
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}
