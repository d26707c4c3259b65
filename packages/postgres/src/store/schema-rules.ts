import { FlotillaError } from 'flotilla/kernel';
import type { Connection } from './connection.ts';
import { statement } from './statement.ts';

const engineColumns = statement<{ columns: string }>(
  `SELECT coalesce(string_agg(c.relname || '.' || a.attname, ' ' ORDER BY c.relname, a.attnum), '') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relname LIKE 'flotilla\\_%'`,
);

/** Runs a service's migration and then looks at what it made of the engine's tables. Throws `SCHEMA_REFUSED` when it touched them. */
export async function withinRules(db: Connection, migrate: () => Promise<void>): Promise<void> {
  const before = (await db.query(engineColumns)).rows[0]!.columns;
  await migrate();
  if ((await db.query(engineColumns)).rows[0]!.columns === before) return;
  throw new FlotillaError('SCHEMA_REFUSED', {
    kind: 'invalid',
    message: `Names that start with 'flotilla_' belong to the engine: leave its tables alone and give yours another name.`,
  });
}
