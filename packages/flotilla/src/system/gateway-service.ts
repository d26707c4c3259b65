import { contract } from '../contract/index.ts';
import type { Gateway } from '../gateway/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import { createVitals, type ProcessLoad } from '../service/index.ts';
import { type CallHandler, createHttpFace, type HttpHandler } from '../transport/index.ts';
import type { Network } from './network.ts';

export interface GatewayServiceOptions {
  readonly gateway: Gateway;
  readonly network: Pick<Network, 'upstreams' | 'routes'>;
  readonly load: ProcessLoad;
  readonly systemKey: string;
  readonly runtime: Runtime;
}

/** What a gateway is to the rest of its system: something that promises nothing, but tells how it is doing. */
const promises = contract('gateway', { version: '0.0.0', team: 'everybody' });

/** The gateway as its own system sees it: like a service, it answers `$vitals`. */
export function createGatewayService({ gateway, network, load, systemKey, runtime }: GatewayServiceOptions): HttpHandler {
  const { metrics, inFlight } = gateway;
  const vitals = createVitals({
    contract: { name: promises.name, version: '' },
    owner: runtime.ids(),
    metrics,
    inFlight,
    upstreams: network.upstreams,
    routes: network.routes,
    standings: () => [],
    load,
    runtime,
  });
  const call: CallHandler = async ({ operation, metadata }) => {
    if (operation === '$vitals' && metadata.caller.internal) return vitals();
    const message = `The gateway tells its vitals to its own system, and knows no '${operation}'.`;
    throw new FlotillaError('UNKNOWN_OPERATION', { kind: 'not-found', message });
  };
  return createHttpFace({ contract: promises, call, systemKey, runtime });
}
