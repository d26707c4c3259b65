import { type Registry, sqliteRegistry } from '../discovery/index.ts';
import { FlotillaError, type Runtime } from '../kernel/index.ts';
import { type Bus, directBus } from '../messaging/index.ts';
import type { StoreDriver } from '../store/index.ts';
import { type KeySeal, sqliteDriver } from '../store/sqlite/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { CallHandler } from '../transport/index.ts';
import type { InfrastructureSettings } from './infrastructure-settings.ts';

/** The process of a system that wants to stand on something. */
export interface Site {
  readonly system: string;
  readonly dataFolder: string;
  /** True where the rest of the system runs in processes of its own. */
  readonly shared: boolean;
  /** Ends the wait for something that is away. */
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** Where a system keeps what outlives its processes, and where these find each other. */
export interface DataPlace extends AsyncDisposable {
  readonly driver: StoreDriver;
  /** Undefined for a process that has nobody to find. */
  readonly registry: Registry | undefined;
  /** Needed where processes share no data folder. */
  readonly seal?: KeySeal | undefined;
}

export interface BusParts {
  /** Which events (`service.Name`) each service wants. */
  readonly subscribers: ReadonlyMap<string, readonly string[]>;
  /** Reaches every service of the system. */
  readonly call: CallHandler;
}

/**
 * What a system stands on, as two choices that are made where it is started and that no service knows of. What is away when it
 * is opened is waited for; what can't work at all rejects.
 */
export interface Infrastructure {
  openData(site: Site): Promise<DataPlace>;
  openBus(site: Site, parts: BusParts): Promise<Bus>;
}

/** Finds the infrastructure that settings name. */
export type ChooseInfrastructure = (settings: InfrastructureSettings) => Promise<Infrastructure>;

/** One machine, no servers: SQLite in the data folder, and events handed over directly. */
export const embedded: Infrastructure = {
  async openData({ dataFolder: folder, shared, runtime, log }) {
    await using scope = new AsyncDisposableStack();
    const driver = scope.use(sqliteDriver({ folder, alone: !shared, runtime, log }));
    const registry = shared ? scope.use(sqliteRegistry({ folder, runtime, log })) : undefined;
    const opened = scope.move();
    return { driver, registry, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  },
  async openBus({ runtime }, { subscribers, call }) {
    return directBus({ subscribers, call, runtime });
  },
};

/** Knows no drivers: whoever launches a system on servers says how they are reached. */
export const chooseEmbedded: ChooseInfrastructure = async ({ store, bus }) => {
  if (store === 'sqlite' && bus === 'direct') return embedded;
  throw new FlotillaError('INFRASTRUCTURE_UNKNOWN', {
    kind: 'invalid',
    message:
      "The settings under 'infrastructure' name servers. Start the system with the flotilla command, or pass `infrastructure` to launch.",
  });
};
