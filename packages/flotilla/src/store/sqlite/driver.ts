import { join } from 'node:path';
import { FlotillaError, isFlotillaError, type Runtime } from '../../kernel/index.ts';
import { type Logger, silentLogger } from '../../telemetry/index.ts';
import type { Database, StoreDriver } from '../database.ts';
import type { Store } from '../store.ts';
import { assertDurable, makeDurable, openReader, openWriter } from './connection.ts';
import { dataUnavailable } from './failure.ts';
import { refuseNetworkFileSystem } from './file-system.ts';
import { makeFolder } from './make-folder.ts';
import { migrateEngine, migrateService, refuseNewer } from './migrations.ts';
import { endLeasesOfTheDead } from './orphans.ts';
import { patiently } from './patience.ts';
import { SqliteStore } from './store.ts';

export interface SqliteDriverOptions {
  /** Each service's database is the file `<service>.db` in here. */
  folder: string;
  /** True for a process that has the folder to itself, by its lock: it goes on at once where a dead process stopped. */
  alone?: boolean;
  /** True where no other process ever opens the folder: locks stay in memory, which spares a small transaction most of its system calls. */
  confined?: boolean;
  runtime: Pick<Runtime, 'clock'>;
  log?: Logger;
}

const SERVICE = /^[a-z][a-z0-9-]{0,62}$/;
/** `lock.db` is the data folder's own. */
const RESERVED = 'lock';

/**
 * Keeps each service's database as an SQLite file in one folder, made to survive a power loss. Several processes of one
 * machine may open the same file. The engine's tables start with `flotilla_`; a service's own must not.
 */
export function sqliteDriver(options: SqliteDriverOptions): StoreDriver {
  const open = new Set<AsyncDisposable>();
  return {
    description: `SQLite in ${options.folder}`,
    async open<TTables>(service: string, database: Database<TTables>): Promise<Store<TTables>> {
      const store = await openStore(options, service, database);
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

async function openStore(
  { folder, alone, confined, runtime, log }: SqliteDriverOptions,
  service: string,
  database: Database,
): Promise<SqliteStore> {
  if (!SERVICE.test(service) || service === RESERVED) throw badName(service);
  const path = join(folder, `${service}.db`);
  await using opening = new AsyncDisposableStack();
  try {
    makeFolder(folder);
    refuseNetworkFileSystem(folder);
    const writer = openWriter(path, confined);
    opening.defer(() => void (writer.isOpen && writer.close()));
    await patiently(runtime.clock, () => refuseNewer(writer, service, database));
    await patiently(runtime.clock, () => makeDurable(writer));
    await migrateEngine(writer, runtime.clock);
    assertDurable(writer, path);
    if (alone) endLeasesOfTheDead(writer);
    const reader = openReader(path, confined);
    opening.defer(() => void (reader.isOpen && reader.close()));
    const store = opening.use(new SqliteStore({ service, writer, reader, runtime, log: log ?? silentLogger }));
    await migrateService({ db: writer, service, database, committer: store.committer, clock: runtime.clock });
    opening.move();
    return store;
  } catch (cause) {
    throw isFlotillaError(cause) ? cause : dataUnavailable(path, cause);
  }
}

function badName(service: string): FlotillaError {
  return new FlotillaError('INVALID_SERVICE_NAME', {
    kind: 'invalid',
    message: `'${service}' can't name a database. Use lower-case letters, digits and dashes; '${RESERVED}' is taken.`,
  });
}
