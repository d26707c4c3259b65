import type { DatabaseSync } from 'node:sqlite';
import { type Clock, FlotillaError, isFlotillaError } from '../../kernel/index.ts';
import type { Database, Migration } from '../database.ts';
import type { Transaction } from '../store.ts';
import type { Committer } from './committer.ts';
import { patiently } from './patience.ts';
import { ENGINE_VERSIONS, engineVersion } from './schema.ts';
import { withinRules } from './schema-rules.ts';

/** Throws `DATA_NEWER` when the database was written by newer code than this. It changes nothing. */
export function refuseNewer(db: DatabaseSync, service: string, { migrations }: Database): void {
  const version = engineVersion(db);
  if (version > ENGINE_VERSIONS.length) {
    throw newer(service, `by a newer Flotilla (engine version ${version}, this one knows ${ENGINE_VERSIONS.length})`);
  }
  const unknown = version === 0 ? undefined : appliedNames(db).find((name) => !Object.hasOwn(migrations, name));
  if (unknown !== undefined) throw newer(service, `by newer code of the service (this code has no migration '${unknown}')`);
}

function appliedNames(db: DatabaseSync): string[] {
  return db
    .prepare('SELECT name FROM flotilla_migrations ORDER BY name')
    .all()
    .map(({ name }) => String(name));
}

/** Brings the engine's own tables to the present version. */
export async function migrateEngine(db: DatabaseSync, clock: Clock): Promise<void> {
  await patiently(clock, () => db.exec('BEGIN IMMEDIATE'));
  try {
    const version = engineVersion(db);
    for (const statements of ENGINE_VERSIONS.slice(version)) db.exec(statements);
    // Written even when nothing changed: whether commits are durable is looked up after a first write.
    db.exec(`PRAGMA user_version = ${Math.max(version, ENGINE_VERSIONS.length)}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export interface MigrateOptions {
  readonly db: DatabaseSync;
  readonly service: string;
  readonly database: Database;
  readonly committer: Committer;
  readonly clock: Clock;
}

/** Runs the service's migrations that were not applied yet, by name in order, each in a unit together with its record. */
export async function migrateService({ db, service, database, committer, clock }: MigrateOptions): Promise<void> {
  const applied = db.prepare('SELECT 1 FROM flotilla_migrations WHERE name = ?');
  const record = db.prepare('INSERT INTO flotilla_migrations (name, at) VALUES (?, ?)');

  const apply = async (tx: Transaction, name: string, migration: Migration): Promise<void> => {
    // Looked up under the write lock: another process may be migrating too.
    if (applied.get(name)) return;
    await withinRules(db, () => migration(tx.db));
    record.run(name, clock.now());
  };

  for (const [name, migration] of Object.entries(database.migrations).sort(([left], [right]) => (left < right ? -1 : 1))) {
    try {
      await committer.submit((tx) => apply(tx, name, migration), { timeoutMs: Infinity });
    } catch (cause) {
      throw failed(service, name, cause);
    }
  }
}

function newer(service: string, by: string): FlotillaError {
  return new FlotillaError('DATA_NEWER', {
    kind: 'unavailable',
    retryable: false,
    message: `The database of '${service}' was written ${by}. Nothing was changed. Start the newer version again.`,
  });
}

function failed(service: string, migration: string, cause: unknown): FlotillaError {
  if (isFlotillaError(cause) && cause.code === 'STORE_UNAVAILABLE') return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FlotillaError('MIGRATION_FAILED', {
    kind: 'unavailable',
    retryable: false,
    message: `Migration '${migration}' of service '${service}' failed and left nothing behind: ${why}`,
    details: { service, migration },
    cause,
  });
}
