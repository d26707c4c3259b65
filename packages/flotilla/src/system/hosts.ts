import type { Policies } from '../client/index.ts';
import type { Config } from '../config/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Bus } from '../messaging/index.ts';
import { prepareProjections } from '../projection/index.ts';
import { createHost, type ProcessLoad, type ServiceDefinition, type ServiceHost } from '../service/index.ts';
import type { StoreDriver } from '../store/index.ts';
import { type Health, type Logger, worst } from '../telemetry/index.ts';
import type { Network } from './network.ts';
import type { Placement } from './placement.ts';

export interface HostsOptions {
  readonly placement: Placement;
  readonly settings: Config;
  readonly policies: Policies;
  readonly driver: StoreDriver;
  readonly network: Network;
  readonly bus: Bus;
  readonly load: ProcessLoad;
  readonly systemKey: string;
  readonly sagasPaused: boolean;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** The services of this process. Disposing stops their background work while all of them still answer each other. */
export interface Hosts extends AsyncDisposable {
  readonly all: readonly ServiceHost[];
  start(): void;
  reload(policies: Policies): void;
  /** Whether their databases can be used. */
  stores(): Promise<Health>;
}

export async function openHosts(options: HostsOptions): Promise<Hosts> {
  const owner = options.runtime.ids();
  const all: ServiceHost[] = [];
  for (const definition of options.placement.services) {
    const host = await openHost(options, definition, owner);
    options.network.join(host);
    all.push(host);
  }
  return {
    all,
    start: () => all.forEach((host) => host.start()),
    reload: (policies) => all.forEach((host) => host.reload(policies)),
    stores: async () => worst(await Promise.all(all.map((host) => host.storeHealth()))),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((host) => host.stop()));
    },
  };
}

async function openHost(options: HostsOptions, definition: ServiceDefinition, owner: string): Promise<ServiceHost> {
  const { driver, settings, policies, network, bus, load, systemKey, sagasPaused, runtime, log } = options;
  const { name } = definition.contract;
  const store = await driver.open(name, definition.database);
  const { projections } = definition;
  await prepareProjections({ store, projections, runtime, log: log.child({ service: name }) });
  const config = definition.config ? settings.section(`services.${name}`, definition.config) : undefined;
  return createHost({
    definition,
    store,
    call: network.call,
    subscribe: network.subscribe,
    routes: network.routes,
    onArrival: network.onArrival,
    bus,
    load,
    secret: systemKey,
    sagasPaused,
    policies,
    runtime,
    log,
    config,
    owner,
  });
}
