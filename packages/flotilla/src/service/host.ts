import { createUpstreams, type Policies, type Route } from '../client/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { createSnapshotKeeper } from '../log/index.ts';
import type { Bus } from '../messaging/index.ts';
import { createReadModels, withInlineProjections } from '../projection/index.ts';
import type { BreakerChange } from '../resilience/index.ts';
import { createCoordinator } from '../saga/index.ts';
import type { Store } from '../store/index.ts';
import { createMetrics, type Health, type Logger, type OperationMetrics } from '../telemetry/index.ts';
import type { CallHandler, ItemsHandler } from '../transport/index.ts';
import { createAnswers } from './answers.ts';
import { createBackground } from './background.ts';
import { clientsOf } from './errand.ts';
import type { ServiceDefinition } from './service.ts';
import { storeHealth } from './store-health.ts';
import { systemOperations } from './system-operations.ts';
import { createVitals, type ProcessLoad } from './vitals.ts';
import { watched } from './watched.ts';
import type { Workplace } from './workplace.ts';

export interface HostOptions {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  /** Reaches the other services. */
  readonly call: CallHandler;
  readonly subscribe?: ItemsHandler | undefined;
  /** Where services with instances elsewhere are. */
  readonly routes?: ((service: string) => Route | undefined) | undefined;
  /** Tells of instances elsewhere that have come up. */
  readonly onArrival?: ((listener: (service: string) => void) => Disposable) | undefined;
  readonly bus: Bus;
  /** How busy this process is; refuses work when it is too busy. */
  readonly load?: ProcessLoad | undefined;
  /** What the system says about calls between its services. */
  readonly policies?: Policies | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** The service's own settings, already validated. */
  readonly config: unknown;
  /** The system's key: what the database keeps of inputs can't be guessed at without it. */
  readonly secret: string;
  /** This incarnation of the process: unique per start, because leases outlive a crash. */
  readonly owner: string;
  /** Holds its sagas back until an operator resumes them. */
  readonly sagasPaused?: boolean | undefined;
}

/** A running service: answers calls, publishes its events, keeps its read models up, and sees its sagas through. */
export interface ServiceHost {
  readonly definition: ServiceDefinition;
  /** Answers every operation of the contract, and the system operations. */
  readonly call: CallHandler;
  /** Answers every stream of the contract. */
  readonly subscribe: ItemsHandler;
  health(): Promise<Health>;
  /** Whether its database can be read and written. */
  storeHealth(): Promise<Health>;
  /** How often its operations were called since the start, and how that went. */
  metrics(): readonly OperationMetrics[];
  /** Policies for the calls it makes from now on. */
  reload(policies: Policies): void;
  /** Begins the background work; calls are answered before that too. */
  start(): void;
  /** Ends the background work and hands its leases back. Calls are still answered, so that neighbours can finish theirs. */
  stop(): Promise<void>;
}

/** Puts a service on a store, a transport and a bus. The caller owns those and closes them after `stop`. */
export function createHost(options: HostOptions): ServiceHost {
  const { definition, routes, bus, load, policies, runtime, config, secret, owner } = options;
  const { contract } = definition;
  const log = options.log.child({ service: contract.name });
  const store = withInlineProjections({ store: options.store, contract, projections: definition.projections });
  const upstreams = createUpstreams({ policies, runtime, onBreakerChange: breakerReporter(log) });
  const clients = clientsOf(contract.name, { call: options.call, subscribe: options.subscribe, routes, upstreams, runtime });
  const readModels = createReadModels({ store, contract, projections: definition.projections, runtime, log, owner });
  const snapshots = createSnapshotKeeper({ store, log });
  const coordinator = createCoordinator({
    store,
    contract,
    runtime,
    log,
    owner,
    sagas: definition.sagas,
    startPaused: options.sagasPaused ?? false,
    keepSnapshot: snapshots.keep,
    clients: ({ calls, signal, meta }) => clients(calls, { origin: meta, signal }),
  });
  const tools = { keepSnapshot: snapshots.keep, readModels, sagas: coordinator };
  const work: Workplace = { definition, store, runtime, log, config, secret, clients, ...tools };
  const background = createBackground({ work, readModels, coordinator, bus, owner });

  const metrics = createMetrics(runtime);
  const answers = createAnswers(work);
  const { call, subscribe, inFlight } = watched(answers, { metrics, shedder: load?.shedder, clock: runtime.clock, log });
  const vitals = createVitals({
    contract,
    owner,
    metrics,
    upstreams,
    routes,
    runtime,
    inFlight,
    standings: background.standings,
    load,
  });
  answers.add(systemOperations({ ...background, definition, store, readModels, vitals }));

  const arrivals = options.onArrival?.(upstreams.arrived);
  const stop = async (): Promise<void> => {
    await background.stop();
    await snapshots[Symbol.asyncDispose]();
    arrivals?.[Symbol.dispose]();
  };
  const { health, start } = background;
  const facts = { health, storeHealth: () => storeHealth(options.store, runtime), metrics: metrics.snapshot };
  return { definition, call, subscribe, ...facts, reload: upstreams.reload, start, stop };
}

function breakerReporter(log: Logger): (change: BreakerChange) => void {
  return (change) => log.warn(change, `the breaker of ${change.name} is now ${change.to}`);
}
