import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import type { Clients } from '../../client/index.ts';
import { type Contract, contract } from '../../contract/index.ts';
import { FlotillaError } from '../../kernel/index.ts';
import { anonymous } from '../../security/index.ts';
import type { SagaRow, SagaStatus, SignalOutcome, Store } from '../../store/index.ts';
import { type Logger, silentLogger, startTrace } from '../../telemetry/index.ts';
import { createFakeRuntime, type FakeRuntime, openTemporaryStore } from '../../testing/index.ts';
import {
  type Coordinator,
  type CoordinatorOptions,
  createCoordinator,
  type SagaDefinition,
  type Signal,
  type Starting,
  startSaga,
} from '../index.ts';
import { signalSaga } from '../signal.ts';

/** The service whose sagas the tests run. */
export const orders = contract('orders', {
  version: '1.0.0',
  team: 'sales',
  events: { Noted: { version: 1, schema: z.object({ id: z.string(), what: z.string() }) } },
});

export const Order = z.object({ id: z.string() });

/** A real store under a clock that the test owns, and coordinators on it that stop with the test. */
export interface Yard extends AsyncDisposable {
  readonly store: Store;
  readonly runtime: FakeRuntime;
  /** What coordinators logged as errors. */
  readonly errors: string[];
  coordinator(sagas: readonly SagaDefinition[], options?: Partial<CoordinatorOptions>): Coordinator;
  start(saga: SagaDefinition, id: string): Promise<string>;
  /** What a start with this id needs. */
  starting(id: string): Starting;
  signal(saga: SagaDefinition, signal: Signal): Promise<SignalOutcome>;
  /** Waits until the saga is in that state, letting time pass as it does. */
  reaches(id: string, status: SagaStatus): Promise<SagaRow>;
  notes(): Promise<string[]>;
  eventsOf(type: string): Promise<unknown[]>;
}

const NO_CLIENTS = (): Clients<Record<string, Contract>> => ({});

export async function openYard(): Promise<Yard> {
  const runtime = createFakeRuntime();
  const resources = new AsyncDisposableStack();
  const { store } = resources.use(await openTemporaryStore({ service: 'orders', runtime }));
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (_, message) => void errors.push(message), child: () => log };
  const eventsOf = async (type: string): Promise<unknown[]> =>
    (await store.events.read({ after: 0, limit: 1_000, types: [type] })).map(({ data }) => data);
  const starting = (id: string): Starting => {
    return { input: { id }, meta: { identity: anonymous, correlationId: id, trace: startTrace(runtime.random) } };
  };
  return {
    store,
    runtime,
    errors,
    eventsOf,
    coordinator(sagas, options) {
      const defaults = { store, contract: orders, clients: NO_CLIENTS, runtime, log, owner: runtime.ids() };
      const coordinator = resources.use(createCoordinator({ ...defaults, sagas, ...options }));
      coordinator.start();
      return coordinator;
    },
    start: (saga, id) => store.transact((tx) => startSaga(tx, saga, { ...starting(id), runtime })),
    starting,
    signal: (saga, signal) => store.transact((tx) => signalSaga(tx, saga, { signal, runtime })),
    async reaches(id, status) {
      for (let round = 0; ; round++) {
        const row = (await store.sagas.find(id))?.saga;
        if (row?.status === status) return row;
        // Work that needs no time gets its turns first.
        if (round % 20 < 19) await nextTurn();
        else await runtime.clock.advance(500);
      }
    },
    notes: async () => (await eventsOf('Noted')).map((data) => (data as { what: string }).what),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

export function declined(message = 'No.'): FlotillaError {
  return new FlotillaError('DECLINED', { kind: 'conflict', message });
}

export function silentPort(): FlotillaError {
  return new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message: 'Nobody answers.' });
}
