import { FlotillaError } from 'flotilla/kernel';
import type { Connection } from './connection.ts';
import { ENGINE_VERSIONS } from './schema.ts';
import { statement } from './statement.ts';

interface MetaRow {
  engine_version: number;
  service: string;
  system: string | null;
}

export interface Owner {
  readonly service: string;
  /** Undefined when the caller does not tell; then any system may open it. */
  readonly system: string | undefined;
}

const exists = statement<{ found: boolean }>(`SELECT to_regclass('flotilla_meta') IS NOT NULL AS found`);
const read = statement<MetaRow>('SELECT engine_version, service, system FROM flotilla_meta');
const write = statement(
  `INSERT INTO flotilla_meta (id, engine_version, service, system) VALUES (1, $1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET engine_version = excluded.engine_version, system = coalesce(flotilla_meta.system, excluded.system)`,
);
const CREATE = `CREATE TABLE flotilla_meta (
  id integer PRIMARY KEY CHECK (id = 1), engine_version integer NOT NULL, service text NOT NULL, system text)`;

/** The engine's version in this database, 0 when it is new. Throws `DATA_TAKEN` when it belongs to somebody else. */
export async function ownedVersion(db: Connection, owner: Owner): Promise<number> {
  const { rows } = await db.query(exists);
  if (!rows[0]!.found) return 0;
  const meta = (await db.query(read)).rows[0];
  if (!meta) return 0;
  const isForeign = meta.system !== null && owner.system !== undefined && meta.system !== owner.system;
  if (meta.service !== owner.service || isForeign) throw taken(owner, meta);
  return meta.engine_version;
}

/** Writes down whose database this is and what engine it has now. */
export async function own(db: Connection, { service, system }: Owner): Promise<void> {
  if (!(await db.query(exists)).rows[0]!.found) await db.execute(CREATE);
  await db.query(write, [ENGINE_VERSIONS.length, service, system ?? null]);
}

function taken({ service }: Owner, meta: MetaRow): FlotillaError {
  const holder = `service '${meta.service}'${meta.system === null ? '' : ` of the system '${meta.system}'`}`;
  return new FlotillaError('DATA_TAKEN', {
    kind: 'unavailable',
    retryable: false,
    message: `The database for '${service}' belongs to ${holder}. Choose another database name in the address of the store.`,
    details: { service: meta.service, system: meta.system },
  });
}
