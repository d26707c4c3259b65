import { createUpstreams, type Policies, type Route } from '../client/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import type { ServiceHost } from '../service/index.ts';
import type { Logger } from '../telemetry/index.ts';
import {
  type CallHandler,
  createHttpFace,
  createInProcessTransport,
  createStreamTransport,
  type HttpHandler,
  type HttpPools,
  routeTransport,
} from '../transport/index.ts';
import type { Peers } from './peers.ts';
import { createRemoteFace } from './remote-face.ts';

export interface NetworkOptions {
  /** The services that run in this process; all others are looked for elsewhere. */
  readonly here: ReadonlySet<string>;
  readonly peers: Peers;
  readonly pools: HttpPools;
  readonly policies: Policies;
  readonly systemKey: string;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** How the parts of a system reach each other: directly within this process, over streams and HTTP beyond it. */
export interface Network extends AsyncDisposable {
  readonly call: CallHandler;
  /** Calls back with the service of each instance elsewhere that can be called from now on. */
  readonly onArrival: Peers['onArrival'];
  /** Where a service of other processes is; undefined for one of this process. */
  readonly routes: (service: string) => Route | undefined;
  /** Makes a service of this process reachable. */
  join(host: ServiceHost): void;
  /** The plain HTTP side of a service, wherever it runs. */
  readonly face: (service: string) => HttpHandler;
  /** The plain HTTP side of a service of this process. */
  localFace(service: string): HttpHandler | undefined;
  localCall(service: string): CallHandler | undefined;
}

export function createNetwork({ here, peers, pools, policies, systemKey, runtime, log }: NetworkOptions): Network {
  const local = new Map<string, { call: CallHandler; face: HttpHandler }>();
  const transport = routeTransport({
    isLocal: (service) => here.has(service),
    local: createInProcessTransport({ hosts: (service) => local.get(service)?.call, runtime }),
    remote: createStreamTransport({ address: (service) => peers.url(service), systemKey, runtime, log }),
  });
  const upstreams = createUpstreams({ policies, runtime });
  const arrivals = peers.onArrival(upstreams.arrived);
  return {
    call: transport.call,
    onArrival: peers.onArrival,
    routes: (service) => (here.has(service) ? undefined : peers.route(service)),
    join: ({ definition: { contract }, call }) => {
      local.set(contract.name, { call, face: createHttpFace({ contract, call, systemKey, runtime }) });
    },
    face: (service) => {
      if (here.has(service)) return local.get(service)?.face ?? absent(service);
      return createRemoteFace({ service, route: peers.route(service), execute: upstreams.toService(service), pools });
    },
    localFace: (service) => local.get(service)?.face,
    localCall: (service) => local.get(service)?.call,
    [Symbol.asyncDispose]: async () => {
      arrivals[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
    },
  };
}

function absent(service: string): HttpHandler {
  const message = `The service '${service}' is still starting.`;
  return async () => {
    throw new FlotillaError('SERVICE_STARTING', { kind: 'unavailable', message });
  };
}
