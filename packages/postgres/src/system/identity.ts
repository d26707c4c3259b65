import { FlotillaError } from 'flotilla/kernel';
import type { KeySeal } from 'flotilla/store/sqlite';
import { SCHEMA, SCHEMA_ALONE } from '../registry/schema.ts';
import { systemAddress } from '../store/address.ts';
import { Connection } from '../store/connection.ts';
import { openOrCreate } from '../store/create-database.ts';
import { statement } from '../store/statement.ts';

interface Identity {
  system: string;
  key_fingerprint: string | null;
}

const MAKE = `
  ${SCHEMA_ALONE}
  CREATE TABLE IF NOT EXISTS ${SCHEMA}.identity (
    one smallint PRIMARY KEY CHECK (one = 1), system text NOT NULL, key_fingerprint text
  );
`;
const isMade = statement<{ made: boolean }>(`SELECT to_regclass('${SCHEMA}.identity') IS NOT NULL AS made`);
const find = statement<Identity>(`SELECT system, key_fingerprint FROM ${SCHEMA}.identity`);
const claim = statement(`INSERT INTO ${SCHEMA}.identity VALUES (1, $1, NULL) ON CONFLICT DO NOTHING`);
const sealKey = statement(`UPDATE ${SCHEMA}.identity SET key_fingerprint = coalesce(key_fingerprint, $1)`);

/**
 * Claims the system's own database for a system, or sees that it is this one's. Returns what its machines remember together about
 * their key. Throws `DATA_FOREIGN`.
 */
export async function enterSystem(url: string, system: string): Promise<KeySeal> {
  const place = systemAddress(url);
  const connect = (): Promise<Connection> => Connection.open({ url: place.url, name: `flotilla ${system}` });
  await using db = await openOrCreate(url, place);
  if (!(await db.query(isMade)).rows[0]!.made) await db.execute(MAKE);
  await db.query(claim, [system]);
  const owner = (await db.query(find)).rows[0]!.system;
  if (owner !== system) throw foreign(place.description, { owner, system });
  return async (fingerprint) => {
    await using sealing = await connect();
    if (fingerprint !== undefined) await sealing.query(sealKey, [fingerprint]);
    return (await sealing.query(find)).rows[0]!.key_fingerprint ?? undefined;
  };
}

function foreign(place: string, { owner, system }: { owner: string; system: string }): FlotillaError {
  return new FlotillaError('DATA_FOREIGN', {
    kind: 'unavailable',
    retryable: false,
    message: `'${place}' holds the data of the system '${owner}', not of '${system}'. Choose another database.`,
    details: { system: owner },
  });
}
