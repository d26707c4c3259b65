import { createUpstreams, type Policies, type Route, type Upstreams } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
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
  type ItemsHandler,
  routeTransport,
} from '../transport/index.ts';
import type { Peers } from './peers.ts';
import { createRemoteFace } from './remote-face.ts';

export interface NetworkOptions {
  /** Of every service of the system. */
  readonly contracts: readonly Contract[];
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
  readonly subscribe: ItemsHandler;
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
  localStreams(service: string): ItemsHandler | undefined;
  /** What was learnt about services elsewhere from those requests. */
  readonly upstreams: Pick<Upstreams, 'states'>;
  /** Policies for the requests that are passed on to services elsewhere. */
  reload(policies: Policies): void;
}

interface LocalService {
  readonly call: CallHandler;
  readonly subscribe: ItemsHandler;
  readonly face: HttpHandler;
}

export function createNetwork(options: NetworkOptions): Network {
  const { here, peers, pools, policies, systemKey, runtime, log } = options;
  const local = new Map<string, LocalService>();
  const transport = routeTransport({
    isLocal: (service) => here.has(service),
    local: createInProcessTransport({
      hosts: (service) => local.get(service)?.call,
      streams: (service) => local.get(service)?.subscribe,
      runtime,
    }),
    remote: createStreamTransport({
      address: (service) => peers.url(service),
      onSilence: peers.silence,
      systemKey,
      runtime,
      log,
    }),
  });
  const upstreams = createUpstreams({ policies, runtime });
  const arrivals = peers.onArrival(upstreams.arrived);
  return {
    call: transport.call,
    subscribe: transport.subscribe,
    onArrival: peers.onArrival,
    routes: (service) => (here.has(service) ? undefined : peers.route(service)),
    join: ({ definition: { contract }, call, subscribe }) => {
      const face = createHttpFace({ contract, call, subscribe, systemKey, runtime });
      local.set(contract.name, { call, subscribe, face });
    },
    face: (service) => {
      if (here.has(service)) return local.get(service)?.face ?? absent(service);
      const contract = options.contracts.find(({ name }) => name === service)!;
      const execute = upstreams.toService(service);
      const { subscribe } = transport;
      return createRemoteFace({ contract, route: peers.route(service), execute, subscribe, pools, systemKey, runtime });
    },
    localFace: (service) => local.get(service)?.face,
    localCall: (service) => local.get(service)?.call,
    localStreams: (service) => local.get(service)?.subscribe,
    upstreams,
    reload: upstreams.reload,
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
