import { FlotillaError, isFlotillaError } from 'flotilla/kernel';
import type { Database, Migration } from 'flotilla/store';
import type { Connection } from './connection.ts';
import { createKysely } from './dialect.ts';
import { sqlState } from './failure.ts';
import { own, type Owner, ownedVersion } from './ownership.ts';
import { ENGINE_VERSIONS, LOCK_CLASS, MIGRATING } from './schema.ts';
import { withinRules } from './schema-rules.ts';
import { statement } from './statement.ts';

const lock = statement(`SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${MIGRATING})`);
const appliedNames = statement<{ name: string }>('SELECT name FROM flotilla_migrations ORDER BY name');
const record = statement('INSERT INTO flotilla_migrations (name, at) VALUES ($1, flotilla_now())');

/**
 * Brings the engine's tables and then the service's to the present version, one process at a time. Throws `DATA_NEWER` and
 * `DATA_TAKEN` before it changes anything.
 */
export async function migrate(db: Connection, owner: Owner, database: Database): Promise<void> {
  await inTransaction(db, async () => {
    const version = await ownedVersion(db, owner);
    if (version > 0) await refuseNewer(db, owner.service, { version, database });
    for (const statements of ENGINE_VERSIONS.slice(version)) await db.execute(statements);
    if (version < ENGINE_VERSIONS.length || owner.system !== undefined) await own(db, owner);
  });
  const names = Object.entries(database.migrations).sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [name, migration] of names) {
    try {
      await inTransaction(db, () => apply(db, name, migration));
    } catch (cause) {
      throw failed(owner.service, name, cause);
    }
  }
}

async function refuseNewer(db: Connection, service: string, found: { version: number; database: Database }): Promise<void> {
  const { version, database } = found;
  if (version > ENGINE_VERSIONS.length) {
    throw newer(service, `by a newer Flotilla (engine version ${version}, this one knows ${ENGINE_VERSIONS.length})`);
  }
  const names = (await db.query(appliedNames)).rows.map(({ name }) => name);
  const unknown = names.find((name) => !Object.hasOwn(database.migrations, name));
  if (unknown !== undefined) throw newer(service, `by newer code of the service (this code has no migration '${unknown}')`);
}

async function apply(db: Connection, name: string, migration: Migration): Promise<void> {
  // Looked up under the lock: another process may be migrating too.
  const { rows } = await db.query(appliedNames);
  if (rows.some((row) => row.name === name)) return;
  await withinRules(db, () => migration(createKysely((query) => db.send(query))));
  await db.query(record, [name]);
}

/** The lock ends with the transaction, so that it holds behind a pooler too. */
async function inTransaction(db: Connection, work: () => Promise<void>): Promise<void> {
  await db.execute('BEGIN');
  try {
    await db.query(lock);
    await work();
    await db.execute('COMMIT');
  } catch (error) {
    if (db.isOpen) await db.execute('ROLLBACK');
    throw error;
  }
}

function newer(service: string, by: string): FlotillaError {
  return new FlotillaError('DATA_NEWER', {
    kind: 'unavailable',
    retryable: false,
    message: `The database of '${service}' was written ${by}. Nothing was changed. Start the newer version again.`,
  });
}

function failed(service: string, migration: string, cause: unknown): unknown {
  // The server went away: that says nothing about the migration.
  if (!isFlotillaError(cause) && sqlState(cause)?.startsWith('57')) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FlotillaError('MIGRATION_FAILED', {
    kind: 'unavailable',
    retryable: false,
    message: `Migration '${migration}' of service '${service}' failed and left nothing behind: ${why}`,
    details: { service, migration },
    cause,
  });
}
