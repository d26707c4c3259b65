import { isFlotillaError, type Runtime } from 'flotilla/kernel';
import type { Database, Store, StoreDriver } from 'flotilla/store';
import { type Logger, silentLogger } from 'flotilla/telemetry';
import { addressOf, describe, unitsOf } from './address.ts';
import { type Connections, connectionsTo } from './connections.ts';
import { openOrCreate } from './create-database.ts';
import { dataUnavailable } from './failure.ts';
import { migrate } from './migrations.ts';
import { PostgresStore } from './store.ts';

export interface PostgresDriverOptions {
  /**
   * `postgres://user:password@host:5432/shop`: each service's database is `shop_<service>`, created when missing. With `?units=2`
   * no more units of one service than that run at once in this process, each on a connection; 4 unless said.
   */
  readonly url: string;
  /** The name of the system; a database that another system has opened before is refused. */
  readonly system?: string | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log?: Logger | undefined;
  /** False leaves it to polling to find what other processes commit; true unless said. */
  readonly wakeUps?: boolean | undefined;
}

/**
 * Keeps each service's database on a PostgreSQL server, version 14 or later. Any number of processes on any number of machines
 * may open it at once. The engine's tables start with `flotilla_`; a service's own must not.
 */
export function postgresDriver(options: PostgresDriverOptions): StoreDriver {
  const open = new Set<AsyncDisposable>();
  const maxUnits = unitsOf(options.url);
  return {
    description: describe(options.url),
    async open<TTables>(service: string, database: Database<TTables>): Promise<Store<TTables>> {
      const store = await openStore({ ...options, maxUnits }, service, database);
      open.add(store);
      // Only its service knows the tables; the store handles every table alike.
      return store as unknown as Store<TTables>;
    },
    async [Symbol.asyncDispose]() {
      const stores = [...open];
      open.clear();
      await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
    },
  };
}

interface StoreOptions extends PostgresDriverOptions {
  readonly maxUnits: number;
}

async function openStore(options: StoreOptions, service: string, database: Database): Promise<PostgresStore> {
  const { url, system, runtime, maxUnits, log = silentLogger, wakeUps = true } = options;
  const address = addressOf(url, service);
  try {
    await using connection = await openOrCreate(url, address);
    await migrate(connection, { service, system }, database);
  } catch (cause) {
    throw isFlotillaError(cause) ? cause : dataUnavailable(address.description, cause);
  }
  const connections = connectionsTo(address.url, service, maxUnits);
  await proveSettings(connections, address.description);
  return new PostgresStore({ service, connections, runtime, log, wakeUps });
}

/** A pooler may refuse what the store asks of its sessions. Better now than when the first unit comes. */
async function proveSettings({ engine }: Connections, description: string): Promise<void> {
  try {
    await engine.connection();
  } catch (cause) {
    throw dataUnavailable(description, cause);
  }
}
