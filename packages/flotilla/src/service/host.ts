import { createUpstreams, type Policies, type Route } from '../client/index.ts';
import type { BreakerChange } from '../resilience/index.ts';
import { operationsOf } from '../contract/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import { type Bus, createInbox, createRelay } from '../messaging/index.ts';
import { createProjector, type Projector } from '../projection/index.ts';
import { createCoordinator } from '../saga/index.ts';
import type { Store } from '../store/index.ts';
import { type Health, type Logger, overall } from '../telemetry/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';
import { answerer } from './answer.ts';
import { deliveryContext } from './delivery.ts';
import { clientsOf } from './errand.ts';
import { createHousekeeping } from './housekeeping.ts';
import type { ServiceDefinition } from './service.ts';
import { storeHealth } from './store-health.ts';
import { systemOperations } from './system-operations.ts';
import type { Workplace } from './workplace.ts';

export interface HostOptions {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  /** Reaches the other services. */
  readonly call: CallHandler;
  /** Where services with instances elsewhere are. */
  readonly routes?: ((service: string) => Route | undefined) | undefined;
  readonly bus: Bus;
  /** What the system says about calls between its services. */
  readonly policies?: Policies | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** The service's own settings, already validated. */
  readonly config: unknown;
  /** This incarnation of the process: unique per start, because leases outlive a crash. */
  readonly owner: string;
}

/** A running service: answers calls, publishes its events, keeps its read models up, and sees its sagas through. */
export interface ServiceHost {
  readonly definition: ServiceDefinition;
  /** Answers every operation of the contract, and the system operations. */
  readonly call: CallHandler;
  health(): Promise<Health>;
  /** Begins the background work; calls are answered before that too. */
  start(): void;
  /** Ends the background work and hands its leases back. Calls are still answered, so that neighbours can finish theirs. */
  stop(): Promise<void>;
}

/** Puts a service on a store, a transport and a bus. The caller owns those and closes them after `stop`. */
export function createHost(options: HostOptions): ServiceHost {
  const { definition, store, bus, runtime, owner } = options;
  const { contract, sagas, subscriptions } = definition;
  const log = options.log.child({ service: contract.name });
  const shared = { store, runtime, log, owner };

  const upstreams = createUpstreams({ policies: options.policies, runtime, onBreakerChange: breakerReporter(log) });
  const clients = clientsOf(contract.name, { call: options.call, routes: options.routes, upstreams, runtime });
  const projectors = createProjectors(definition, shared);
  const work: Workplace = { definition, store, runtime, log, config: options.config, clients, caughtUp: projectors.caughtUp };

  const relay = createRelay({ ...shared, contract, bus });
  const inbox = createInbox({ ...shared, service: contract.name, subscriptions, context: deliveryContext(work) });
  const intake = bus.subscribe(
    contract.name,
    subscriptions.map(({ event }) => event.id),
    inbox.deliver,
  );
  const coordinator = createCoordinator({
    ...shared,
    contract,
    sagas,
    clients: ({ calls, signal, meta }) => clients(calls, { origin: meta, signal }),
  });
  const housekeeping = createHousekeeping(shared);
  const answers = new Map<string, CallHandler>(
    operationsOf(contract).map((operation) => [operation.name, answerer(work, operation)]),
  );
  for (const [name, answer] of systemOperations({ store, inbox, coordinator })) answers.set(name, answer);

  return {
    definition,
    call: reporting(log, (call, signal) => (answers.get(call.operation) ?? unknownOperation)(call, signal)),
    health: async () =>
      overall({
        store: await storeHealth(store, runtime),
        events: relay.health(),
        ...(projectors.all.length > 0 && { projections: projectors.health() }),
        ...(sagas.length > 0 && { sagas: await coordinator.health() }),
      }),
    start: () => {
      for (const background of [relay, ...projectors.all, coordinator, housekeeping]) background.start();
    },
    stop: async () => {
      await coordinator.stop();
      await Promise.all([intake, relay, ...projectors.all, housekeeping].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

interface Projectors {
  readonly all: readonly Projector[];
  readonly caughtUp: Workplace['caughtUp'];
  health(): Health;
}

function createProjectors(
  { contract, projections }: ServiceDefinition,
  shared: Omit<Parameters<typeof createProjector>[0], 'projection'>,
): Projectors {
  const byName = new Map(projections.map((projection) => [projection.name, createProjector({ ...shared, projection })]));
  return {
    all: [...byName.values()],
    health: () => overall(Object.fromEntries([...byName].map(([name, projector]) => [name, projector.health()]))),
    caughtUp: async ({ name }, signal) => {
      const projector = byName.get(name);
      if (projector) return await projector.caughtUp(signal);
      const message = `The service '${contract.name}' has no projection '${name}'. List it under 'projections'.`;
      throw new FlotillaError('UNKNOWN_PROJECTION', { kind: 'internal', message });
    },
  };
}

function breakerReporter(log: Logger): (change: BreakerChange) => void {
  return (change) => log.warn(change, `the breaker of ${change.name} is now ${change.to}`);
}

/** Failures that the caller must not see in full are seen here. */
function reporting(log: Logger, answer: CallHandler): CallHandler {
  return async (call, signal) => {
    try {
      return await answer(call, signal);
    } catch (error) {
      if (error instanceof FlotillaError && error.kind === 'internal') {
        const { correlationId, trace } = call.metadata;
        log.error({ err: error.cause ?? error, operation: call.operation, correlationId, traceId: trace.traceId }, error.message);
      }
      throw error;
    }
  };
}

async function unknownOperation({ service, operation }: Call): Promise<never> {
  const message = `The service '${service}' has no operation '${operation}'.`;
  throw new FlotillaError('UNKNOWN_OPERATION', { kind: 'not-found', message });
}
