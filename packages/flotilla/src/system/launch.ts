import type { Policies } from '../client/index.ts';
import { type Runtime, systemRuntime } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createHttpPools } from '../transport/index.ts';
import { openDoors } from './doors.ts';
import { openGround } from './ground.ts';
import { openHosts } from './hosts.ts';
import { type ChooseInfrastructure, chooseEmbedded } from './infrastructure.ts';
import { infrastructureSchema } from './infrastructure-settings.ts';
import { openProcessLoad } from './load.ts';
import { joinRegistry } from './membership.ts';
import { followSettings } from './live-settings.ts';
import { createNetwork } from './network.ts';
import { createPeers } from './peers.ts';
import { knownPeers, neededBy, placementOf, subscribersOf } from './placement.ts';
import { createReadiness } from './readiness.ts';
import { policiesOf, readRoutes, readSettings } from './settings.ts';
import type { SystemDefinition } from './system.ts';
import { createReadings } from './vitals.ts';

export interface LaunchOptions {
  /** Folder that the system's own paths (`gateway`, `config`) are relative to. */
  readonly baseFolder: string;
  /** What is this machine's own: the key, notes of what runs, and every service's database unless a server holds them. */
  readonly dataFolder: string;
  /** Port of the gateway, 8080 unless said; of the internal listener when a single service is started, any free one unless said. */
  readonly port?: number | undefined;
  /** Address the gateway listens on; loopback unless said. Where the internal listener is, `infrastructure.internalHost` says. */
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
  /** Finds what the settings under `infrastructure` name; knows only what is embedded unless given. */
  readonly infrastructure?: ChooseInfrastructure | undefined;
  /** Holds all sagas of the services here back, as after an incident, until an operator resumes them. */
  readonly sagasPaused?: boolean | undefined;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
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
  /** Services in other processes without which it is not ready yet, and which nobody has listed so far. */
  waitsFor(): readonly string[];
  /** Refuses new work, finishes what runs, hands leases on, and closes everything. */
  stop(): Promise<void>;
}

const NEVER = new AbortController().signal;

/**
 * Starts a system in this process. Everything is checked before anything is touched, and whatever was opened is closed again
 * when a later part can't start. Rejects with the error of that part.
 */
export async function launch(system: SystemDefinition, options: LaunchOptions): Promise<RunningSystem> {
  const { baseFolder, dataFolder, log, runtime = systemRuntime, signal = NEVER, sagasPaused = false } = options;
  const placement = placementOf(system, options);
  const settings = await readSettings(system, { ...options, runtime });
  const policies = settings.section('policies', policiesOf(system));
  const routes = placement.gateway ? await readRoutes(system, baseFolder) : undefined;
  const chosen = settings.section('infrastructure', infrastructureSchema);
  const infrastructure = await (options.infrastructure ?? chooseEmbedded)(chosen);

  await using scope = new AsyncDisposableStack();
  const site = { system: system.name, dataFolder, shared: placement.shared, signal, runtime, log };
  const { driver, registry, systemKey, announce } = scope.use(await openGround(site, infrastructure, chosen.systemKey));
  const peers = scope.use(createPeers({ registry, fixed: knownPeers(system, options.peers), runtime, log }));
  const pools = scope.use(createHttpPools());
  const contracts = system.services.map(({ contract }) => contract);
  const here = new Set(placement.services.map(({ contract }) => contract.name));
  const network = scope.use(createNetwork({ contracts, here, peers, pools, policies, systemKey, runtime, log }));
  const bus = scope.use(await infrastructure.openBus(site, { subscribers: subscribersOf(system), call: network.call }));
  const load = scope.use(openProcessLoad(runtime.clock));
  const hosts = scope.use(
    await openHosts({ placement, settings, policies, driver, network, bus, load, systemKey, sagasPaused, runtime, log }),
  );
  const needed = neededBy(placement, routes);
  const readiness = scope.use(createReadiness({ needed, peers, stores: hosts.stores, clock: runtime.clock, log }));
  const readings = createReadings({ system, hosts, peers, readiness, pools, runtime });
  const doors = scope.use(
    await openDoors({ ...options, ...chosen, runtime, routes, network, systemKey, readings, readiness, load }),
  );
  const { internalUrl, gatewayUrl } = doors;
  const reload = (next: Policies): void => [network, hosts].forEach((part) => part.reload(next));
  const services = placement.services.map(({ contract: { name, version, team } }) => {
    return { name, version, team, url: `${internalUrl}/${name}` };
  });
  hosts.start();
  if (registry) scope.use(joinRegistry({ registry, services, internalUrl, runtime, log }));
  await announce({ services: services.map(({ name }) => name), internalUrl, gatewayUrl, store: chosen.store.split(':')[0] });
  scope.use(followSettings({ ...options, system, settings, runtime, onPolicies: reload, onRoutes: routes && doors.reload }));
  readiness.opened();

  const opened = scope.move();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= opened.disposeAsync());
  const places = { services, gatewayUrl, internalUrl, dataFolder, store: driver.description, bus: bus.description };
  const waitsFor = (): readonly string[] => readiness.waitsFor;
  return { name: system.name, ...places, waitsFor, stop, [Symbol.asyncDispose]: stop };
}
