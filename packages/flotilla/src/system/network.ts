import type { Addresses } from '../discovery/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import type { ServiceHost } from '../service/index.ts';
import {
  type CallHandler,
  createHttpFace,
  createHttpTransport,
  createInProcessTransport,
  type HttpHandler,
  type HttpPools,
  httpUpstream,
  routeTransport,
} from '../transport/index.ts';

export interface NetworkOptions {
  readonly peers: Addresses;
  readonly pools: HttpPools;
  readonly systemKey: string;
  readonly runtime: Runtime;
}

/** How the parts of a system reach each other: directly within this process, over HTTP beyond it. */
export interface Network extends AsyncDisposable {
  readonly call: CallHandler;
  /** Makes a service of this process reachable. */
  join(host: ServiceHost): void;
  /** The plain HTTP side of a service, wherever it runs; one that nobody knows answers as unavailable. */
  readonly face: (service: string) => HttpHandler;
  /** The plain HTTP side of a service of this process. */
  localFace(service: string): HttpHandler | undefined;
  /** The process of a service beyond this one; undefined for services of this process. */
  peer(service: string): HttpHandler | undefined;
}

export function createNetwork({ peers, pools, systemKey, runtime }: NetworkOptions): Network {
  const local = new Map<string, { call: CallHandler; face: HttpHandler }>();
  const transport = routeTransport({
    isLocal: (service) => local.has(service),
    local: createInProcessTransport({ hosts: (service) => local.get(service)?.call, runtime }),
    remote: createHttpTransport({ address: peers, systemKey, runtime }),
  });
  const reach = (service: string, path: string): HttpHandler | undefined => {
    const address = peers(service);
    return address === undefined ? undefined : httpUpstream({ service, baseUrl: `${address}${path}`, pools });
  };
  return {
    call: transport.call,
    join: ({ definition: { contract }, call }) => {
      local.set(contract.name, { call, face: createHttpFace({ contract, call, systemKey, runtime }) });
    },
    face: (service) => local.get(service)?.face ?? reach(service, `/${service}`) ?? absent(service),
    localFace: (service) => local.get(service)?.face,
    peer: (service) => (local.has(service) ? undefined : reach(service, '')),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

function absent(service: string): HttpHandler {
  const message = `The service '${service}' does not run here, and nobody said where it does.`;
  return async () => {
    throw new FlotillaError('SERVICE_UNREACHABLE', { kind: 'unavailable', message });
  };
}
