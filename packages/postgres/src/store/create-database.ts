import { FlotillaError, sleep, systemClock } from 'flotilla/kernel';
import { type Address, maintenanceAddresses } from './address.ts';
import { Connection } from './connection.ts';
import { isDuplicateDatabase, isForbidden, isUnknownDatabase } from './failure.ts';
import { statement } from './statement.ts';

const OLDEST_VERSION = 140_000;
const STALE_MS = 20_000;
const LOOK_MS = 100;

const version = statement<{ version: number; name: string }>(
  `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_version') AS name`,
);

/** A connection without limits of time, for migrations, to a database that is created when it is missing. */
export async function openOrCreate(url: string, address: Address): Promise<Connection> {
  const connection = await open(address).catch(async (error: unknown) => {
    if (!isUnknownDatabase(error)) throw error;
    await create(url, address);
    return await openCreated(address);
  });
  const { version: found, name } = (await connection.query(version)).rows[0]!;
  if (found >= OLDEST_VERSION) return connection;
  await connection[Symbol.asyncDispose]();
  throw new FlotillaError('DATA_UNAVAILABLE', {
    kind: 'unavailable',
    retryable: false,
    message: `'${address.description}' is PostgreSQL ${name}. Use version 14 or later.`,
  });
}

const open = ({ url }: Address): Promise<Connection> =>
  Connection.open({ url, name: 'flotilla migrations', statementMs: Infinity });

/** A pooler that was told of no such database repeats that for a while without asking again; PgBouncer for 15 s unless told. */
async function openCreated(address: Address): Promise<Connection> {
  const giveUpAt = systemClock.monotonic() + STALE_MS;
  for (;;) {
    try {
      return await open(address);
    } catch (error) {
      if (!isUnknownDatabase(error) || systemClock.monotonic() > giveUpAt) throw error;
    }
    await sleep(systemClock, LOOK_MS);
  }
}

async function create(url: string, { database, description }: Address): Promise<void> {
  await using connection = await openAny(maintenanceAddresses(url));
  try {
    await connection.execute(`CREATE DATABASE "${database.replaceAll('"', '""')}"`);
  } catch (cause) {
    // Another process was quicker.
    if (isDuplicateDatabase(cause)) return;
    if (!isForbidden(cause)) throw cause;
    throw new FlotillaError('DATA_UNAVAILABLE', {
      kind: 'unavailable',
      retryable: false,
      message: `'${description}' does not exist and its user may not create it. Run CREATE DATABASE "${database}" as one who may, owned by this user.`,
      cause,
    });
  }
}

async function openAny(addresses: readonly Address[]): Promise<Connection> {
  for (const address of addresses.slice(0, -1)) {
    try {
      return await open(address);
    } catch (error) {
      if (!isUnknownDatabase(error)) throw error;
    }
  }
  return await open(addresses.at(-1)!);
}
