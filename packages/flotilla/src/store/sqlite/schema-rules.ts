import type { DatabaseSync } from 'node:sqlite';
import { FlotillaError } from '../../kernel/index.ts';

/**
 * Runs a service's migration and then looks at what it made of the schema. Throws `SCHEMA_REFUSED` for what would harm the
 * engine's tables or the units that share a commit.
 */
export async function withinRules(db: DatabaseSync, migrate: () => Promise<void>): Promise<void> {
  const before = engineTables(db);
  await migrate();
  if (engineTables(db) !== before) {
    throw refused(`Names that start with 'flotilla_' belong to the engine: leave its tables alone and give yours another name.`);
  }
  const deferred = db.prepare(`SELECT name FROM sqlite_schema WHERE sql LIKE '%INITIALLY%DEFERRED%'`).get();
  if (deferred) {
    // It would be checked at the commit, and fail every unit that shares it.
    throw refused(`Table '${String(deferred.name)}' has a foreign key that is INITIALLY DEFERRED; use an immediate one.`);
  }
}

function engineTables(db: DatabaseSync): string {
  const rows = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE name LIKE 'flotilla!_%' ESCAPE '!' ORDER BY name`).all();
  return JSON.stringify(rows);
}

function refused(message: string): FlotillaError {
  return new FlotillaError('SCHEMA_REFUSED', { kind: 'invalid', message });
}
