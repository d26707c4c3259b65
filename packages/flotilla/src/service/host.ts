import { createUpstreams, type Policies, type Route } from '../client/index.ts';
import { operationsOf } from '../contract/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import type { Bus } from '../messaging/index.ts';
import type { BreakerChange } from '../resilience/index.ts';
import type { Store } from '../store/index.ts';
import { createMetrics, type Health, type Logger, type OperationMetrics } from '../telemetry/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';
import { answerer } from './answer.ts';
import { createBackground } from './background.ts';
import { clientsOf } from './errand.ts';
import { createReadModels } from './read-models.ts';
import type { ServiceDefinition } from './service.ts';
import { systemOperations } from './system-operations.ts';
import { createVitals, type ProcessLoad } from './vitals.ts';
import { watched } from './watched.ts';
import type { Workplace } from './workplace.ts';

export interface HostOptions {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  /** Reaches the other services. */
  readonly call: CallHandler;
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
}

/** A running service: answers calls, publishes its events, keeps its read models up, and sees its sagas through. */
export interface ServiceHost {
  readonly definition: ServiceDefinition;
  /** Answers every operation of the contract, and the system operations. */
  readonly call: CallHandler;
  health(): Promise<Health>;
  /** How often its operations were called since the start, and how that went. */
  metrics(): readonly OperationMetrics[];
  /** Begins the background work; calls are answered before that too. */
  start(): void;
  /** Ends the background work and hands its leases back. Calls are still answered, so that neighbours can finish theirs. */
  stop(): Promise<void>;
}

/** Puts a service on a store, a transport and a bus. The caller owns those and closes them after `stop`. */
export function createHost(options: HostOptions): ServiceHost {
  const { definition, store, routes, bus, load, policies, runtime, config, secret, owner } = options;
  const { contract } = definition;
  const log = options.log.child({ service: contract.name });
  const upstreams = createUpstreams({ policies, runtime, onBreakerChange: breakerReporter(log) });
  const clients = clientsOf(contract.name, { call: options.call, routes, upstreams, runtime });
  const readModels = createReadModels(definition, { store, runtime, log, owner });
  const work: Workplace = { definition, store, runtime, log, config, secret, clients, caughtUp: readModels.caughtUp };
  const background = createBackground({ work, readModels, bus, owner });

  const metrics = createMetrics(runtime);
  const answers = new Map<string, CallHandler>();
  const answer: CallHandler = (call, signal) => (answers.get(call.operation) ?? unknownOperation)(call, signal);
  const { call, inFlight } = watched(answer, { metrics, shedder: load?.shedder, clock: runtime.clock, log });
  const vitals = createVitals({ contract, owner, metrics, upstreams, routes, runtime, inFlight, load });
  for (const operation of operationsOf(contract)) answers.set(operation.name, answerer(work, operation));
  for (const [name, one] of systemOperations({ ...background, store, vitals })) answers.set(name, one);

  const arrivals = options.onArrival?.(upstreams.arrived);
  const stop = async (): Promise<void> => {
    await background.stop();
    arrivals?.[Symbol.dispose]();
  };
  const { health, start } = background;
  return { definition, call, health, metrics: metrics.snapshot, start, stop };
}

function breakerReporter(log: Logger): (change: BreakerChange) => void {
  return (change) => log.warn(change, `the breaker of ${change.name} is now ${change.to}`);
}

async function unknownOperation({ service, operation }: Call): Promise<never> {
  const message = `The service '${service}' has no operation '${operation}'.`;
  throw new FlotillaError('UNKNOWN_OPERATION', { kind: 'not-found', message });
}
