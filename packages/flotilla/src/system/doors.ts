import { createGateway, createOwnAnswers, type GatewayConfig } from '../gateway/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createListener, createStreamServer, type Listener } from '../transport/index.ts';
import { createInternalFace } from './internal-face.ts';
import type { Network } from './network.ts';
import type { Readings } from './vitals.ts';

const GATEWAY_PORT = 8080;
const DRAIN_MS = 15_000;

export interface DoorsOptions {
  /** Of the gateway; a process without routes has none. */
  readonly routes: GatewayConfig | undefined;
  readonly network: Network;
  readonly systemKey: string;
  readonly readings: Readings;
  /** The port of the gateway, or of the internal listener where there is no gateway. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** Where a process can be reached: by its own system on loopback, and by the world through the gateway. */
export interface Doors extends AsyncDisposable {
  readonly internalUrl: string;
  readonly gatewayUrl: string | undefined;
  /** From now on `/readyz` says yes, until disposing begins. */
  ready(): void;
}

/** Opens the listeners. Disposing drains them: first the world is let go, then the system's own callers. */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { routes, network, systemKey, readings, runtime, log, host } = options;
  let isReady = false;
  const ready = (): boolean => isReady;

  await using scope = new AsyncDisposableStack();
  const open = async (listener: Listener): Promise<string> => {
    scope.defer(() => listener.drain(DRAIN_MS));
    return (await listener.start()).url;
  };
  const ownAnswers = createOwnAnswers({ health: readings.health.process, ready, clock: runtime.clock });
  const internal = createInternalFace({ network, ownAnswers, metrics: readings.metrics, systemKey });
  const upgrade = createStreamServer({ call: (service) => network.localCall(service), systemKey, runtime, log });
  const internalUrl = await open(
    createListener({ handler: internal, upgrade, port: routes ? 0 : (options.port ?? 0), runtime, log }),
  );
  let gatewayUrl: string | undefined;
  if (routes) {
    const { handler } = createGateway({
      ...options,
      health: readings.health.system,
      ready,
      config: routes,
      upstream: network.face,
    });
    const address = host === undefined ? {} : { host };
    gatewayUrl = await open(createListener({ handler, port: options.port ?? GATEWAY_PORT, ...address, runtime, log }));
  }
  scope.defer(() => void (isReady = false));
  const opened = scope.move();
  return { internalUrl, gatewayUrl, ready: () => void (isReady = true), [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
