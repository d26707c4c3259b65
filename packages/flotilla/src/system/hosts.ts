import type { Policies } from '../client/index.ts';
import type { Config } from '../config/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Bus } from '../messaging/index.ts';
import { createHost, type ProcessLoad, type ServiceDefinition, type ServiceHost } from '../service/index.ts';
import type { StoreDriver } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
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
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** The services of this process. Disposing stops their background work while all of them still answer each other. */
export interface Hosts extends AsyncDisposable {
  readonly all: readonly ServiceHost[];
  start(): void;
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
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((host) => host.stop()));
    },
  };
}

async function openHost(options: HostsOptions, definition: ServiceDefinition, owner: string): Promise<ServiceHost> {
  const { driver, settings, policies, network, bus, load, systemKey, runtime, log } = options;
  const { name } = definition.contract;
  const store = await driver.open(name, definition.database);
  const config = definition.config ? settings.section(`services.${name}`, definition.config) : undefined;
  return createHost({
    definition,
    store,
    call: network.call,
    routes: network.routes,
    onArrival: network.onArrival,
    bus,
    load,
    secret: systemKey,
    policies,
    runtime,
    log,
    config,
    owner,
  });
}
