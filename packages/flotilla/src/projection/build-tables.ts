import type { Kysely } from 'kysely';
import type { ProjectionBuild, Transaction } from '../store/index.ts';
import { inBuild, nameInBuild } from './build-names.ts';
import type { Projection } from './definition.ts';

type Built = Pick<ProjectionBuild, 'build' | 'tables'>;

/** The names of the tables that a projection fills; none when it writes elsewhere. */
export function tableNames({ destination }: Projection): readonly string[] {
  return 'tables' in destination ? destination.tables.names : [];
}

/** A view of the database in which the plain names are the tables of one build. */
export function dbOf(tx: Pick<Transaction, 'db'>, { build, tables }: Built): Kysely<unknown> {
  return tables.length === 0 ? tx.db : tx.db.withPlugin(inBuild(build, tables));
}

export async function createTables(tx: Transaction, { destination }: Projection, built: Built): Promise<void> {
  if ('tables' in destination) await destination.tables.create(dbOf(tx, built));
}

export async function dropTables({ db }: Transaction, { build, tables }: Built): Promise<void> {
  for (const table of tables) await db.schema.dropTable(nameInBuild(table, build)).ifExists().execute();
}

/** Makes the plain names mean another build, for every process at once when the transaction commits. */
export async function showTables({ db }: Transaction, shown: Built, before?: Built): Promise<void> {
  for (const table of before?.tables ?? []) await db.schema.dropView(table).ifExists().execute();
  for (const table of shown.tables) {
    const query = (db as Kysely<Record<string, object>>).selectFrom(nameInBuild(table, shown.build)).selectAll();
    await db.schema.createView(table).as(query).execute();
  }
}
