import type { Kysely } from 'kysely';
import type { Store } from './store.ts';

/** Changes a service's own tables one step; written with Kysely so that it runs on every engine. */
export type Migration<TTables = unknown> = (db: Kysely<TTables>) => Promise<void>;

/** A service's own database: what its tables look like and how they come to be. */
export interface Database<TTables = unknown> {
  /** By name, in order; applied ones are recorded by name and never run again. */
  readonly migrations: Readonly<Record<string, Migration>>;
  /** Exists in the types only. */
  readonly tables?: TTables;
}

/**
 * Declares a service's database: `database<Tables>({ '001 products': async (db) => … })`. Each migration runs in one
 * transaction; one that fails leaves nothing and stops the service with `MIGRATION_FAILED`.
 */
export function database<TTables>(migrations: Record<string, Migration<TTables>>): Database<TTables> {
  // Only the declaration knows the tables; the driver runs every service's migrations alike.
  return { migrations: migrations as Record<string, Migration> };
}

/** Opens stores of one kind: SQLite files in a folder, or databases of a PostgreSQL server. */
export interface StoreDriver extends AsyncDisposable {
  /** For people: `SQLite in /var/lib/shop`. */
  readonly description: string;
  /** Opens (and creates, and migrates) the database of a service. Throws `MIGRATION_FAILED`, `DATA_NEWER` or `DATA_UNAVAILABLE`. */
  open<TTables>(service: string, database: Database<TTables>): Promise<Store<TTables>>;
}
