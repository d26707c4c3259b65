import { createGateway, createOwnAnswers, type Gateway, type GatewayConfig } from '../gateway/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { ProcessLoad } from '../service/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createListener, createStreamServer, type Listener } from '../transport/index.ts';
import { createGatewayService } from './gateway-service.ts';
import { createInternalFace } from './internal-face.ts';
import type { Network } from './network.ts';
import type { Readiness } from './readiness.ts';
import type { Readings } from './vitals.ts';

const GATEWAY_PORT = 8080;
const DRAIN_MS = 15_000;
const LOOPBACK = /^http:\/\/(127\.|\[::1\]|localhost:)/;

export interface DoorsOptions {
  /** Of the gateway; a process without routes has none. */
  readonly routes: GatewayConfig | undefined;
  readonly network: Network;
  readonly systemKey: string;
  readonly readings: Readings;
  readonly readiness: Readiness;
  readonly load: ProcessLoad;
  /** The port of the gateway, or of the internal listener where there is no gateway. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** The address of the internal listener; loopback unless said. */
  readonly internalHost?: string | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** Where a process can be reached: by its own system on loopback, and by the world through the gateway. */
export interface Doors extends AsyncDisposable {
  readonly internalUrl: string;
  readonly gatewayUrl: string | undefined;
  /** Other routes for the gateway, from the next request on. */
  reload(routes: GatewayConfig): void;
}

/** Opens the listeners. Disposing drains them: first the world is let go, then the system's own callers. */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { routes, network, systemKey, readings, readiness, runtime, log } = options;

  await using scope = new AsyncDisposableStack();
  const open = async (listener: Listener): Promise<string> => {
    scope.defer(() => listener.drain(DRAIN_MS));
    return (await listener.start()).url;
  };
  const gateway = routes && openGateway(options, routes);
  const ownAnswers = createOwnAnswers({ health: readings.health.process, ready: readiness.check, clock: runtime.clock });
  const internal = createInternalFace({
    network,
    gateway: gateway && createGatewayService({ ...options, gateway }),
    ownAnswers,
    metrics: () => readings.metrics(gateway?.metrics),
    systemKey,
  });
  const upgrade = createStreamServer({ call: network.localCall, subscribe: network.localStreams, systemKey, runtime, log });
  const internalPort = routes ? 0 : (options.port ?? 0);
  const internalUrl = await open(
    createListener({ handler: internal, upgrade, port: internalPort, ...at(options.internalHost), runtime, log }),
  );
  if (!LOOPBACK.test(internalUrl)) {
    log.warn(
      { internalUrl },
      "other machines can reach this process, and the system's key travels in clear: keep that network private",
    );
  }
  const gatewayUrl =
    gateway &&
    (await open(
      createListener({ handler: gateway.handler, port: options.port ?? GATEWAY_PORT, ...at(options.host), runtime, log }),
    ));
  scope.defer(readiness.closing);
  const opened = scope.move();
  return {
    internalUrl,
    gatewayUrl,
    reload: (next) => gateway?.reload(next),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function openGateway(options: DoorsOptions, config: GatewayConfig): Gateway {
  const { network, readings, readiness, load } = options;
  const { shedder } = load;
  return createGateway({
    ...options,
    health: readings.health.system,
    ready: readiness.check,
    shedder,
    config,
    upstream: network.face,
  });
}

/** The listener knows best where it is when nobody says. */
function at(host: string | undefined): { host?: string } {
  return host === undefined ? {} : { host };
}
