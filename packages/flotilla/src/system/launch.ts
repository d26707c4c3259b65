import { sqliteRegistry } from '../discovery/index.ts';
import { type Runtime, systemRuntime } from '../kernel/index.ts';
import { directBus } from '../messaging/index.ts';
import { openDataFolder, sqliteDriver } from '../store/sqlite/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createHttpPools } from '../transport/index.ts';
import { openDoors } from './doors.ts';
import { openHosts } from './hosts.ts';
import { openProcessLoad } from './load.ts';
import { joinRegistry } from './membership.ts';
import { createNetwork } from './network.ts';
import { createPeers } from './peers.ts';
import { knownPeers, placementOf, subscribersOf } from './placement.ts';
import { policiesOf, readRoutes, readSettings } from './settings.ts';
import type { SystemDefinition } from './system.ts';
import { createReadings } from './vitals.ts';

export interface LaunchOptions {
  /** Folder that the system's own paths (`gateway`, `config`) are relative to. */
  readonly baseFolder: string;
  /** Where every service's database lives. */
  readonly dataFolder: string;
  /** Port of the gateway, 8080 unless said; of the internal listener when a single service is started, any free one unless said. */
  readonly port?: number | undefined;
  /** Address the gateway listens on; loopback unless said. The internal listener never leaves loopback. */
  readonly host?: string | undefined;
  /** Leave out all other services. */
  readonly only?: readonly string[] | undefined;
  /** Run one service, or `gateway`, as one of several processes over the same data folder. */
  readonly single?: string | undefined;
  /** Where services of other processes listen that the registry does not know. */
  readonly peers?: Readonly<Record<string, string>> | undefined;
  readonly profile?: string | undefined;
  /** Settings from the command line, by dotted key. */
  readonly args?: Readonly<Record<string, string>> | undefined;
  readonly runtime?: Runtime | undefined;
  readonly log: Logger;
}

export interface RunningService {
  readonly name: string;
  readonly version: string;
  readonly team: string;
  /** Base URL of its plain HTTP side on the internal listener. */
  readonly url: string;
}

/** A system, or the part of it that this process runs. Disposing it stops it. */
export interface RunningSystem extends AsyncDisposable {
  readonly name: string;
  readonly services: readonly RunningService[];
  readonly gatewayUrl: string | undefined;
  readonly internalUrl: string;
  readonly dataFolder: string;
  /** For people: which store and which bus. */
  readonly store: string;
  readonly bus: string;
  /** Refuses new work, finishes what runs, hands leases on, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts a system in this process. Everything is checked before anything is touched, and whatever was opened is closed again
 * when a later part can't start. Rejects with the error of that part.
 */
export async function launch(system: SystemDefinition, options: LaunchOptions): Promise<RunningSystem> {
  const { baseFolder, dataFolder, log, runtime = systemRuntime } = options;
  const placement = placementOf(system, options);
  const settings = await readSettings(system, { ...options, runtime });
  const policies = settings.section('policies', policiesOf(system));
  const routes = placement.gateway ? await readRoutes(system, baseFolder) : undefined;

  await using scope = new AsyncDisposableStack();
  const { shared } = placement;
  const folder = scope.use(await openDataFolder({ folder: dataFolder, system: system.name, shared, runtime, log }));
  const driver = scope.use(sqliteDriver({ folder: dataFolder, alone: !shared, runtime, log }));
  const registry = shared ? scope.use(sqliteRegistry({ folder: dataFolder, runtime, log })) : undefined;
  const peers = scope.use(createPeers({ registry, fixed: knownPeers(system, options.peers), runtime, log }));
  const pools = scope.use(createHttpPools());
  const { systemKey } = folder;
  const here = new Set(placement.services.map(({ contract }) => contract.name));
  const network = scope.use(createNetwork({ here, peers, pools, policies, systemKey, runtime, log }));
  const bus = scope.use(directBus({ subscribers: subscribersOf(system), call: network.call, runtime }));
  const load = scope.use(openProcessLoad(runtime.clock));
  const hosts = scope.use(
    await openHosts({ placement, settings, policies, driver, network, bus, load, systemKey, runtime, log }),
  );
  const readings = createReadings({ system, hosts, peers, pools, runtime });
  const doors = scope.use(await openDoors({ ...options, runtime, routes, network, systemKey, readings }));
  const { internalUrl, gatewayUrl } = doors;
  const services = placement.services.map(({ contract: { name, version, team } }) => {
    return { name, version, team, url: `${internalUrl}/${name}` };
  });
  hosts.start();
  if (registry) scope.use(joinRegistry({ registry, services, internalUrl, runtime, log }));
  await folder.announce({ services: services.map(({ name }) => name), internalUrl, gatewayUrl });
  doors.ready();

  const opened = scope.move();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= opened.disposeAsync());
  const infrastructure = { store: driver.description, bus: bus.description };
  return {
    name: system.name,
    services,
    gatewayUrl,
    internalUrl,
    dataFolder,
    ...infrastructure,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
