import { type CallerContext, type Clients, createClientFactory, type Route, type Upstreams } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { CallHandler, CallMetadata, ItemsHandler } from '../transport/index.ts';

type Contracts = Record<string, Contract>;

/** The work on whose behalf a service calls others. */
export interface Errand {
  readonly origin: Pick<CallMetadata, 'identity' | 'correlationId' | 'trace'>;
  readonly signal: AbortSignal;
  /** Monotonic milliseconds by which the work itself must be done; none for a saga, which waits for nobody. */
  readonly deadline?: number | undefined;
}

interface ErrandOptions {
  readonly call: CallHandler;
  readonly subscribe: ItemsHandler | undefined;
  readonly routes?: ((service: string) => Route | undefined) | undefined;
  readonly upstreams: Upstreams;
  readonly runtime: Runtime;
}

/** Clients of the given services, bound to one piece of work. */
export type ClientsFor = (calls: Contracts, errand: Errand) => Clients<Contracts>;

/** Calls go out under the same user and trace, with this service as the direct caller. Pipelines are composed once per set of contracts. */
export function clientsOf(service: string, options: ErrandOptions): ClientsFor {
  const caller = { internal: true, name: `service:${service}` };
  const factories = new WeakMap<Contracts, (context: CallerContext) => Clients<Contracts>>();
  return (calls, { origin, signal, deadline }) => {
    let bind = factories.get(calls);
    if (!bind) factories.set(calls, (bind = createClientFactory({ ...options, contracts: calls })));
    const { identity, correlationId, trace } = origin;
    return bind({ identity, correlationId, trace, caller, signal, deadline });
  };
}
